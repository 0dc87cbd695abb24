"""Whether a car is fit to drive: every part tried by itself, the wheels at rest."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from car.battery import battery_percent
from car.camera.camera import Camera, camera_source
from car.config import CarConfig, Overrides, load_config
from car.networks import open_detector, open_lane_model
from car.perception.sidecar import NO_LABEL
from car.perception.sighting import CAR_LABEL
from city.city import Command
from city.sign_catalogue import SIGN_KINDS
from firmware_bridge.board import Board
from fleet.vehicle import DEFAULT_CAMERA

CAMERA_TRIAL_S = 1.5
LEAST_RATE_HZ = 15.0
OLDEST_FRAME_S = 0.15
MODEL_TRIALS = 30
LONGEST_LOOK_S = 0.03
EXCHANGES = 20
LONGEST_EXCHANGE_S = 0.02
LEAST_BATTERY_V = 10.5
HOTTEST_MOTOR_C = 65.0


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One line of the table."""

    part: str
    fit: bool
    found: str


def check_car(
    camera_url: str, board_url: str, config_path: Path | None = None, overrides: Overrides | None = None
) -> list[CheckResult]:
    """Try camera, both models and the board; never raises for what is wrong with them.

    Raises:
        ConfigError: if the configuration is wrong.
    """
    config = load_config(config_path, overrides)
    return [
        _try("camera", lambda: check_camera(camera_url)),
        _try("lane model", lambda: check_lane_model(config)),
        _try("detector", lambda: check_detector(config)),
        _try("board", lambda: check_board(board_url)),
    ]


def _try(part: str, trial: Callable[[], tuple[bool, str]]) -> CheckResult:
    try:
        fit, found = trial()
    except (RuntimeError, OSError, ValueError) as error:
        return CheckResult(part, False, str(error))
    return CheckResult(part, fit, found)


def check_camera(url: str) -> tuple[bool, str]:
    """Picture size, rate and age.

    Raises:
        CameraError: if the address makes no sense.
    """
    ages_s: list[float] = []
    with Camera(camera_source(url)) as camera:
        first = camera.wait_newer(-1, CAMERA_TRIAL_S)
        if first is None:
            return False, camera.error or f"camera {url}: no picture within {CAMERA_TRIAL_S} s"
        started_s, sequence = time.monotonic(), first.sequence
        while (left_s := started_s + CAMERA_TRIAL_S - time.monotonic()) > 0:
            frame = camera.wait_newer(sequence, left_s)
            if frame is not None:
                sequence = frame.sequence
                ages_s.append(frame.age_s(time.monotonic()))
    rate_hz = (sequence - first.sequence) / CAMERA_TRIAL_S
    age_s = float(np.median(ages_s)) if ages_s else float("inf")
    height_px, width_px = first.picture.shape[:2]
    right_size = (width_px, height_px) == (DEFAULT_CAMERA.width_px, DEFAULT_CAMERA.height_px)
    fit = rate_hz >= LEAST_RATE_HZ and age_s <= OLDEST_FRAME_S and right_size
    return fit, f"{width_px} x {height_px} at {rate_hz:.0f} frames/s, {age_s * 1e3:.0f} ms old"


def check_lane_model(config: CarConfig) -> tuple[bool, str]:
    """Time per look.

    Raises:
        ModelError: if it cannot be used.
    """
    model = open_lane_model(config)
    return _timed(config.lane_model, lambda picture: model.look(picture, Command.FOLLOW))


def check_detector(config: CarConfig) -> tuple[bool, str]:
    """Time per look, and whether its labels are signs and cars.

    Raises:
        ModelError: if it cannot be used.
    """
    model = open_detector(config)
    fast, found = _timed(config.detector_model, model.look)
    labels = set(model.sidecar.labels) - {NO_LABEL}
    strange = sorted(labels - {*SIGN_KINDS, CAR_LABEL})
    if not strange:
        return fast, f"{found}, {len(labels)} labels"
    known = len(labels) - len(strange)
    return fast and known > 0, (
        f"{found}, {len(labels)} labels, {len(strange)} of them neither signs of the city nor {CAR_LABEL} "
        f"and so of no use: {_shortened(strange)}"
    )


def _shortened(words: Sequence[str], most: int = 4) -> str:
    return ", ".join(words[:most]) + (", …" if len(words) > most else "")


def _timed(path: Path, look: Callable[[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]], object]) -> tuple[bool, str]:
    picture = np.zeros((DEFAULT_CAMERA.height_px, DEFAULT_CAMERA.width_px, 3), np.uint8)
    look(picture)
    times_s = []
    for _ in range(MODEL_TRIALS):
        started_s = time.perf_counter()
        look(picture)
        times_s.append(time.perf_counter() - started_s)
    median_s = float(np.median(times_s))
    fast = median_s <= LONGEST_LOOK_S
    limit = "" if fast else f" where {LONGEST_LOOK_S * 1e3:.0f} is the most that is fit"
    return fast, f"{path.name}, {median_s * 1e3:.1f} ms per picture{limit}"


def check_board(url: str) -> tuple[bool, str]:
    """Exchanges, battery and motors.

    Raises:
        BoardError: if it does not answer as it should.
    """
    board = Board.open(url)
    try:
        times_s = []
        for _ in range(EXCHANGES):
            started_s = time.perf_counter()
            state = board.exchange(0.0, 0.0)
            times_s.append(time.perf_counter() - started_s)
    finally:
        board.close()
    slowest_s = float(np.quantile(times_s, 0.9))
    hottest_c = max(state.left.temperature_c, state.right.temperature_c)
    fit = slowest_s <= LONGEST_EXCHANGE_S and state.battery_v >= LEAST_BATTERY_V and hottest_c <= HOTTEST_MOTOR_C
    return fit, (
        f"battery {state.battery_v:.1f} V ({battery_percent(state.battery_v):.0f} %), motors {hottest_c:.0f} °C, "
        f"{slowest_s * 1e3:.1f} ms per exchange"
    )
