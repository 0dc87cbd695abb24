"""An operator's hand on the car: what it asks for now, if it may. Pure.

The hand is obeyed only while each of these is fresh by the car's own clock: what it says, the report which that
answers, and the release that holds the car and says how far its road goes. Else it has let go.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from car.piloting.orders import ServerWords
from fleet.messages import HAND_LATEST_S, HAND_TIMEOUT_S, LINK_TIMEOUT_S, Manual
from fleet.steering import curvature_from_steering


@dataclass(frozen=True, slots=True)
class ReportTimes:
    """When the newest reports were made."""

    sequence: int = 0  # of the last one
    made_s: tuple[float, ...] = ()

    def report(self, sequence: int, now_s: float) -> ReportTimes:
        """With the report that is made now."""
        kept = tuple(made_s for made_s in self.made_s if now_s - made_s <= HAND_LATEST_S)
        return ReportTimes(sequence, (*kept, now_s))

    def age_s(self, sequence: int, now_s: float) -> float:
        """How long ago a report was made; infinite for one that is too old, or of another run of this car."""
        back = self.sequence - sequence
        return now_s - self.made_s[-1 - back] if 0 <= back < len(self.made_s) else math.inf


@dataclass(frozen=True, slots=True)
class Hand:
    """What an operator's hand asks for; one that has let go stays until the car stands."""

    curvature_per_m: float = 0.0  # left positive
    speed_mps: float = 0.0
    may_leave_lane: bool = False
    is_late: bool = False
    has_let_go: bool = False


def hand_on(
    former: Hand | None, server: ServerWords, reports: ReportTimes, now_s: float, *, stands: bool
) -> Hand | None:
    """The hand that is on the car now, after `former`; None for a car that drives by itself, or would."""
    said = server.manual
    if said is None or said.released or not _is_heard(server, now_s):
        return None if former is None or stands else replace(former, speed_mps=0.0, has_let_go=True)
    if reports.age_s(said.answers, now_s) > HAND_LATEST_S:
        return replace(former or Hand(), speed_mps=0.0, is_late=True)
    return _asking(said)


def _is_heard(server: ServerWords, now_s: float) -> bool:
    """Whether the hand and the server's hold are both fresh."""
    is_held = server.release is not None and server.release.hold and now_s - server.release_heard_s <= LINK_TIMEOUT_S
    return server.connected and is_held and now_s - server.manual_heard_s <= HAND_TIMEOUT_S


def _asking(said: Manual) -> Hand:
    return Hand(curvature_from_steering(said.steering), said.speed_mps, said.may_leave_lane)
