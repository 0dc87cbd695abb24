"""A car's real web server with made-up pictures: what viewers and recorders of a drive connect to in tests."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from car.camera.frame import Frame, Picture
from car.network_thread import Network, listening_socket
from car.perception.perception import Perception
from car.perception.seen import Box, Detection, LaneView
from car.perception.sighting import DetectorView, locate_car, locate_sign
from car.piloting.pilot_state import PilotOutputs
from car.snapshot import Snapshot
from car.video.stream import stream_app
from car.video.stream_hub import StreamHub
from city.city import Command
from fleet.messages import DriveMode, Position, Report


def snapshot(
    level: int,
    sequence: int,
    *,
    captured_s: float = 0.0,
    speed_mps: float = 0.1,
    curvature_per_m: float = 1.5,
    command: Command = Command.FOLLOW,
) -> Snapshot:
    """A grey picture with a sign and a car on it."""
    detections = (
        Detection("Museum", 0.9, Box(200, 60, 230, 90)),
        Detection("Car", 0.8, Box(60, 90, 120, 150)),
    )
    view = DetectorView(320, 0, 240)
    sign, car = locate_sign(detections[0], view), locate_car(detections[1], view)
    assert sign is not None
    assert car is not None
    perception = Perception(0.0, LaneView(-0.3), (sign,), (car,), detections)
    report = Report(
        sequence=1,
        mode=DriveMode.DRIVING,
        position=Position(edge=3, s_m=0.2, next_edge=15),
        speed_mps=0.1,
        command=Command.LEFT,
        battery_percent=80,
        battery_v=11.8,
        faults=("camera: just a test",),
    )
    picture: Picture = np.full((240, 320, 3), level, np.uint8)
    outputs = PilotOutputs(3.0, 4.0, speed_mps, curvature_per_m, Command.LEFT, report)
    return Snapshot(Frame(picture, sequence, captured_s), perception, outputs, "museum", 0.0, command)


@dataclass
class Served:
    """A running stream; `feed` publishes a picture every 20 ms, brighter each time unless told otherwise."""

    hub: StreamHub
    network: Network
    port: int
    stopping: threading.Event = field(default_factory=threading.Event)
    publish_s: list[float] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def feed(self, shown: Callable[[int], Snapshot]) -> None:
        sequence = 0
        while not self.stopping.wait(0.02):
            sequence += 1
            started_s = time.perf_counter()
            self.hub.publish(shown(sequence))
            self.publish_s.append(time.perf_counter() - started_s)


@contextmanager
def served_stream(
    shown: Callable[[int], Snapshot] = lambda k: snapshot(k % 256, k), hidden_path: str = ""
) -> Iterator[Served]:
    """A car's web server on the loopback address, and a thread that publishes what `shown` gives for 1, 2, 3 …"""
    hub = StreamHub()
    listening = listening_socket("127.0.0.1", 0)
    network = Network(None, hub, stream_app(hub, lambda: {"car_id": "car-1"}, hidden_path), listening)
    network.start()
    served = Served(hub, network, listening.getsockname()[1])
    feeder = threading.Thread(target=served.feed, args=(shown,))
    feeder.start()
    try:
        yield served
    finally:
        served.stopping.set()
        feeder.join()
        started_s = time.monotonic()
        network.stop()
        assert time.monotonic() - started_s < 1.0
