"""What a demo's figures say of its rides."""

from __future__ import annotations

import socket

from city.files import load_city
from pixelopolis.demo.fleet import free_port, is_free
from pixelopolis.demo.trips import Trip, TripsResult, stands_at

GOOD = Trip("museum", "car-1", arrived=True, right_place=True, seconds=40.0)
WRONG = Trip("museum", "car-1", arrived=True, right_place=False, seconds=40.0)
LATE = Trip("museum", None, arrived=False, right_place=False, seconds=300.0, problem="not there after 300 s")


def test_the_promised_keys_and_counts() -> None:
    figures = TripsResult([GOOD, WRONG, LATE], collisions=1, lane_departures=2, seconds=400.04).as_json()
    promised = {key: figures[key] for key in ("trips", "arrived", "wrong_place", "collisions", "lane_departures")}
    assert promised == {"trips": 3, "arrived": 2, "wrong_place": 1, "collisions": 1, "lane_departures": 2}
    assert figures["seconds"] == 400.0
    assert figures["rides"][2]["problem"] == "not there after 300 s"


def test_all_is_well_only_if_everything_is() -> None:
    assert TripsResult([GOOD], 0, 0, 1.0).all_well
    for bad in (
        TripsResult([GOOD, WRONG], 0, 0, 1.0),
        TripsResult([GOOD, LATE], 0, 0, 1.0),
        TripsResult([GOOD], 1, 0, 1.0),
        TripsResult([GOOD], 0, 1, 1.0),
    ):
        assert not bad.all_well


def test_the_truth_decides_whether_a_car_stands_at_its_place() -> None:
    city = load_city("pixelopolis")
    place = city.places["museum"]

    def truth(edge: int | None, s_m: float) -> dict[str, object]:
        return {"cars": [{"id": "car-2", "edge": 3, "s_m": 0.1}, {"id": "car-1", "edge": edge, "s_m": s_m}]}

    assert stands_at(truth(place.edge, place.stop_s_m + 0.1), "car-1", city, "museum")
    assert not stands_at(truth(place.edge, place.stop_s_m - 0.2), "car-1", city, "museum")
    assert not stands_at(truth(3, place.stop_s_m), "car-1", city, "museum")
    assert not stands_at(truth(None, place.stop_s_m), "car-1", city, "museum")
    assert not stands_at(truth(place.edge, place.stop_s_m), "car-9", city, "museum")


def test_neighbouring_ports_are_free_and_a_taken_one_is_not() -> None:
    first = free_port(3)
    assert all(is_free(first + k) for k in range(3))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert not is_free(taken.getsockname()[1])
