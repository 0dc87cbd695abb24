"""Drivers compared: networks and those who see nothing, over the same episodes on both courses."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from models.common.workers.base import Workers
from models.lane.evaluation.driver import BLIND_DRIVERS, Driver, driver_named
from models.lane.evaluation.episodes import Course, Episode
from models.lane.evaluation.evaluate import drive_all
from models.lane.evaluation.figures import figures
from models.lane.shipped import shipped_models
from models.latency import Latency, network_latencies

Plans = Mapping[Course, Sequence[Episode]]


class UnfinishedComparison(Exception):  # noqa: N818  # nothing went wrong
    """Somebody pressed Ctrl-C; what was driven is kept and the same comparison goes on from there."""


def all_drivers() -> list[str]:
    """Every variant that is shipped, and those who see nothing."""
    return [*shipped_models(), *BLIND_DRIVERS]


def compare(
    names: Sequence[str], plans: Plans, folder: Path, *, workers: Workers | None = None, baseline: Path | None = None
) -> dict[str, Any]:
    """Drive everything that `folder` does not hold yet, measure, and return the rows of the comparison.

    Args:
        names: of drivers, as `driver_named` takes them.
        plans: what to drive on each course.
        folder: keeps each drive as it ends.
        workers: who lets them drive.
        baseline: another `.tflite`, of which only latency and size are measured.

    Raises:
        ValueError: if there is no such driver.
        DrivesFileError: if the folder holds drives of another file under the same name.
        EvaluationError: if a drive cannot be made.
        UnfinishedComparison: after Ctrl-C.
    """
    drivers = {name: driver_named(name) for name in names}
    driven = {
        (name, course): _figures(name, driver, course, planned, folder, workers)
        for course, planned in plans.items()
        for name, driver in drivers.items()
    }
    speeds = measured_files([driver for driver in drivers.values() if isinstance(driver, Path)], baseline)
    rows = [
        {"driver": name, "course": course.value, **_file_figures(drivers[name], speeds), **driven[name, course]}
        for name in names
        for course in plans
    ]
    beside = None if baseline is None else {"file": str(baseline), **_file_figures(baseline, speeds)}
    return {"baseline": beside, "rows": rows}


def _figures(
    name: str, driver: Driver, course: Course, planned: Sequence[Episode], folder: Path, workers: Workers | None
) -> dict[str, Any]:
    slug = re.sub(r"[^\w.]+", "-", name).strip("-.")
    drives = folder / "drives" / f"{slug}-{course.value}.jsonl"
    results = drive_all(planned, driver, workers, resume=drives, title=f"{name}, {course.value}")
    if len(results) < len(planned):
        raise UnfinishedComparison(f"stopped; {folder} keeps what was driven, and the same command goes on with it")
    return figures(results)


def measured_files(paths: Sequence[Path], baseline: Path | None) -> dict[Path, Latency]:
    """Latency of each file and of the baseline on one core, taken in turns in one run."""
    files = list(dict.fromkeys([*paths, *([baseline] if baseline else [])]))
    return dict(zip(files, network_latencies(files), strict=True))


def _file_figures(driver: Driver, speeds: Mapping[Path, Latency]) -> dict[str, Any]:
    """Size and latency of a driver that is a file; None for one who sees nothing."""
    if isinstance(driver, str):
        return {"file_bytes": None, "latency_p50_ms": None, "latency_p99_ms": None}
    speed = speeds[driver]
    return {
        "file_bytes": driver.stat().st_size,
        "latency_p50_ms": round(speed.p50_ms, 4),
        "latency_p99_ms": round(speed.p99_ms, 4),
    }
