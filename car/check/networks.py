"""Whether both networks load, are fast enough, and know what there is to see."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from car.check.result import Finding, complaints
from car.config import CarConfig
from car.neural_networks import open_detector, open_lane_model
from car.perception.sidecar import NO_LABEL
from car.perception.sighting import CAR_LABEL
from city.city import Command
from city.sign_catalogue import SIGN_KINDS
from fleet.vehicle import DEFAULT_CAMERA

TRIALS = 30
LONGEST_LOOK_S = 0.03
ADVICE = "name another file with --config or --detector; without either, the shipped one is used"


def check_lane_model(config: CarConfig) -> Finding:
    """Time per look.

    Raises:
        ModelError: if it cannot be used.
    """
    model = open_lane_model(config)
    return _timed(config.lane_model, lambda picture: model.look(picture, Command.FOLLOW))


def check_detector(config: CarConfig) -> Finding:
    """Time per look, and whether its labels are signs and cars.

    Raises:
        ModelError: if it cannot be used.
    """
    model = open_detector(config)
    timed = _timed(config.detector_model, model.look)
    labels = set(model.sidecar.labels) - {NO_LABEL}
    strange = sorted(labels - {*SIGN_KINDS, CAR_LABEL})
    if not strange:
        return Finding(f"{timed.found}, {len(labels)} labels", timed.complaints)
    found = (
        f"{timed.found}, {len(labels)} labels, {len(strange)} of them neither signs of the city nor {CAR_LABEL} "
        f"and so of no use: {_shortened(strange)}"
    )
    knows_any = len(strange) < len(labels)
    return Finding(found, (*timed.complaints, *complaints((knows_any, "give the label file that belongs to it"))))


def _shortened(words: Sequence[str], most: int = 4) -> str:
    return ", ".join(words[:most]) + (", …" if len(words) > most else "")


def _timed(path: Path, look: Callable[[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]], object]) -> Finding:
    picture = np.zeros((DEFAULT_CAMERA.height_px, DEFAULT_CAMERA.width_px, 3), np.uint8)
    look(picture)
    times_s = []
    for _ in range(TRIALS):
        started_s = time.perf_counter()
        look(picture)
        times_s.append(time.perf_counter() - started_s)
    median_s = float(np.median(times_s))
    slow = f"{LONGEST_LOOK_S * 1e3:.0f} ms are the most: take a smaller network, more --threads or a --delegate"
    return Finding(f"{path.name}, {median_s * 1e3:.1f} ms per picture", complaints((median_s <= LONGEST_LOOK_S, slow)))
