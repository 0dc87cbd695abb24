"""Visitors at pages of the real server, with doubles of cars that drive by its rules.

What the double of the server shows as well, in the quick tests, is slow here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from fleet.access import Role
from fleet.messages import DriveMode
from tests.server.live_car import LiveCar
from tests.station.operators.live_city import LiveCity
from tests.station.operators.operator_page import OperatorPage
from tests.station.visitor_page import VisitorPage

SLOW_MPS = 0.1  # so that a ride lasts until the test lets it end
FAST_MPS = 2.0
PLACES = {"north": "wedding_hall", "south": "planetarium"}

OpenStation = Callable[[str], VisitorPage]


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LiveCity]:
    """A city of its own for each test, with two cars that drive slowly."""
    city = LiveCity(tmp_path)
    for car in city.cars:
        car.speed_mps = SLOW_MPS
    yield city
    city.close()


@pytest.fixture
def station(browser: Browser, live: LiveCity) -> Iterator[OpenStation]:
    """Opens the page of a station, in a browser of its own, with a code by which it enrols."""
    with ExitStack() as contexts:

        def open_station(name: str) -> VisitorPage:
            context = contexts.enter_context(browser.new_context(locale="en-GB"))
            code = live.do(live.code(Role.STATION, name))
            return VisitorPage(context.new_page(), live, f"?station={name}#code={code}")

        yield open_station


def ride_off(visitor: VisitorPage, live: LiveCity, place_id: str) -> LiveCar:
    """Start and choose a place; the car that drives there."""
    visitor.start()
    visitor.choose(place_id)
    goal = live.city.places[place_id].edge
    live.until(lambda: any(_drives_to(car, goal) for car in live.cars))
    return next(car for car in live.cars if _drives_to(car, goal))


def _drives_to(car: LiveCar, edge: int) -> bool:
    order = car.order
    has_goal = order is not None and order.stop_s_m is not None and order.steps[-1].edge == edge
    return has_goal and car.mode in (DriveMode.DRIVING, DriveMode.WAITING)


def arrive(visitor: VisitorPage, live: LiveCity) -> None:
    """Go on to the place, and to the end of the visit."""
    for car in live.cars:
        car.speed_mps = FAST_MPS
    visitor.on("arrived")
    visitor.page.locator(".arrived .button").click()
    visitor.on("thanks")


@pytest.mark.slow
def test_two_visitors_at_two_stations_are_each_taken_where_they_want(station: OpenStation, live: LiveCity) -> None:
    visitors = {name: station(name) for name in PLACES}
    cars = {name: ride_off(visitor, live, PLACES[name]) for name, visitor in visitors.items()}
    assert cars["north"] is not cars["south"]
    visitors["north"].sees("Next stop: Wedding Hall")
    visitors["south"].sees("Next stop: Planetarium")
    for name, visitor in visitors.items():
        arrive(visitor, live)
        assert cars[name].edge == live.city.places[PLACES[name]].edge


def test_a_third_visitor_waits_in_line_until_a_car_is_free(station: OpenStation) -> None:
    first, second, third = station("north"), station("south"), station("east")
    for visitor in (first, second):
        visitor.start()
        visitor.on("choose")
    third.start()
    third.on("waiting")
    third.sees("You are next!")
    first.page.locator(".choose .button-quiet").click()
    third.on("choose")


@pytest.mark.slow
def test_a_car_that_falls_silent_in_mid_ride_is_told_and_comes_back(station: OpenStation, live: LiveCity) -> None:
    visitor = station("north")
    car = ride_off(visitor, live, "museum")
    visitor.wait_for_video()
    car.is_silent = car.stands = True
    visitor.on("interrupted")
    visitor.sees("We have lost touch with your car")
    car.is_silent = car.stands = False
    visitor.on("ride")
    arrive(visitor, live)


@pytest.mark.slow
def test_the_server_goes_and_comes_back_in_mid_ride(station: OpenStation, live: LiveCity) -> None:
    visitor = station("north")
    ride_off(visitor, live, "museum")
    live.stop()
    visitor.sees("The connection to the city is gone. It comes back by itself – please stay.")
    visitor.on("ride")
    live.start()
    visitor.sees("The connection is back.")
    arrive(visitor, live)


def test_an_operator_stops_all_and_lets_them_go_on_before_the_visitors_eyes(
    station: OpenStation, live: LiveCity, browser: Browser
) -> None:
    visitor = station("north")
    ride_off(visitor, live, "museum")
    with browser.new_context(locale="en-GB") as context:
        live.log_in(context)
        operator = OperatorPage(context.new_page(), live)
        operator.on("fleet")
        operator.page.get_by_role("button", name="Stop all cars").click()
        operator.sees("All cars are stopped.")
        visitor.sees("The car has been asked to wait. It goes on in a moment.")
        live.until(lambda: all(car.release is not None and car.release.hold for car in live.cars))
        operator.page.get_by_role("button", name="Let them go on").click()
        operator.page.locator("dialog").get_by_role("button", name="Let them go on").click()
        expect(operator.page.locator("#orders")).to_be_hidden()
    expect(visitor.page.locator(".ride-note")).to_be_empty()
    arrive(visitor, live)
