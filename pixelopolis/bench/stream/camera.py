"""The measured car: a real car's web server and link, whose camera is a made-up scene. Runs in a process of its own."""

from __future__ import annotations

import threading
import time

from car.camera.frame import Frame
from car.connection.link import Link
from car.network_thread import Network, listening_socket
from car.perception.perception import Perception
from car.perception.seen import LaneView
from car.piloting.pilot_state import PilotOutputs
from car.snapshot import Snapshot
from car.video.stream import stream_app
from car.video.stream_hub import StreamHub
from city.city import Command
from fleet.clock import WallClock
from fleet.messages import DriveMode, Hello, Report
from pixelopolis.bench.stream.clock_strip import write_clock
from pixelopolis.bench.stream.scene import RATE_HZ, Pictures, scene

CAR_ID = "car-1"


def run_camera(server_url: str, key: str) -> None:
    """Serve until killed, with a car's key."""
    pictures = scene()
    hub = StreamHub()
    listening = listening_socket("127.0.0.1", 0)
    stream_url = f"http://127.0.0.1:{listening.getsockname()[1]}/stream.mjpg"
    link = Link(server_url, key, Hello(car_id=CAR_ID, device_id="d" * 32, stream_url=stream_url), WallClock())
    network = Network(link, hub, stream_app(hub, dict), listening)
    network.start()
    begun_s = time.monotonic()
    sequence = 0
    while True:
        sequence += 1
        threading.Event().wait(max(0.0, begun_s + sequence / RATE_HZ - time.monotonic()))
        hub.publish(_snapshot(pictures, sequence))


def _snapshot(pictures: Pictures, sequence: int) -> Snapshot:
    captured_s = time.monotonic()
    picture = pictures[sequence % len(pictures)].copy()
    write_clock(picture, time.time())
    report = Report(
        sequence=sequence, mode=DriveMode.IDLE, position=None, speed_mps=0.0, battery_percent=80, battery_v=11.8
    )
    outputs = PilotOutputs(0.0, 0.0, 0.0, 0.0, Command.FOLLOW, report)
    perception = Perception(captured_s, LaneView(0.0), (), (), ())
    return Snapshot(Frame(picture, sequence, captured_s), perception, outputs, None, captured_s)
