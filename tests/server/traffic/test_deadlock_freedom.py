"""No fleet within its limit can lock up: every state that can be reached is visited, on several small cities.

The numbers of states are those in docs/architecture.md. The checker itself is checked with rules that are wrong.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import pytest

from city.files import load_city
from server.traffic.open_road import OpenRoad
from server.traffic.right_of_way import Holding, Refusal, RightOfWay
from server.traffic.road import Road
from tests.server import drawn_cities
from tests.server.drawn_cities import Streets, drawn_city
from tests.server.traffic.model_checker import ModelChecker, WrongStateError

pytestmark = pytest.mark.timeout(900)  # for a busy machine


def limit_of(road: Road) -> int:
    assert road.fleet_limit is not None
    return road.fleet_limit


@pytest.mark.parametrize(
    ("streets", "cars", "states"),
    [
        (drawn_cities.THETA, 2, 88),
        (drawn_cities.EIGHT, 5, 687),
        (drawn_cities.BIG_EIGHT, 5, 248),
        (drawn_cities.THREE_LOOPS, 6, 476),
        pytest.param(drawn_cities.LADDER, 5, 6104, marks=pytest.mark.slow),
    ],
)
def test_as_many_cars_as_may_join_never_lock_up(streets: Streets, cars: int, states: int) -> None:
    road = Road(drawn_city(streets))
    assert limit_of(road) == cars
    assert ModelChecker(road, cars).run() == states


@pytest.mark.parametrize(
    ("streets", "cars", "states"),
    [
        (drawn_cities.THETA, 2, 440),
        (drawn_cities.EIGHT, 4, 1147),
        (drawn_cities.BIG_EIGHT, 4, 565),
        (drawn_cities.THREE_LOOPS, 5, 1618),
        pytest.param(drawn_cities.THREE_LOOPS, 4, 10_080, marks=pytest.mark.slow),
        pytest.param(drawn_cities.LADDER, 4, 12_711, marks=pytest.mark.slow),
    ],
)
def test_nor_while_operators_close_and_open_edges(streets: Streets, cars: int, states: int) -> None:
    assert ModelChecker(Road(drawn_city(streets)), cars, closings=True).run() == states


@pytest.mark.parametrize(
    ("cars", "closings", "states"),
    [
        (2, False, 2338),
        pytest.param(2, True, 35_070, marks=pytest.mark.slow),
    ],
)
def test_a_few_cars_in_the_default_city(cars: int, closings: bool, states: int) -> None:
    assert ModelChecker(Road(load_city("pixelopolis")), cars, closings=closings).run() == states


# Rules that are wrong


@pytest.mark.parametrize("streets", [drawn_cities.THETA, drawn_cities.EIGHT, drawn_cities.LADDER])
def test_one_car_too_many_on_the_ring_is_found(streets: Streets) -> None:
    road = Road(drawn_city(streets))
    with pytest.raises(WrongStateError, match="nobody can move"):
        ModelChecker(road, limit_of(road) + 1).run()


class NoRoomNeeded(RightOfWay):
    """Grants a node without room on the edge behind it."""

    def _refusal(
        self, car_id: str, holding: Holding, edge: int, closed: Collection[int], *, way_out: bool
    ) -> Refusal | None:
        refusal = super()._refusal(car_id, holding, edge, closed, way_out=way_out)
        return None if refusal is Refusal.NO_ROOM else refusal


class ManyOnANode(RightOfWay):
    """Grants a node that another car holds."""

    def _refusal(
        self, car_id: str, holding: Holding, edge: int, closed: Collection[int], *, way_out: bool
    ) -> Refusal | None:
        refusal = super()._refusal(car_id, holding, edge, closed, way_out=way_out)
        return None if refusal is Refusal.NODE_TAKEN else refusal


@pytest.mark.parametrize(
    ("rule", "what"), [(NoRoomNeeded, r"edge \d is held by|cannot leave it"), (ManyOnANode, r"node \d is held by")]
)
def test_a_rule_that_grants_too_much_is_found(rule: type[RightOfWay], what: str) -> None:
    with pytest.raises(WrongStateError, match=what):
        ModelChecker(Road(drawn_city(drawn_cities.EIGHT)), 4, rule=rule).run()


class OldEscapes(ModelChecker):
    """Goes on escaping to the ring of the whole city while an edge is closed."""

    def open_road(self, closed: int) -> OpenRoad:
        return replace(super().open_road(closed), escape=super().open_road(-1).escape)


@pytest.mark.parametrize("streets", [drawn_cities.THETA, drawn_cities.EIGHT, drawn_cities.THREE_LOOPS])
def test_escapes_over_closed_edges_are_found(streets: Streets) -> None:
    with pytest.raises(WrongStateError, match="nobody can move"):
        OldEscapes(Road(drawn_city(streets)), 2, closings=True).run()
