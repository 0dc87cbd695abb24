"""Whoever follows rides from outside, as a tracer does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from server.store.base import Event


class RideFollower(Protocol):
    """Is told of every event, once it is stored."""

    def new_ride_id(self) -> str:
        """Of the ride that is booked now: 32 random hexadecimal digits."""
        ...

    def happened(self, events: Iterable[Event]) -> None:
        """These were stored."""
        ...
