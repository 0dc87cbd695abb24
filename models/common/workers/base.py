"""What the makers of data sets and evaluations know of those who do their work."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Workers(Protocol):
    """Those who do pieces of work. What comes out is the same whoever does it."""

    def each(self, work: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result]:
        """Do a piece of work for each item; results come as they are done.

        Args:
            work: gives the same result wherever and however often it is done. It may be done more than once for an
                item, but only one result is given.
            items: what to do it for. They, `work` and the results are pickled.

        Raises:
            KeyboardInterrupt: after Ctrl-C.
        """
        ...
