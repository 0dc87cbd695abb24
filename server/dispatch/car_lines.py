"""The lines to the cars that are connected, and what each was told last."""

from __future__ import annotations

from collections.abc import Mapping

from fleet.messages import RELEASE_PERIOD_S, Manual
from server.dispatch.outbox import Outbox
from server.fleet_control.guidance import Guidance

NOTHING = Guidance(None, None, None)


class CarLines:
    """One outbox for each car; what is new is told at once, the rest as often as a car expects to hear."""

    def __init__(self) -> None:
        self._outboxes: dict[str, Outbox] = {}
        self._told: dict[str, tuple[Guidance, float]] = {}

    @property
    def car_ids(self) -> tuple[str, ...]:
        """The cars that can be told something."""
        return tuple(self._outboxes)

    def open(self, car_id: str, outbox: Outbox) -> None:
        """From now on a car is told through `outbox`; an earlier line of it ends."""
        former = self._outboxes.get(car_id)
        if former is not None:
            former.close()
        self._outboxes[car_id] = outbox
        self._told.pop(car_id, None)

    def end(self, car_id: str, outbox: Outbox) -> None:
        """A car's line is down; nothing happens if it has another one."""
        if self.is_of(car_id, outbox):
            del self._outboxes[car_id]

    def is_of(self, car_id: str, outbox: Outbox) -> bool:
        """Whether `outbox` is a car's present line."""
        return self._outboxes.get(car_id) is outbox

    def close(self) -> None:
        """End all lines."""
        for outbox in self._outboxes.values():
            outbox.close()

    def told(self, car_id: str) -> Guidance:
        """What a car was told last on this line."""
        return self._told.get(car_id, (NOTHING, 0.0))[0]

    def tell(self, guidance: Mapping[str, Guidance], now_s: float) -> None:
        """Tell cars what has changed, and repeat what was told a period of releases ago."""
        for car_id, words in guidance.items():
            outbox = self._outboxes.get(car_id)
            if outbox is None or not self._is_due(car_id, words, now_s):
                continue
            self._told[car_id] = (words, now_s)
            for message in words:
                if message is not None:
                    outbox.put(message)

    def pass_on(self, car_id: str, manual: Manual) -> None:
        """Tell a car at once what an operator's hand says."""
        outbox = self._outboxes.get(car_id)
        if outbox is not None:
            outbox.put(manual)

    def _is_due(self, car_id: str, words: Guidance, now_s: float) -> bool:
        told, told_s = self._told.get(car_id, (None, 0.0))
        # A tenth of a period early rather than late: steps do not come to the millisecond.
        return words != told or now_s - told_s >= 0.9 * RELEASE_PERIOD_S
