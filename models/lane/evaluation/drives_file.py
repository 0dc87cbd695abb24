"""Drives on disk, a line of JSON each, appended as they end: a broken-off evaluation is gone on with.

The first line says who drives; each further one is a drive with its plan, its path and its deviations.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from models.lane.evaluation.crossings import Crossings
from models.lane.evaluation.driver import Driver, fingerprint
from models.lane.evaluation.episodes import KEPT_DECIMALS, Episode, EpisodeResult

FORMAT = "pixelopolis-lane-drives/1"


class DrivesFileError(Exception):
    """A file of drives that cannot be gone on with; names it."""


class DrivesFile:
    """The drives of one driver."""

    def __init__(self, path: Path, driver: Driver) -> None:
        """Open or begin a file; a last line that was cut off while it was written is taken away.

        Raises:
            DrivesFileError: if it holds another driver's drives, or is no such file.
        """
        self._path = path
        self._head = {"format": FORMAT, "driver": fingerprint(driver)}
        self._rows: list[dict[str, Any]] = []
        if path.exists() and path.stat().st_size > 0:
            self._read(driver)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._append(self._head)

    def known(self, planned: Sequence[Episode]) -> list[EpisodeResult]:
        """The results of those of the planned episodes that were driven before."""
        rows = {json.dumps(row["episode"]): row for row in self._rows}
        keys = [json.dumps(asdict(episode)) for episode in planned]
        return [_result(episode, rows[key]) for episode, key in zip(planned, keys, strict=True) if key in rows]

    def append(self, result: EpisodeResult) -> None:
        """Add a drive; it is on the disk when this returns."""
        self._append(_row(result))

    def _append(self, content: dict[str, Any]) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(content) + "\n")

    def _read(self, driver: Driver) -> None:
        text = self._path.read_bytes().decode("utf-8", errors="replace")
        whole, _, cut_off = text.rpartition("\n")
        try:
            head, *self._rows = [json.loads(line) for line in whole.split("\n")]
        except ValueError as error:
            raise DrivesFileError(f"{self._path} holds no drives ({error}); delete it or give another") from error
        if head != self._head:
            raise DrivesFileError(f"{self._path} holds drives of {head}, not of {driver}; delete it or give another")
        if cut_off:
            self._path.write_text(whole + "\n", encoding="utf-8")


def _row(result: EpisodeResult) -> dict[str, Any]:
    return {
        "episode": asdict(result.episode),
        "seconds": result.seconds,
        "why": result.why,
        "outside_s": result.outside_s,
        "lane_width_m": result.lane_width_m,
        "crossings": asdict(result.crossings),
        "saw_pictures": result.saw_pictures,
        "lateral_m": result.lateral_m.astype(np.float64).round(KEPT_DECIMALS).tolist(),
        "path_m": result.path_m.astype(np.float64).round(KEPT_DECIMALS).tolist(),
    }


def _result(episode: Episode, row: dict[str, Any]) -> EpisodeResult:
    return EpisodeResult(
        episode,
        row["seconds"],
        row["why"],
        np.array(row["lateral_m"], np.float32),
        np.array(row["path_m"], np.float32).reshape(-1, 2),
        row["outside_s"],
        row["lane_width_m"],
        Crossings(**row["crossings"]),
        row["saw_pictures"],
    )
