"""Which faults come when: drawn from a seed, each on a car or a road that has none yet."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from city.city import City

CALM_S = 60.0  # before the first fault, and for each car between two: to come back into service
DRAWS = 100


class FaultKind(StrEnum):
    """What can go wrong."""

    KILL_CAR = "kill a car's process"
    KILL_SERVER = "kill the server"
    CUT_LINK = "cut a car's link"
    DELAY_MESSAGES = "delay a car's messages"
    EMPTY_BATTERY = "empty a battery"
    FREEZE_CAMERA = "freeze a camera"
    BLOCK_ROAD = "block a road"
    CLOSE_ROAD = "close a road"


# How long a fault lasts, seconds. A killed process comes back by its supervisor, a battery by an operator.
DURATION_S: dict[FaultKind, tuple[float, float]] = {
    FaultKind.KILL_CAR: (0.0, 0.0),
    FaultKind.KILL_SERVER: (0.0, 0.0),
    FaultKind.CUT_LINK: (0.5, 30.0),
    FaultKind.DELAY_MESSAGES: (5.0, 60.0),
    FaultKind.EMPTY_BATTERY: (0.0, 0.0),
    FaultKind.FREEZE_CAMERA: (0.2, 20.0),
    FaultKind.BLOCK_ROAD: (15.0, 60.0),
    FaultKind.CLOSE_ROAD: (15.0, 60.0),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `car_id` is empty where it is not about one car, `edge` where not about a road."""

    kind: FaultKind
    start_s: float
    end_s: float
    car_id: str = ""
    edge: int | None = None


def draw_faults(count: int, seconds: float, city: City, cars: Sequence[str], seed: int) -> tuple[Fault, ...]:
    """`count` faults within `seconds`, in the order in which they begin; every kind as often as the others."""
    rng = random.Random(f"faults/{seed}")
    kinds = [list(FaultKind)[k % len(FaultKind)] for k in range(count)]
    rng.shuffle(kinds)
    drawn: list[Fault] = []
    for kind in kinds:
        drawn.append(_draw(rng, kind, seconds, city, cars, drawn))
    return tuple(sorted(drawn, key=lambda fault: fault.start_s))


def _draw(
    rng: random.Random, kind: FaultKind, seconds: float, city: City, cars: Sequence[str], drawn: Sequence[Fault]
) -> Fault:
    """One that meets none of those drawn before; the last of many tries if there is no such time."""
    for _ in range(DRAWS):
        start_s = rng.uniform(min(CALM_S, seconds / 4), max(seconds / 2, seconds - CALM_S))
        end_s = start_s + rng.uniform(*DURATION_S[kind])
        if kind is FaultKind.KILL_SERVER:
            fault = Fault(kind, start_s, end_s)
        elif kind in (FaultKind.BLOCK_ROAD, FaultKind.CLOSE_ROAD):
            fault = Fault(kind, start_s, end_s, edge=rng.choice(sorted(city.edges)))
        else:
            fault = Fault(kind, start_s, end_s, car_id=rng.choice(list(cars)))
        if not any(_meet(fault, other) for other in drawn):
            break
    return fault


def _meet(one: Fault, other: Fault) -> bool:
    """Whether two faults hit the same thing at about the same time."""
    same = one.kind is other.kind if one.car_id == "" else one.car_id == other.car_id
    return same and one.start_s < other.end_s + CALM_S and other.start_s < one.end_s + CALM_S
