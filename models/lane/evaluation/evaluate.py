"""Closed-loop evaluation of a lane model on cities, looks and cars that no training has seen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from models.common.workers.base import Workers
from models.lane.evaluation.driver import Driver
from models.lane.evaluation.drives_file import DrivesFile
from models.lane.evaluation.driving_pool import evaluate
from models.lane.evaluation.episodes import Episode, EpisodeResult


def drive_all(
    planned: Sequence[Episode],
    driver: Driver,
    workers: Workers | None = None,
    *,
    resume: Path | None = None,
    films: Path | None = None,
    title: str = "driving",
) -> list[EpisodeResult]:
    """Drive episodes, with a progress bar on a terminal; results in the plan's order, fewer after Ctrl-C.

    Args:
        planned: what to drive.
        driver: who drives.
        workers: who lets it drive; as many processes as there are cores, four at most, when not given.
        resume: a file to which each drive is added as it ends, and whose drives are not made again.
        films: a folder for a film strip of each car that was lost.
        title: what the progress bar says.

    Raises:
        DrivesFileError: if `resume` holds the drives of another driver.
        EvaluationError: if a drive cannot be made; what was driven before is in `resume`.
    """
    file = DrivesFile(resume, driver) if resume is not None else None
    results = file.known(planned) if file else []
    done = {result.episode.index for result in results}
    lacking = [episode for episode in planned if episode.index not in done]
    with _RunningCount(title, len(planned)) as count:
        for result in results:
            count.add(result)
        try:
            for result in evaluate(lacking, driver, workers, films):
                if file:
                    file.append(result)
                results.append(result)
                count.add(result)
        except KeyboardInterrupt:
            pass
    places = {episode.index: place for place, episode in enumerate(planned)}
    return sorted(results, key=lambda result: places[result.episode.index])


class _RunningCount:
    """A progress bar with the drives that were lost so far; nothing where no terminal is."""

    def __init__(self, title: str, total: int) -> None:
        console = Console(stderr=True)
        self._counts = {"departure": 0, "wrong_turn": 0}
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[lost]}"),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task(title, total=total, lost=self._lost())

    def __enter__(self) -> _RunningCount:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def add(self, result: EpisodeResult) -> None:
        if result.lost:
            self._counts[result.why] += 1
        self._progress.update(self._task, advance=1, lost=self._lost())

    def _lost(self) -> str:
        return f"{self._counts['departure']} departures, {self._counts['wrong_turn']} wrong turns"
