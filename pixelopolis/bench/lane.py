"""Latency of the lane networks on one core, beside any other .tflite file in the same run."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from car.config import CarConfig
from car.perception.lane import LaneModel
from city.city import Command
from models.lane.shipped import shipped_files
from models.latency import latencies, network_latencies
from pixelopolis.bench.figure import Figure, latency_figures


def bench_lane(baseline: Path | None) -> list[Figure]:
    """Every shipped lane network alone, beside the baseline's, and a whole look of the car's with crop and resize."""
    model = LaneModel(CarConfig().lane_model)
    picture = np.random.default_rng(0).integers(0, 255, (240, 320, 3), dtype=np.uint8)
    whole = latencies({"look": lambda: model.look(picture, Command.FOLLOW)})["look"]
    paths = shipped_files()
    measured = network_latencies([*paths, *([baseline] if baseline else [])])  # in turns
    theirs = measured[-1] if baseline else None
    return [
        *(
            figure
            for path, ours in zip(paths, measured, strict=False)
            for figure in latency_figures(f"lane network {path.name}", ours, theirs)
        ),
        *latency_figures("lane with pre-processing", whole),
    ]
