"""How long networks take on one core, measured in turns so that what else the machine does hits all of them alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from car.perception.tflite import TfliteModel

WARM_UP_ROUNDS, ROUNDS = 30, 400
PICTURE_DIMENSIONS = 4

Run = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Latency:
    """How long one call takes."""

    p50_ms: float
    p99_ms: float

    @classmethod
    def of(cls, times_ms: Sequence[float]) -> Latency:
        """From the times of single calls, at least one."""
        p50_ms, p99_ms = np.quantile(times_ms, (0.5, 0.99), method="higher")
        return cls(float(p50_ms), float(p99_ms))


def network_latencies(paths: Sequence[Path], rounds: int = ROUNDS) -> list[Latency]:
    """How long each of some `.tflite` files takes for one inference, in the order of the paths.

    Raises:
        ModelError: if a file is missing or is no TFLite model.
    """
    runs = {str(place): network_run(path) for place, path in enumerate(paths)}
    return list(latencies(runs, rounds).values())


def latencies(runs: Mapping[str, Run], rounds: int = ROUNDS) -> dict[str, Latency]:
    """How long each of some calls takes: one of each in every round, after some rounds to warm up."""
    times_ms: dict[str, list[float]] = {name: [] for name in runs}
    for round_number in range(WARM_UP_ROUNDS + rounds):
        for name, run in runs.items():
            begun_s = time.perf_counter()
            run()
            taken_ms = (time.perf_counter() - begun_s) * 1e3
            if round_number >= WARM_UP_ROUNDS:
                times_ms[name].append(taken_ms)
    return {name: Latency.of(times) for name, times in times_ms.items()}


def network_run(path: Path) -> Run:
    """One inference on noise for a picture; commands and a recurrent network's memories are zeros.

    Raises:
        ModelError: if the file is missing or is no TFLite model.
    """
    model = TfliteModel(path, threads=1)
    rng = np.random.default_rng(0)
    for detail in model.inputs.values():
        shape, dtype = detail["shape"], detail["dtype"]
        is_picture = len(shape) == PICTURE_DIMENSIONS
        model.set(detail, rng.integers(0, 255, shape).astype(dtype) if is_picture else np.zeros(shape, dtype))
    return model.invoke
