"""Episodes driven in several processes. Ctrl-C stops a drive, never a process that is handing over what was driven."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

from models.lane.driver import Driver
from models.lane.episodes import Episode, EpisodeResult
from models.lane.trial import drive_episode

MAX_WORKERS = 4


class EvaluationError(RuntimeError):
    """A drive that could not be made; says which and how to make it again."""


def evaluate(
    planned: Sequence[Episode], driver: Driver, workers: int | None = None, films: Path | None = None
) -> Iterator[EpisodeResult]:
    """Drive episodes; results come as they are done.

    Args:
        planned: what to drive.
        driver: who drives.
        workers: processes; as many as there are cores, four at most, when not given.
        films: a folder for a film strip of each car that was lost.

    Raises:
        EvaluationError: if a drive cannot be made.
        KeyboardInterrupt: after Ctrl-C, here or in a worker.
    """
    workers = min(workers or min(os.cpu_count() or 1, MAX_WORKERS), len(planned))
    if workers <= 1:
        for episode in planned:
            yield _driven(episode, driver, films)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_interrupts.listen) as pool:
        with _interrupts_held_back():  # submitting starts the workers
            waiting = [pool.submit(_driven_by_worker, episode, driver, films) for episode in planned]
        try:
            for future in as_completed(waiting):
                yield future.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _driven(episode: Episode, driver: Driver, films: Path | None) -> EpisodeResult:
    try:
        return drive_episode(episode, driver, films)
    except Exception as error:
        where = f"drive {episode.index} ({episode.condition.name}, {episode.city})"
        raise EvaluationError(f"{where}: {error}; make it again with --only {episode.index}") from error


def _driven_by_worker(episode: Episode, driver: Driver, films: Path | None) -> EpisodeResult:
    with _interrupts.heeded():
        return _driven(episode, driver, films)


class _Interrupts:
    """Ctrl-C in a worker.

    It reaches all processes at once. Raised anywhere, it could hit a worker in the middle of writing a result, and the
    first process would wait for the rest of it for ever.
    """

    def __init__(self) -> None:
        self._came = False
        self._heeded = False

    def listen(self) -> None:
        signal.signal(signal.SIGINT, self._come)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})

    @contextmanager
    def heeded(self) -> Iterator[None]:
        """Ctrl-C raises KeyboardInterrupt in here, also one that came before."""
        self._heeded = True
        try:
            if self._came:
                raise KeyboardInterrupt
            yield
        finally:
            self._heeded = False

    def _come(self, *_: object) -> None:
        self._came = True
        if self._heeded:
            raise KeyboardInterrupt


_interrupts = _Interrupts()


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Processes that start meanwhile hold Ctrl-C back too, until they listen; nobody's is lost."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
