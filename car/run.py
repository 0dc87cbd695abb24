"""A whole car: everything put together, run until told to stop."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from car.board_keeper import BoardKeeper
from car.camera.camera import Camera, camera_source
from car.config import CarConfig, Overrides, load_config
from car.connection.city_source import fetch_city
from car.connection.device import device_id
from car.connection.enrolment import car_key
from car.connection.link import Link
from car.control_loop import ControlLoop, Listeners
from car.network_thread import Network, address_towards, listening_socket
from car.neural_networks import open_detector, open_lane_model
from car.perception.eyes import Eyes
from car.piloting.intent import SpeedLimits
from car.piloting.pilot import Pilot
from car.video.stream import stream_app
from car.video.stream_hub import StreamHub
from car.wheels import Odometer
from city.city import City
from firmware_bridge.board import Board
from fleet.clock import WallClock
from fleet.messages import Hello, Report

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

# A thread that waits for the interpreter gets it within this; the default of 5 ms would cost an eighth of a period.
SWITCH_INTERVAL_S = 0.001

# How much more urgent than other programs the car asks to be: on a busy machine it must not wait its turn.
PRIORITY = -10

SECRET_BYTES = 16  # of the path to its pictures, which only the server is told, and who reads the car's log

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CarOptions:
    """What a car must be told."""

    car_id: str
    server_url: str
    camera_url: str
    board_url: str
    config_path: Path | None = None
    stream_port: int = 0
    overrides: Overrides | None = None
    tracing: TracerProvider | None = None


def open_eyes(config: CarConfig) -> Eyes:
    """Load both models.

    Raises:
        ModelError: if one of them cannot be used.
    """
    return Eyes(
        open_lane_model(config),
        open_detector(config),
        config.detector_every,
        config.camera.geometry(),
        config.chassis.geometry(),
    )


def run_car(options: CarOptions) -> None:
    """Drive until SIGTERM or SIGINT; the wheels stand when it returns.

    Raises:
        CameraError, ModelError, ConfigError, EnrolmentError, ValueError, OSError: if what was given cannot be used.
    """
    config = load_config(options.config_path, options.overrides)
    key = car_key(options.server_url, options.car_id)
    camera = Camera(camera_source(options.camera_url))
    eyes = open_eyes(config)
    host = address_towards(options.server_url)
    listening = listening_socket(host, options.stream_port)
    hidden_path = f"/{secrets.token_urlsafe(SECRET_BYTES)}"
    stream_url = f"http://{host}:{listening.getsockname()[1]}{hidden_path}/stream.mjpg"
    hello = Hello(
        car_id=options.car_id,
        device_id=device_id(options.car_id),
        stream_url=stream_url,
        software=f"pixelopolis {version('pixelopolis')}",
    )
    clock = WallClock()
    link = Link(options.server_url, key, hello, clock)
    stopping = _stop_on_signals()
    _ask_for_priority()
    with camera:
        city = fetch_city(options.server_url, stopping)
        if city is None:
            return
        hub = StreamHub(config.stream_quality, config.camera.geometry())
        loop = ControlLoop(
            camera,
            eyes,
            _pilot(city, config),
            BoardKeeper(lambda: Board.open(options.board_url), Odometer(config.chassis.geometry())),
            link.words,
            Listeners(_publish(link, options), hub.publish),
            clock,
        )
        app = stream_app(hub, _figures(options, loop, link, camera, hub), hidden_path)
        network = Network(link, hub, app, listening)
        network.start()
        _log.info("car %s: picture at %s", options.car_id, stream_url)
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        try:
            loop.run(stopping)
        finally:
            network.stop()
    _log.info("car %s: stopped", options.car_id)


def _publish(link: Link, options: CarOptions) -> Callable[[Report], None]:
    """Reports go to the server, and where traces are asked for, spans come of them."""
    if options.tracing is None:
        return link.publish
    from car.connection.drive_traces import DriveTraces  # needs what only the extra `tracing` brings

    traces = DriveTraces(options.tracing, options.car_id)

    def publish(report: Report) -> None:
        link.publish(report)
        traces.look(report)

    return publish


def _pilot(city: City, config: CarConfig) -> Pilot:
    limits = SpeedLimits(config.speed_scale, config.hand_mps)
    return Pilot(city, config.chassis.geometry(), config.camera.geometry(), limits)


def _ask_for_priority() -> None:
    try:
        os.setpriority(os.PRIO_PROCESS, 0, PRIORITY)
    except PermissionError:
        _log.info("runs at usual priority; grant CAP_SYS_NICE for steadier control on a busy machine")


def _stop_on_signals() -> threading.Event:
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    return stopping


def _figures(
    options: CarOptions, loop: ControlLoop, link: Link, camera: Camera, hub: StreamHub
) -> Callable[[], dict[str, Any]]:
    """What /metrics.json answers."""

    def figures() -> dict[str, Any]:
        return {
            "car_id": options.car_id,
            "loop": loop.timer.summary().model_dump(),
            "camera": {"url": camera.url, "error": camera.error},
            "server": {"url": options.server_url, "connected": link.words().connected},
            "stream": {"viewers": hub.watchers, "encoded": hub.encoded_count},
        }

    return figures
