"""Episodes driven by several workers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from models.common.workers.base import Workers
from models.common.workers.processes import Processes
from models.lane.evaluation.driver import Driver
from models.lane.evaluation.episodes import Episode, EpisodeResult
from models.lane.evaluation.trial import drive_episode

MAX_PROCESSES = 4


class EvaluationError(RuntimeError):
    """A drive that could not be made; says which and how to make it again."""


def evaluate(
    planned: Sequence[Episode], driver: Driver, workers: Workers | None = None, films: Path | None = None
) -> Iterator[EpisodeResult]:
    """Drive episodes; results come as they are done.

    Args:
        planned: what to drive.
        driver: who drives.
        workers: who lets it drive; as many processes as there are cores, four at most, when not given.
        films: a folder, on the machine of each worker, for a film strip of each car that was lost.

    Raises:
        EvaluationError: if a drive cannot be made.
        KeyboardInterrupt: after Ctrl-C, here or in a worker.
    """
    workers = workers or Processes.one_per_core(most=MAX_PROCESSES)
    yield from workers.each(partial(_driven, driver, films), planned)


def _driven(driver: Driver, films: Path | None, episode: Episode) -> EpisodeResult:
    try:
        return drive_episode(episode, driver, films)
    except Exception as error:
        where = f"drive {episode.index} ({episode.condition.name}, {episode.city})"
        raise EvaluationError(f"{where}: {error}; make it again with --only {episode.index}") from error
