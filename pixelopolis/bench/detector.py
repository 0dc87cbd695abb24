"""Latency of a detector, alone and with everything round it, beside another one in the same run."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from car.config import CarConfig, Overrides, load_config
from car.neural_networks import open_detector
from car.perception.detector import Detector
from car.perception.detector_sidecar import detector_sidecar
from car.perception.sidecar import DetectorSidecar, ModelError
from models.latency import Latency
from pixelopolis.bench.cores import kept_to_cores
from pixelopolis.bench.figure import Figure, latency_figures
from pixelopolis.bench.pictures import pictures_in, rendered_pictures

WARM_UP_ROUNDS, ROUNDS = 16, 400
NUMBERED_LABELS = 1000


@dataclass(frozen=True, slots=True)
class DetectorBench:
    """What to measure."""

    overrides: Overrides | None = None
    baseline: Path | None = None
    pictures: Path | None = None  # a folder; rendered ones if not given
    rounds: int = ROUNDS


@dataclass
class _Times:
    """Times of one detector's looks."""

    network_ms: list[float] = field(default_factory=list)
    whole_ms: list[float] = field(default_factory=list)


def bench_detector(wanted: DetectorBench, note: Callable[[str], None]) -> list[Figure]:
    """The car's detector: its network alone, and whole looks, in turns with the baseline on the same pictures.

    Args:
        wanted: what to measure.
        note: takes one line that says how it was measured.

    Raises:
        ModelError, ConfigError, ValueError: if what is wanted cannot be used.
        RuntimeError: if pictures cannot be rendered here.
    """
    config = load_config(None, wanted.overrides)
    pictures = rendered_pictures() if wanted.pictures is None else pictures_in(wanted.pictures)
    with kept_to_cores(config.model_threads) as cores:
        # Opened here: the threads of an interpreter run where its maker does.
        detectors = [open_detector(config)]
        if wanted.baseline is not None:
            detectors.append(_baseline(wanted.baseline, config.model_threads))
        measured = _in_turns(detectors, pictures, wanted.rounds)
    note(_how(config, wanted, len(pictures), cores))
    return [
        *_figures(f"detector network {config.detector_model.name}", [times.network_ms for times in measured]),
        *_figures("detector with pre- and post-processing", [times.whole_ms for times in measured]),
    ]


def _baseline(path: Path, threads: int) -> Detector:
    """Any detector; where nothing says what its classes are, numbers will do."""
    try:
        sidecar = detector_sidecar(path)
    except ModelError:
        sidecar = DetectorSidecar(labels=tuple(f"class {number}" for number in range(NUMBERED_LABELS)))
    return Detector(path, threads, sidecar=sidecar)


def _in_turns(detectors: Sequence[Detector], pictures: Sequence[NDArray[np.uint8]], rounds: int) -> list[_Times]:
    """Each detector looks once in every round, all at the same picture."""
    measured = [_Times() for _ in detectors]
    for number in range(WARM_UP_ROUNDS + rounds):
        picture = pictures[number % len(pictures)]
        for detector, times in zip(detectors, measured, strict=True):
            begun_s = time.perf_counter()
            detector.show(picture)
            shown_s = time.perf_counter()
            detector.run()
            run_s = time.perf_counter()
            detector.seen(*picture.shape[:2])
            ended_s = time.perf_counter()
            if number >= WARM_UP_ROUNDS:
                times.network_ms.append((run_s - shown_s) * 1e3)
                times.whole_ms.append((ended_s - begun_s) * 1e3)
    return measured


def _figures(name: str, times_ms: Sequence[Sequence[float]]) -> list[Figure]:
    ours, *others = [Latency.of(times) for times in times_ms]
    return latency_figures(name, ours, others[0] if others else None)


def _how(config: CarConfig, wanted: DetectorBench, pictures: int, cores: str) -> str:
    kind = "rendered" if wanted.pictures is None else "given"
    words = [
        f"detector: {config.detector_model.name}, {wanted.rounds} looks at {pictures} {kind} pictures",
        f"{config.model_threads} thread{'s' if config.model_threads > 1 else ''}",
        cores,
    ]
    if config.detector_delegate is not None:
        words.append(f"delegate {config.detector_delegate}")
    if wanted.baseline is not None:
        words.append(f"in turns with {wanted.baseline.name}; a ratio below 1 is faster than it")
    return ", ".join(words)
