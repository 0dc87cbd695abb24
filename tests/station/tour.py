"""Leads a page through every screen, in every state in which it looks different."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Page

from fleet.messages import DriveMode
from fleet.views import RideState
from server.rides.sharing import share_token
from tests.station.double import CityDouble
from tests.station.serving import RunningDouble
from tests.station.visitor_page import VisitorPage

IDLE_MS = 61_000
HEARTBEAT_MS = 6_000
CODE = "7K2M-Q4XD-9TRB"


def tour(page: Page, server: RunningDouble, double: CityDouble, query: str = "") -> Iterator[str]:
    """Go on to the next screen whenever asked for its name; `query` is the address's."""
    page.clock.install()
    double.car_free = False
    double.code = CODE
    visitor = VisitorPage(page, server, query, first="enrol")
    yield from _enrolling(visitor)
    yield "start"
    yield from _choosing(visitor, double)
    yield from _riding(visitor, double)
    yield from _going(visitor, double)
    yield from _watching(visitor, double)


def _enrolling(visitor: VisitorPage) -> Iterator[str]:
    yield "enrol"
    visitor.enrol("wrong")
    visitor.page.wait_for_selector(".enrol .notice:not(:empty)")
    yield "enrol-refused"
    visitor.enrol(CODE)
    visitor.on("start")


def _choosing(visitor: VisitorPage, double: CityDouble) -> Iterator[str]:
    page = visitor.page
    visitor.start()
    page.wait_for_selector(".place-in-line:not(:empty)")
    yield "waiting"
    double.free_a_car()
    page.wait_for_selector(".place")
    yield "choose"
    double.refuse_places = True
    page.locator("[data-place=museum]").click()
    page.wait_for_selector(".choose .notice:not(:empty)")
    yield "choose-refused"
    double.refuse_places = False
    double.close_places("wedding_hall", "international_town")
    page.wait_for_selector(".place-closed:not(:empty)")
    yield "choose-closed"
    double.close_places()
    page.clock.fast_forward(IDLE_MS)
    page.wait_for_selector("dialog[open]")
    yield "question-idle"
    page.locator("dialog [value=no]").click()


def _riding(visitor: VisitorPage, double: CityDouble) -> Iterator[str]:
    page = visitor.page
    visitor.choose("international_town")
    visitor.wait_for_video()
    page.wait_for_selector(".ride-note:not(:empty)")
    yield "ride-ready"
    double.drive(0.4)
    page.wait_for_selector(".ride-note:empty", state="attached")
    yield "ride"
    double.set_place_queue(12)
    page.wait_for_selector(".ride-note:not(:empty)")
    yield "ride-in-line"
    double.set_place_queue(None)
    page.wait_for_selector(".ride-note:empty", state="attached")
    double.set_mode(DriveMode.STOPPED)
    page.wait_for_selector(".ride-note:not(:empty)")
    yield "ride-stopped"
    page.locator(".ride-foot .button").click()
    yield "question-leave"
    page.keyboard.press("Escape")
    visitor.server.stop()
    page.wait_for_selector("#banner:not([hidden])")
    yield "ride-offline"
    visitor.server.start()
    page.wait_for_selector("#banner.banner-good", state="attached")


def _going(visitor: VisitorPage, double: CityDouble) -> Iterator[str]:
    page = visitor.page
    double.set_state(RideState.INTERRUPTED)
    visitor.on("interrupted")
    yield "interrupted"
    page.locator(".interrupted .button").first.click()
    yield "interrupted-waiting"
    double.drive(1)
    visitor.on("arrived")
    yield "arrived"
    page.locator(".arrived .button").click()
    visitor.on("thanks")
    yield "thanks"
    page.locator(".thanks .button").click()
    visitor.start()
    visitor.on("choose")
    double.set_state(RideState.CANCELLED)
    visitor.on("start")
    yield "start-cancelled"
    visitor.server.stop()
    page.clock.fast_forward(HEARTBEAT_MS)
    page.wait_for_selector("#banner:not([hidden], .banner-good)")
    yield "start-cancelled-offline"
    visitor.server.start()


def _watching(visitor: VisitorPage, double: CityDouble) -> Iterator[str]:
    page = visitor.page
    visitor.start()
    visitor.choose("international_town")
    double.drive(0.4)
    page.goto(f"{visitor.server.url}?ride={share_token(double.trip.ride_id)}", wait_until="domcontentloaded")
    visitor.on("ride")
    visitor.wait_for_video()
    yield "companion-ride"
    double.set_state(RideState.INTERRUPTED)
    visitor.on("interrupted")
    yield "companion-interrupted"
    double.drive(1)
    visitor.on("arrived")
    yield "companion-arrived"
    double.set_state(RideState.ENDED)
    visitor.on("over")
    yield "companion-over"
