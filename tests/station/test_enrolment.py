"""A station and its key: typed, from the address, kept, revoked."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page, expect

from tests.station.double import CityDouble
from tests.station.serving import RunningDouble
from tests.station.visitor_page import VisitorPage, wait_until

CODE = "7K2M-Q4XD-9TRB"
STORED_KEY = "localStorage.getItem('pixelopolis.key.hall-3')"


def enrolments(double: CityDouble) -> int:
    return double.count("POST", "/api/enrolments")


def test_a_code_is_typed_once(page: Page, server: RunningDouble, double: CityDouble) -> None:
    double.code = CODE
    visitor = VisitorPage(page, server, "?station=hall-3", first="enrol")
    visitor.enrol("wrong")
    visitor.sees("This code does not work. Please ask for another one.")
    visitor.enrol(CODE)
    visitor.on("start")
    page.reload(wait_until="domcontentloaded")
    visitor.on("start")
    visitor.start()
    visitor.choose("museum")
    assert enrolments(double) == 3, "one without a code, two with one, and none after the reload"
    assert double.trip.station.device_id == "hall-3"


def test_a_code_in_the_address_is_used_and_taken_away(page: Page, server: RunningDouble, double: CityDouble) -> None:
    double.code = CODE
    visitor = VisitorPage(page, server, f"?station=hall-3&lang=en#code={CODE}")
    visitor.start()
    visitor.choose("museum")
    assert page.url.endswith("/?station=hall-3&lang=en")
    assert enrolments(double) == 1


def test_where_the_server_is_open_nobody_is_asked(page: Page, server: RunningDouble, double: CityDouble) -> None:
    visitor = VisitorPage(page, server)
    visitor.start()
    visitor.choose("museum")
    expect(page.locator(".enrol-form")).to_have_count(0)


def test_a_revoked_station_asks_for_a_code_and_the_ride_goes_on(
    page: Page, server: RunningDouble, double: CityDouble
) -> None:
    visitor = VisitorPage(page, server, "?station=hall-3")
    visitor.start()
    visitor.choose("museum")
    double.code = CODE
    double.revoke_keys()
    server.stop()  # so that the page asks anew
    server.start()
    visitor.on("enrol")
    wait_until(page, f"{STORED_KEY} === 'null'")
    visitor.enrol(CODE)
    visitor.on("ride")
    double.drive(1)
    visitor.on("arrived")


def test_two_tabs_of_one_browser_are_one_station(
    context: BrowserContext, server: RunningDouble, double: CityDouble
) -> None:
    first = VisitorPage(context.new_page(), server, "?station=hall-3")
    wait_until(first.page, f"{STORED_KEY} !== null")
    VisitorPage(context.new_page(), server, "?station=hall-3")
    first.start()
    first.choose("museum")
    assert enrolments(double) == 1
