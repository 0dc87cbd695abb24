"""A car right ahead does not vanish: what is known of it while pictures do not show it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

NEAR_M = 0.25  # a gap that a car does not leave unseen: seen on its way farther off, it is on its way
FORGOTTEN_AFTER_S = 1.5  # a car that turned off was not seen to leave either; for ever would be a jam
JUMP_M = 0.12  # what is seen so much farther away is another car


@dataclass(frozen=True, slots=True)
class NearCar:
    """The car right ahead; while it is not seen it is taken to stand.

    Attributes:
        gap_m: from my front bumper to it, now.
        travelled_m: my own odometer, now.
        seen_s: when it was seen last.
    """

    gap_m: float
    travelled_m: float
    seen_s: float


def still_near(
    before: NearCar | None, gap_m: float, newest_gap_m: float, now_s: float, travelled_m: float
) -> NearCar | None:
    """The car right ahead after one more picture; None if there is none.

    Args:
        before: the one before this picture.
        gap_m: to what several pictures agree is nearest; infinite for nothing.
        newest_gap_m: to what is nearest in this one, which may be a mistake.
        now_s: when.
        travelled_m: my own odometer.
    """
    seen = NearCar(gap_m, travelled_m, now_s) if gap_m < NEAR_M else None
    if before is None:
        return seen
    expected_m = max(0.0, before.gap_m - (travelled_m - before.travelled_m))
    if gap_m <= expected_m + JUMP_M:
        return seen
    if newest_gap_m <= expected_m + JUMP_M:  # of a car that is known to be there, one look is enough
        return NearCar(expected_m, travelled_m, now_s)
    if now_s - before.seen_s >= FORGOTTEN_AFTER_S:
        return seen
    return replace(before, gap_m=expected_m, travelled_m=travelled_m)
