"""Latency of the car's networks on one core, beside any other .tflite file in the same run."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from car.config import CarConfig
from car.perception.detector import Detector
from car.perception.lane import LaneModel
from car.perception.tflite import TfliteModel
from city.city import Command
from pixelopolis.bench.figure import Figure, percentile

WARM_UP, RUNS = 30, 400


def bench_lane(baseline: Path | None) -> list[Figure]:
    """The shipped lane network: a whole look with crop and resize, and its network alone beside the baseline's."""
    path = CarConfig().lane_model
    model = LaneModel(path)
    picture = _picture()
    whole = _times_ms(lambda: model.look(picture, Command.FOLLOW))
    return [*_alone("lane", path, baseline), *_percentiles("lane with pre-processing", whole)]


def bench_detector(baseline: Path | None) -> list[Figure]:
    """The shipped detector: a whole look, and its network alone beside the baseline's."""
    path = CarConfig().detector_model
    model = Detector(path)
    picture = _picture()
    whole = _times_ms(lambda: model.look(picture))
    return [*_alone("detector", path, baseline), *_percentiles("detector with pre- and post-processing", whole)]


def _picture() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.random.default_rng(0).integers(0, 255, (240, 320, 3), dtype=np.uint8)


def _alone(name: str, path: Path, baseline: Path | None) -> list[Figure]:
    ours = _times_ms(_runner(path))
    theirs = _times_ms(_runner(baseline)) if baseline else None
    return [
        Figure(f"{name} network {label}", percentile(ours, share), "ms", percentile(theirs, share) if theirs else None)
        for label, share in (("p50", 0.5), ("p99", 0.99))
    ]


def _percentiles(name: str, times_ms: list[float]) -> list[Figure]:
    return [
        Figure(f"{name} {label}", percentile(times_ms, share), "ms") for label, share in (("p50", 0.5), ("p99", 0.99))
    ]


def _runner(path: Path) -> Callable[[], None]:
    model = TfliteModel(path, threads=1)
    rng = np.random.default_rng(0)
    for detail in model.inputs.values():
        model.set(detail, rng.integers(0, 255, detail["shape"]).astype(detail["dtype"]))
    return model.invoke


def _times_ms(run: Callable[[], object]) -> list[float]:
    for _ in range(WARM_UP):
        run()
    times = []
    for _ in range(RUNS):
        begun_s = time.perf_counter()
        run()
        times.append((time.perf_counter() - begun_s) * 1e3)
    return times
