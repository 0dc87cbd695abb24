"""What counts as noticing a car, and as standing for none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from city.city import City
from city.files import load_city
from city.route_line import RouteLine
from pixelopolis.evaluation.whole_car.encounters import encounters, false_stops
from tests.whole_car.made_up import approach, ride_of


@pytest.fixture(scope="module")
def city() -> City:
    return load_city("pixelopolis")


@pytest.fixture(scope="module")
def line(city: City) -> RouteLine:
    return RouteLine(city, (3, 15, 14, 6))


@pytest.mark.parametrize(("seen_from_m", "in_time"), [(0.95, True), (0.61, True), (0.58, False)])
def test_a_car_has_to_be_noticed_before_60_cm(city: City, line: RouteLine, seen_from_m: float, in_time: bool) -> None:
    (met,) = encounters(ride_of(city, line, approach(city, line, seen_from_m=seen_from_m)))
    assert met.in_time == in_time


def test_one_that_is_never_noticed_counts_as_missed(city: City, line: RouteLine) -> None:
    (met,) = encounters(ride_of(city, line, approach(city, line, seen_from_m=0.0)))
    assert (met.noticed_at_m, met.in_time) == (None, False)


def test_what_could_not_be_seen_is_not_asked_for(city: City, line: RouteLine) -> None:
    assert encounters(ride_of(city, line, approach(city, line, seen_from_m=0.5, in_sight=False))) == []


def test_a_car_that_drives_is_no_encounter(city: City, line: RouteLine) -> None:
    assert encounters(ride_of(city, line, approach(city, line, seen_from_m=0.9, stands=False))) == []


def test_each_stop_is_an_encounter_of_its_own(city: City, line: RouteLine) -> None:
    once = approach(city, line, seen_from_m=0.9)
    away = approach(city, line, seen_from_m=0.9, stands=False)
    assert len(encounters(ride_of(city, line, [*once, *away, *once]))) == 2


def test_standing_for_a_near_car_is_right_and_for_a_far_one_is_not(city: City, line: RouteLine) -> None:
    assert false_stops(ride_of(city, line, approach(city, line, seen_from_m=0.9))) == []
    early = approach(city, line, seen_from_m=0.9, blocked_from_m=0.5)
    assert len(false_stops(ride_of(city, line, early))) == 1


def test_standing_for_nothing_counts_each_time(city: City, line: RouteLine) -> None:
    empty = [replace(moment, ahead=None, blocked=False) for moment in approach(city, line, seen_from_m=0.0)]
    for k in (10, 11, 50):
        empty[k] = replace(empty[k], blocked=True)
    assert len(false_stops(ride_of(city, line, empty))) == 2
