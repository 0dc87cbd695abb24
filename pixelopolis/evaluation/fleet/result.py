"""What a simulated run came to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pixelopolis.evaluation.fleet.chaos import Case
from pixelopolis.evaluation.fleet.closeness import Gap, Touch
from pixelopolis.evaluation.fleet.faults import FaultKind
from pixelopolis.evaluation.fleet.plan import FleetPlan
from pixelopolis.evaluation.fleet.trips import Trip
from pixelopolis.evaluation.fleet.watch import Wait


@dataclass(frozen=True, slots=True)
class FaultFigures:
    """All faults of one kind."""

    kind: FaultKind
    count: int  # that were made
    back: int
    recovery_s_mean: float | None
    recovery_s_max: float | None


@dataclass(frozen=True, slots=True)
class FleetResult:
    """A run's figures."""

    plan: FleetPlan
    trips: Sequence[Trip]
    cases: Sequence[Case]
    collisions: int
    lane_departures: int
    deadlocks: int
    longest_wait: Wait
    wait_bound_s: float
    swaps: int
    sim_seconds: float
    seconds: float
    smallest_gap: Gap
    touches: Sequence[Touch]

    @property
    def driven(self) -> list[Trip]:
        """The trips whose visitors stayed to the end."""
        return [trip for trip in self.trips if trip.wants_to_arrive]

    @property
    def arrived(self) -> int:
        """Of those, how many came somewhere."""
        return sum(trip.arrived_s is not None for trip in self.driven)

    @property
    def wrong_place(self) -> int:
        """Arrivals that the truth knows nothing of, of whichever visitor."""
        return sum(trip.arrived_s is not None and not trip.right_place for trip in self.trips)

    @property
    def lost_rides(self) -> int:
        """Rides that came to nothing, and bookings that led to two."""
        return sum(trip.is_lost or trip.doubled for trip in self.trips)

    @property
    def stranded(self) -> int:
        """Faults from which something did not come back."""
        return sum(not case.skipped and case.back_s is None for case in self.cases)

    @property
    def all_well(self) -> bool:
        """Whether everything holds that a fleet promises."""
        return (
            self.arrived == len(self.driven)
            and self.longest_wait.seconds <= self.wait_bound_s
            and not any(
                (
                    self.wrong_place,
                    self.collisions,
                    self.lane_departures,
                    self.deadlocks,
                    self.lost_rides,
                    self.stranded,
                )
            )
        )

    def faults(self) -> list[FaultFigures]:
        """By kind, those that were made."""
        figures = []
        for kind in FaultKind:
            cases = [case for case in self.cases if case.fault.kind is kind and not case.skipped]
            times_s = [case.recovery_s for case in cases if case.recovery_s is not None]
            mean_s = sum(times_s) / len(times_s) if times_s else None
            if cases:
                figures.append(FaultFigures(kind, len(cases), len(times_s), mean_s, max(times_s, default=None)))
        return figures

    def as_json(self) -> dict[str, Any]:
        """The keys that the command line promises, and what else is known."""
        return {
            "trips": len(self.driven),
            "arrived": self.arrived,
            "wrong_place": self.wrong_place,
            "collisions": self.collisions,
            "lane_departures": self.lane_departures,
            "seconds": round(self.seconds, 1),
            "cars": self.plan.cars,
            "sim_seconds": round(self.sim_seconds, 1),
            "deadlocks": self.deadlocks,
            "longest_wait_s": round(self.longest_wait.seconds, 1),
            "wait_bound_s": round(self.wait_bound_s, 1),
            "lost_rides": self.lost_rides,
            "smallest_gap_m": round(self.smallest_gap.gap_m, 3) if math.isfinite(self.smallest_gap.gap_m) else None,
            "bookings": len(self.trips),
            "battery_swaps": self.swaps,
            "car_seconds_per_second": round(self.plan.cars * self.sim_seconds / self.seconds, 1),
            "city": self.plan.city,
            "vision": self.plan.vision.value,
            "seed": self.plan.seed,
            "faults": [
                {
                    "kind": figure.kind.value,
                    "count": figure.count,
                    "back": figure.back,
                    "recovery_s_mean": _rounded(figure.recovery_s_mean),
                    "recovery_s_max": _rounded(figure.recovery_s_max),
                }
                for figure in self.faults()
            ],
            "problems": problems(self),
        }


def problems(result: FleetResult) -> list[str]:
    """What went wrong, each in a line that helps to find it again."""
    lines = [
        f"ride {trip.request_id} ({trip.wish}) of {trip.booked_s:.0f} s: {trip.state or 'never answered'}"
        f"{' twice' if trip.doubled else ''}, {trip.car_id or 'no car'}"
        for trip in result.trips
        if trip.is_lost or trip.doubled
    ]
    lines += [
        f"ride {trip.request_id} ended at the wrong place: {trip.car_id} at {trip.arrived_s:.0f} s, not at {trip.place}"
        for trip in result.trips
        if trip.arrived_s is not None and not trip.right_place
    ]
    lines += [f"touched at {touch.at_s:.1f} s: {' and '.join(touch.car_ids)}" for touch in result.touches]
    lines += [
        f"not back after: {case.fault.kind} at {case.fault.start_s:.0f} s ({case.fault.car_id or 'all cars'})"
        for case in result.cases
        if not case.skipped and case.back_s is None
    ]
    return lines


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
