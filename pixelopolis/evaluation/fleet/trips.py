"""What became of each ride that was booked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fleet.views import RideState


class Wish(StrEnum):
    """What a visitor is up to."""

    RIDE = "ride"
    LEAVE = "leave"  # rides, and goes away without letting the car go
    CANCEL_WAITING = "cancel waiting"
    CANCEL_CHOOSING = "cancel choosing"
    CANCEL_RIDING = "cancel riding"
    NEVER_CHOOSE = "never choose"  # does not show up


STAYERS = frozenset({Wish.RIDE, Wish.LEAVE})


@dataclass(slots=True)
class Trip:
    """One booking from its visitor's side; times on the simulation's clock."""

    request_id: str
    wish: Wish
    booked_s: float
    ride_id: str = ""
    place: str = ""
    car_id: str | None = None
    chosen_s: float | None = None
    arrived_s: float | None = None
    right_place: bool = False
    state: RideState | None = None  # as last heard
    cancelled: bool = False  # by the visitor
    doubled: bool = False  # asked twice, and given two rides

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to come of it."""
        return self.state in (RideState.ENDED, RideState.CANCELLED)

    @property
    def wants_to_arrive(self) -> bool:
        """Whether the visitor stays to the end."""
        return self.wish in STAYERS

    @property
    def is_lost(self) -> bool:
        """Whether it came to nothing although nobody gave it up, or never came to an end."""
        if not self.is_over:
            return True
        if self.wants_to_arrive:
            return self.arrived_s is None
        return self.arrived_s is None and not self.cancelled and self.wish is not Wish.NEVER_CHOOSE
