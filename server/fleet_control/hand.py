"""An operator's hand on one car: whether what it says still counts, and what ended that. Pure; time is handed in."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from fleet.driving import Denial, HandCommand
from fleet.messages import HAND_LATEST_S, HAND_TIMEOUT_S, Manual

NEVER_S = float("-inf")


@dataclass(slots=True)
class Hand:
    """One operator's time at the wheel of one car.

    What ends a grip, ends it until the hand has let go of its switch: nothing that comes back by itself moves the car.

    Attributes:
        number: rises from hand to hand.
        operator: whose it is.
        is_gripped: the switch is held, and what it says counts.
        gripped_s: when that was so last.
        ended_by: why the switch has to be let go before it counts again.
        way: an edge, and the one that is wished after it.
    """

    number: int
    operator: str
    is_gripped: bool = False
    gripped_s: float = NEVER_S
    ended_by: Denial | None = None
    way: tuple[int, int] | None = None
    views: int = 0
    _views_s: deque[tuple[int, float]] = field(default_factory=deque)
    _sequence: int = -1
    _told: int = 0
    _has_told_to_move: bool = False

    @property
    def has_to_stop(self) -> bool:
        """Whether the car was told to move last, and is not to any more."""
        return self._has_told_to_move and not self.is_gripped

    @property
    def was_gripped(self) -> bool:
        """Whether it has ever moved the car, or could have."""
        return self.gripped_s != NEVER_S

    def new_view(self, now_s: float) -> int:
        """The number of the view that is shown to the operator now."""
        self.views += 1
        self._views_s.append((self.views, now_s))
        while now_s - self._views_s[0][1] > HAND_LATEST_S:
            self._views_s.popleft()
        return self.views

    def hear(self, command: HandCommand, denial: Denial | None, now_s: float) -> bool:
        """Take a command; returns whether it counts. `denial` is why none could count now."""
        if command.sequence <= self._sequence:
            return False
        self._sequence = command.sequence
        self.watch(denial, now_s)
        if self.ended_by is not None:
            return False
        if denial is None and not self._is_recent(command.state, now_s):
            denial = Denial.LATE
        if denial is not None:
            self.end(denial)
            return False
        self.is_gripped, self.gripped_s = True, now_s
        return True

    def _is_recent(self, view: int, now_s: float) -> bool:
        return any(number == view and now_s - shown_s <= HAND_LATEST_S for number, shown_s in self._views_s)

    def watch(self, denial: Denial | None, now_s: float) -> None:
        """End a grip that does not count any more."""
        if not self.is_gripped:
            return
        if denial is not None:
            self.end(denial)
        elif now_s - self.gripped_s > HAND_TIMEOUT_S:
            self.end(Denial.SILENT)

    def end(self, denial: Denial) -> None:
        """Count no more until the switch was let go."""
        self.is_gripped, self.ended_by = False, denial

    def let_go(self) -> None:
        """The switch was let go; held again, it counts again."""
        self.is_gripped, self.ended_by = False, None

    def manual(self, answers: int, command: HandCommand | None, *, may_leave_lane: bool = False) -> Manual:
        """What to tell the car, which has made report `answers` last: a command, or that the hand has let go."""
        self._told += 1
        self._has_told_to_move = command is not None
        return Manual(
            drive=self.number,
            sequence=self._told,
            answers=answers,
            steering=0.0 if command is None else command.steering,
            speed_mps=0.0 if command is None else command.speed_mps,
            may_leave_lane=may_leave_lane,
            released=command is None,
        )
