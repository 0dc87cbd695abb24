"""Rules of the road, one by one, on the default city."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from city.files import load_city
from fleet.messages import Position
from server.traffic.longest_wait import KEPT_AFTER_S, kept_way
from server.traffic.right_of_way import AGED_WAIT_S, Limit, Refusal, Request, RightOfWay
from server.traffic.road import HEADWAY_M, CityTooTightError, Road

CITY = load_city("pixelopolis")
ROAD = Road(CITY)


@pytest.fixture
def way() -> RightOfWay:
    return RightOfWay(ROAD)


def put(way: RightOfWay, car_id: str, edge: int, s_m: float | None = None, next_edge: int | None = None) -> None:
    way.move(car_id, Position(edge=edge, s_m=ROAD.stop_line_m(edge) if s_m is None else s_m, next_edge=next_edge))


def ask(car_id: str, *options: int, waiting_s: float = 0.0, escaping: bool = False) -> Request:
    return Request(car_id, options, waiting_s, escaping)


def test_room_on_edges() -> None:
    assert ROAD.slots[2] == 1
    assert ROAD.slots[4] == 3


def test_node_and_next_edge_are_granted_together(way: RightOfWay) -> None:
    put(way, "a", 1)
    assert way.grant([ask("a", 2)]) == {"a": 2}
    assert way.node_holders(2) == ["a"]
    assert way.occupants(2) == ["a"]
    assert way.limit("a") == Limit(2, ROAD.length_m(2))


def test_a_grant_repeated_is_the_same(way: RightOfWay) -> None:
    put(way, "a", 1)
    way.grant([ask("a", 2)])
    holding = way.holdings["a"]
    assert way.grant([ask("a", 2)]) == {"a": 2}
    assert way.holdings["a"] == holding


def test_one_car_on_a_node_by_priority_then_age(way: RightOfWay) -> None:
    put(way, "ring", 1)  # priority 1
    put(way, "inner", 10)  # priority 0
    answers = way.grant([ask("ring", 2, waiting_s=5.0), ask("inner", 2)])
    assert answers == {"inner": 2, "ring": Refusal.NODE_TAKEN}


def test_who_has_waited_long_goes_first(way: RightOfWay) -> None:
    put(way, "ring", 1)
    put(way, "inner", 10)
    answers = way.grant([ask("ring", 2, waiting_s=AGED_WAIT_S), ask("inner", 2)])
    assert answers["ring"] == 2


def test_a_node_is_free_when_the_rear_has_left_it(way: RightOfWay) -> None:
    put(way, "a", 1)
    way.grant([ask("a", 2)])
    put(way, "a", 1, ROAD.length_m(1) + 0.2, next_edge=2)
    assert way.occupants(1) == []
    assert way.node_holders(2) == ["a"]
    put(way, "a", 2, ROAD.clear_m - 0.01)
    assert way.node_holders(2) == ["a"]
    put(way, "a", 2, ROAD.clear_m)
    assert way.node_holders(2) == []
    assert way.holdings["a"].passage is None


def test_no_room_no_grant(way: RightOfWay) -> None:
    put(way, "a", 1)
    put(way, "ahead", 2)
    assert way.grant([ask("a", 2)]) == {"a": Refusal.NO_ROOM}


def test_room_but_too_near_behind(way: RightOfWay) -> None:
    put(way, "a", 3)
    put(way, "ahead", 4, 0.3)
    assert way.grant([ask("a", 4)]) == {"a": Refusal.NO_ROOM}
    put(way, "ahead", 4, HEADWAY_M + ROAD.clear_m + 0.01)
    assert way.grant([ask("a", 4)]) == {"a": 4}
    assert way.limit("a").edge == 4
    assert way.limit("a").s_m == pytest.approx(ROAD.clear_m + 0.01)


def test_only_the_first_on_an_edge_may_ask(way: RightOfWay) -> None:
    put(way, "first", 4)
    put(way, "second", 4, 0.6)
    assert way.grant([ask("second", 5)]) == {"second": Refusal.NOT_FIRST}
    assert way.limit("second").s_m == pytest.approx(ROAD.stop_line_m(4) - HEADWAY_M)


def test_closed_edges_are_not_entered(way: RightOfWay) -> None:
    put(way, "a", 3)
    assert way.grant([ask("a", 15)], closed={15}) == {"a": Refusal.CLOSED}
    assert way.grant([ask("a", 15, 4)], closed={15}) == {"a": 4}


def test_no_way_there(way: RightOfWay) -> None:
    put(way, "a", 1)
    assert way.grant([ask("a", 7)]) == {"a": Refusal.NO_WAY}
    assert way.grant([ask("a")]) == {"a": Refusal.NO_WAY}


def test_the_last_gap_of_a_closed_way_round_stays_open(way: RightOfWay) -> None:
    for edge in (7, 9, 11, 12, 14):
        put(way, f"car-{edge}", edge)
    put(way, "from outside", 5)
    assert way.grant([ask("from outside", 6)]) == {"from outside": Refusal.WOULD_JAM}
    assert way.grant([ask("from outside", 6, escaping=True)]) == {"from outside": 6}


def test_moving_round_is_no_jam(way: RightOfWay) -> None:
    for edge in (7, 9, 11, 12, 14):
        put(way, f"car-{edge}", edge)
    assert way.grant([ask("car-14", 6)]) == {"car-14": 6}


def test_a_car_that_turns_up_elsewhere_gets_the_road_it_stands_on(way: RightOfWay) -> None:
    put(way, "a", 1)
    way.grant([ask("a", 2)])
    put(way, "a", 7, 0.3)
    assert way.node_holders(2) == []
    assert way.occupants(7) == ["a"]
    assert way.occupants(1) == way.occupants(2) == []


def test_a_wrong_turn_holds_the_road_that_is_driven(way: RightOfWay) -> None:
    put(way, "a", 3)
    way.grant([ask("a", 4)])
    put(way, "a", 3, ROAD.length_m(3) + 0.2, next_edge=15)
    assert way.node_holders(4) == ["a"]
    assert way.occupants(15) == ["a"]
    assert way.occupants(4) == []


def test_a_car_placed_between_others_is_in_their_order(way: RightOfWay) -> None:
    put(way, "front", 4, 1.1)
    put(way, "back", 4, 0.2)
    put(way, "middle", 4, 0.65)
    assert way.occupants(4) == ["front", "middle", "back"]
    assert way.limit("back").s_m == pytest.approx(0.35)


def test_restored_holdings_go_on(way: RightOfWay) -> None:
    put(way, "a", 1)
    way.grant([ask("a", 2)])
    again = RightOfWay(ROAD)
    again.restore("a", way.holdings["a"], way.station_m("a"))
    put(again, "b", 10)
    assert again.grant([ask("b", 2)]) == {"b": Refusal.NODE_TAKEN}
    put(again, "a", 2, 0.4)
    assert again.node_holders(2) == []


def test_a_city_for_smaller_cars_is_refused() -> None:
    city = load_city("pixelopolis")
    long_car = type(ROAD.vehicle)(front_overhang_m=0.4, rear_overhang_m=0.2)
    with pytest.raises(CityTooTightError, match=r"edge 2 of city pixelopolis is 0\.56 m long"):
        Road(city, long_car)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_whatever_is_asked_and_wherever_cars_drive_nobody_shares(data: st.DataObject) -> None:
    way = RightOfWay(ROAD)
    edges = data.draw(st.lists(st.sampled_from(sorted(CITY.edges)), min_size=1, max_size=12, unique=True))
    cars = [f"car-{edge}" for edge in edges]
    for edge, car_id in zip(edges, cars, strict=True):
        put(way, car_id, edge)
    for _ in range(15):
        asking = data.draw(st.lists(st.sampled_from(cars), unique=True))
        requests = []
        for car_id in asking:
            onward = [movement.to_edge for movement in CITY.successors(way.holdings[car_id].edge)]
            options = data.draw(st.permutations(onward))
            wait_s = data.draw(st.floats(0, 30))
            requests.append(ask(car_id, *options, waiting_s=wait_s, escaping=data.draw(st.booleans())))
        way.grant(requests, closed=data.draw(st.sets(st.sampled_from(sorted(CITY.edges)), max_size=2)))
        for car_id in data.draw(st.lists(st.sampled_from(cars), unique=True)):
            passage = way.holdings[car_id].passage
            if passage is not None:
                put(way, car_id, passage.edge, data.draw(st.floats(0.0, ROAD.stop_line_m(passage.edge))))
        for node in CITY.nodes:
            assert len(way.node_holders(node)) <= 1
        for edge in CITY.edges:
            assert len(way.occupants(edge)) <= ROAD.slots[edge]


def full_ring(way: RightOfWay, but: int) -> None:
    """Put a car on every slot of the ring, one less on edge `but`."""
    for edge in (1, 2, 3, 4, 5, 6, 7, 8):
        for k in range(ROAD.slots[edge] - (edge == but)):
            put(way, f"on-{edge}-{k}", edge, ROAD.stop_line_m(edge) - HEADWAY_M * k)


def test_the_way_out_of_who_has_waited_longest_is_kept_free(way: RightOfWay) -> None:
    full_ring(way, but=7)
    put(way, "old", 10)  # its way out is 2, 3, 4, 5, 6, and a slot on 7
    put(way, "young", 13)  # wants that slot
    patient = ask("old", 2, waiting_s=KEPT_AFTER_S - 1)
    assert way.grant([patient, ask("young", 7, waiting_s=60.0, escaping=True)])["young"] == 7
    way = RightOfWay(ROAD)
    full_ring(way, but=7)
    put(way, "old", 10)
    put(way, "young", 13)
    long = ask("old", 2, waiting_s=KEPT_AFTER_S)
    answers = way.grant(
        [long, ask("young", 7, waiting_s=60.0, escaping=True), ask("on-6-0", 7, waiting_s=20.0, escaping=True)]
    )
    assert answers == {"old": Refusal.NO_ROOM, "young": Refusal.KEPT, "on-6-0": 7}


def test_nothing_is_kept_on_the_far_side_of_a_closed_road(way: RightOfWay) -> None:
    full_ring(way, but=7)
    put(way, "old", 10)
    put(way, "young", 13)
    requests = [ask("old", 2, waiting_s=KEPT_AFTER_S), ask("young", 7, escaping=True)]
    assert way.grant(requests, closed={4})["young"] == 7


def test_nothing_is_kept_for_a_car_behind_one_that_cannot_move(way: RightOfWay) -> None:
    full_ring(way, but=7)
    put(way, "old", 10)
    put(way, "young", 13)
    requests = [ask("old", 2, waiting_s=KEPT_AFTER_S), ask("young", 7, escaping=True)]
    assert way.grant(requests, closed={10})["young"] == 7


def test_the_kept_way_ends_at_the_first_free_slot(way: RightOfWay) -> None:
    full_ring(way, but=4)
    assert kept_way(ROAD.escape, 10, way._has_room, ()) == (2, 3, 4)
    assert kept_way(ROAD.escape, 12, way._has_room, ()) == (14,)
    full_ring(way, but=0)
    assert kept_way(ROAD.escape, 10, way._has_room, ()) == ()
