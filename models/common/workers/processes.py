"""Work done by processes of this machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context

from models.common.workers.base import Item, Result
from models.common.workers.interrupts import interrupts, interrupts_held_back

NICENESS = 5  # a server or a car on the same machine comes first


@dataclass(frozen=True, slots=True)
class Processes:
    """So many processes; one does the work in the process that asks for it."""

    count: int

    @classmethod
    def one_per_core(cls, most: int) -> Processes:
        """As many as there are cores, but no more than `most`."""
        return cls(min(os.cpu_count() or 1, most))

    def each(self, work: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result]:
        """Do a piece of work for each item; results come as they are done."""
        count = min(self.count, len(items))
        if count <= 1:
            yield from map(work, items)
            return
        # Spawn: a fork of a process that holds a graphics context hangs.
        with ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_begin) as pool:
            with interrupts_held_back():  # submitting starts the workers
                # Nothing else holds the futures: with them their results would stay in memory.
                done = as_completed([pool.submit(_heeding_interrupts, work, item) for item in items])
            try:
                for future in done:
                    yield future.result()
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise


def _begin() -> None:
    os.nice(NICENESS)
    interrupts.listen()


def _heeding_interrupts(work: Callable[[Item], Result], item: Item) -> Result:
    with interrupts.heeded():
        return work(item)
