"""Latency of the car's networks on one core, beside any other .tflite file in the same run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from car.config import CarConfig
from car.perception.detector import Detector
from car.perception.lane import LaneModel
from city.city import Command
from models.lane.shipped import shipped_files
from models.latency import Latency, latencies, network_latencies
from pixelopolis.bench.figure import Figure


def bench_lane(baseline: Path | None) -> list[Figure]:
    """Every shipped lane network alone, beside the baseline's, and a whole look of the car's with crop and resize."""
    model = LaneModel(CarConfig().lane_model)
    picture = _picture()
    whole = latencies({"look": lambda: model.look(picture, Command.FOLLOW)})["look"]
    return [
        *_alone("lane network", shipped_files(), baseline),
        *_figures("lane with pre-processing", whole),
    ]


def bench_detector(baseline: Path | None) -> list[Figure]:
    """The shipped detector: a whole look, and its network alone beside the baseline's."""
    path = CarConfig().detector_model
    model = Detector(path)
    picture = _picture()
    whole = latencies({"look": lambda: model.look(picture)})["look"]
    return [
        *_alone("detector network", [path], baseline),
        *_figures("detector with pre- and post-processing", whole),
    ]


def _picture() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.random.default_rng(0).integers(0, 255, (240, 320, 3), dtype=np.uint8)


def _alone(name: str, paths: Sequence[Path], baseline: Path | None) -> list[Figure]:
    """Two rows for each file; all files and the baseline take turns."""
    measured = network_latencies([*paths, *([baseline] if baseline else [])])
    theirs = measured[-1] if baseline else None
    return [
        figure
        for path, ours in zip(paths, measured, strict=False)
        for figure in _figures(f"{name} {path.name}", ours, theirs)
    ]


def _figures(name: str, ours: Latency, theirs: Latency | None = None) -> list[Figure]:
    return [
        Figure(f"{name} p50", ours.p50_ms, "ms", theirs.p50_ms if theirs else None),
        Figure(f"{name} p99", ours.p99_ms, "ms", theirs.p99_ms if theirs else None),
    ]
