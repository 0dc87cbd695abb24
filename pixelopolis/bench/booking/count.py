"""Was a car given to two, or a claim lost? Counted twice: in what visitors were told, and in the server's history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from fleet.views import FINAL_STATES, RideState
from pixelopolis.bench.booking.race import Claim
from pixelopolis.bench.served.http_line import HttpLine
from server.api.history import MAX_ENTRIES

_RIDE = "ride."


@dataclass(frozen=True, slots=True)
class Count:
    """What was found."""

    double: int
    lost: int


async def whole_history(line: HttpLine) -> list[Mapping[str, Any]]:
    """All that ever happened, oldest first.

    Raises:
        OSError: if the server does not tell.
    """
    entries: list[Mapping[str, Any]] = []
    before = ""
    while True:
        answer = await line.ask("GET", f"/api/history?limit={MAX_ENTRIES}{before}", route="/api/history")
        if answer.status != 200:
            raise OSError(f"the history cannot be read: status {answer.status}")
        page = answer.json
        entries += page
        if len(page) < MAX_ENTRIES:
            return entries[::-1]
        before = f"&before={page[-1]['number']}"


def count_answers(claims: Iterable[Claim]) -> Count:
    """By the visitors' clock: a car that was told to one while another still had it, a ride that was told to two."""
    told = list(claims)
    double = 0
    for car_id in {claim.car_id for claim in told if claim.car_id is not None}:
        held = sorted((claim.told_s, claim.let_go_s) for claim in told if claim.car_id == car_id)
        double += sum(later[0] < sooner[1] for sooner, later in pairwise(held))
    return Count(double, lost=len(told) - len({claim.ride_id for claim in told}))


def count_history(entries: Iterable[Mapping[str, Any]], claims: Sequence[Claim]) -> Count:
    """By what was stored, in its order: who had which car, and which claims are not there from beginning to end."""
    holders: dict[str, str] = {}  # rides by car
    ends: Counter[str] = Counter()
    given: set[tuple[str, str | None]] = set()
    double = 0
    for entry in entries:
        if not entry["kind"].startswith(_RIDE):
            continue
        state, ride_id, car_id = RideState(entry["kind"].removeprefix(_RIDE)), entry["ride_id"], entry["car_id"]
        if state is RideState.CHOOSING:
            double += car_id in holders
            holders[car_id] = ride_id
            given.add((ride_id, car_id))
        elif state in FINAL_STATES:
            ends[ride_id] += 1
            if holders.get(car_id) == ride_id:
                del holders[car_id]
    lost = sum(ends[claim.ride_id] != 1 for claim in claims)
    lost += sum(claim.car_id is not None and (claim.ride_id, claim.car_id) not in given for claim in claims)
    return Count(double, lost)
