"""The queue and the pairing of visitors with cars."""

from __future__ import annotations

import pytest

from fleet.views import RideState
from server.rides import booking
from server.rides.under_way import FreeCar, Rides, UnknownError


def car(car_id: str, cost: float, battery_percent: float = 80) -> FreeCar:
    return FreeCar(car_id, f"board-{car_id}", cost, battery_percent)


def booked(count: int) -> Rides:
    rides = Rides()
    for k in range(count):
        rides.book(f"ride-{k}", f"request-{k}", "station", "tablet", now_s=0.0)
    return rides


def test_same_request_same_ride() -> None:
    rides = booked(1)
    again = rides.book("other-id", "request-0", "station", "tablet", now_s=5.0)
    assert again.ride_id == "ride-0"
    assert len(rides.all) == 1


def test_first_come_first_served_by_the_nearest_car() -> None:
    rides = booked(3)
    rides.pair([car("far", 9.0), car("near", 1.0)], now_s=1.0)
    assert rides.get("ride-0").car_id == "near"
    assert rides.get("ride-1").car_id == "far"
    assert rides.get("ride-2").state is RideState.WAITING


def test_among_equals_the_fuller_battery() -> None:
    rides = booked(1)
    rides.pair([car("a", 1.0, 20), car("b", 1.0, 90)], now_s=1.0)
    assert rides.get("ride-0").car_id == "b"


def test_a_car_serves_one_ride() -> None:
    rides = booked(2)
    rides.pair([car("a", 1.0)], now_s=1.0)
    rides.pair([car("a", 1.0)], now_s=2.0)
    assert [ride.car_id for ride in rides.all.values()] == ["a", None]
    rides.apply("ride-0", lambda ride: booking.cancel(ride, 3.0))
    rides.pair([car("a", 1.0)], now_s=4.0)
    assert rides.get("ride-1").car_id == "a"


def test_places_in_the_queue_move_up() -> None:
    rides = booked(3)
    assert [rides.queue_position(ride) for ride in rides.all.values()] == [1, 2, 3]
    rides.apply("ride-1", lambda ride: booking.cancel(ride, 3.0))
    assert rides.queue_position(rides.get("ride-2")) == 2
    assert rides.queue_position(rides.get("ride-1")) is None


def test_running_numbers_go_on_after_a_restart() -> None:
    rides = Rides(booked(2).all.values(), created=7)
    assert rides.book("next", "next", "station", "tablet", 0.0).created == 8


def test_unknown_ride() -> None:
    with pytest.raises(UnknownError, match="no ride nowhere"):
        Rides().get("nowhere")


def test_whose_car_it_is_follows_every_change() -> None:
    rides = booked(2)
    assert rides.of_car("a") is None
    rides.pair([car("a", 1.0)], now_s=1.0)
    assert rides.of_car("a") is rides.get("ride-0")
    before = dict(rides.all)
    rides.apply("ride-0", lambda ride: booking.choose(ride, "museum", 2.0))
    assert rides.of_car("a") is rides.get("ride-0")
    rides.apply_to_all(lambda ride: booking.cancel(ride, 3.0))
    assert rides.of_car("a") is None
    rides.replace_all(before)
    assert rides.of_car("a") is before["ride-0"]
    rides.forget(["ride-0"])
    assert rides.of_car("a") is None
