"""Reloads, lost cars, lost servers: the visit goes on."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from fleet.views import RideState
from server.rides.sharing import share_token
from tests.station.double import CityDouble
from tests.station.serving import RunningDouble
from tests.station.visitor_page import VisitorPage, wait_until

OFFLINE = "The connection to the city is gone. It comes back by itself – please stay."
ONLINE = "The connection is back."


@pytest.fixture
def riding(page: Page, server: RunningDouble, double: CityDouble) -> VisitorPage:
    """A visitor on the way to the museum."""
    visitor = VisitorPage(page, server)
    visitor.start()
    visitor.choose("museum")
    double.drive(0.2)
    visitor.wait_for_video()
    return visitor


def test_reload_in_mid_ride(riding: VisitorPage, page: Page, double: CityDouble) -> None:
    riding.speak("ja")
    page.reload(wait_until="domcontentloaded")
    riding.on("ride")
    riding.sees("博物館に向かっています")
    riding.wait_for_video()
    assert len(double.trips) == 1


def test_server_vanishes_and_returns(riding: VisitorPage, server: RunningDouble, double: CityDouble) -> None:
    server.stop()
    riding.sees(OFFLINE)
    riding.on("ride")
    server.start()
    riding.sees(ONLINE)
    double.drive(0.6)
    riding.sees("30 cm/s")
    riding.picture_changes()
    double.drive(1)
    riding.on("arrived")
    expect(riding.page.locator("#banner")).to_be_hidden()


def test_arrival_while_the_server_was_away(riding: VisitorPage, server: RunningDouble, double: CityDouble) -> None:
    server.stop()
    riding.sees(OFFLINE)
    double.drive(1)
    server.start()
    riding.on("arrived")


def test_booking_while_the_server_is_away(page: Page, server: RunningDouble, double: CityDouble) -> None:
    visitor = VisitorPage(page, server)
    wait_until(page, "document.querySelector('.town-houses').complete")
    server.stop()
    visitor.start()
    visitor.on("waiting")
    visitor.sees(OFFLINE)
    server.start()
    visitor.on("choose")
    assert len(double.trips) == 1


def test_leaving_while_the_server_is_away_is_made_good(
    riding: VisitorPage, page: Page, server: RunningDouble, double: CityDouble
) -> None:
    server.stop()
    page.locator(".ride-foot .button").click()
    page.locator("dialog [value=yes]").click()
    riding.on("start")
    with page.expect_response("**/cancel"):
        server.start()
    assert double.trip.state == RideState.CANCELLED


def test_lost_car_comes_back(riding: VisitorPage, page: Page, double: CityDouble) -> None:
    double.set_state(RideState.INTERRUPTED)
    riding.on("interrupted")
    riding.sees("We have lost touch with your car")
    page.get_by_text("I’ll wait").click()
    riding.sees("Good – your ride goes on as soon as the car is back.")
    double.drive(0.4)
    riding.on("ride")


def test_a_car_that_operators_keep_is_not_called_lost(riding: VisitorPage, page: Page, double: CityDouble) -> None:
    double.set_operator(held=True)
    double.set_state(RideState.INTERRUPTED)
    riding.sees("Our staff have stopped your car")
    riding.sees("It goes on as soon as they let it. You can wait, or take another car.")
    page.get_by_text("I’ll wait").click()
    riding.sees("Good – your ride goes on as soon as the car is back.")
    double.set_operator(held=False)
    double.drive(0.4)
    riding.on("ride")


def test_lost_car_is_swapped_for_another(riding: VisitorPage, page: Page, double: CityDouble) -> None:
    double.set_state(RideState.INTERRUPTED)
    page.get_by_role("button", name="Take another car").click()
    wait_until(page, f"document.querySelector('.video img')?.src.includes('{share_token('ride-2')}')")
    riding.sees("Next stop: Museum")  # the new car already knows where to go
    assert [trip.state for trip in double.trips] == [RideState.CANCELLED, RideState.RIDING]


def test_cancelled_by_someone_else(riding: VisitorPage, double: CityDouble) -> None:
    double.set_state(RideState.CANCELLED)
    riding.on("start")
    riding.sees("This ride was cancelled. You can start a new one right away.")


def test_server_that_forgot_the_ride(riding: VisitorPage, server: RunningDouble, double: CityDouble) -> None:
    server.stop()
    double.forget()
    server.start()
    riding.on("start")
    riding.sees("The city does not know this ride any more. Please start again.")


def test_frozen_video_is_fetched_anew(page: Page, server: RunningDouble, double: CityDouble) -> None:
    page.clock.install()
    visitor = VisitorPage(page, server)
    visitor.start()
    visitor.choose("museum")
    visitor.wait_for_video()
    double.cut_streams()
    page.wait_for_timeout(300)
    page.clock.run_for(5_000)
    with page.expect_request("**/stream.mjpg?load=*"):
        page.clock.run_for(5_000)
    page.wait_for_timeout(300)
    visitor.picture_changes()


def test_car_without_a_picture(page: Page, server: RunningDouble, double: CityDouble) -> None:
    double.has_stream = False
    visitor = VisitorPage(page, server)
    visitor.start()
    visitor.choose("museum")
    visitor.sees("Here we go! The car is setting off.")
    expect(page.locator(".video img")).to_have_count(0)
    double.set_stream(True)
    visitor.wait_for_video()
    double.set_stream(False)
    expect(page.locator(".video img")).to_have_count(0)
    assert double.count("GET", "null") == 0


def test_repeated_clicks_book_one_car(page: Page, server: RunningDouble, double: CityDouble) -> None:
    visitor = VisitorPage(page, server)
    page.evaluate("const b = document.querySelector('.start .button'); b.click(); b.click(); b.click()")
    visitor.on("choose")
    assert len([trip for trip in double.trips if trip.state != RideState.CANCELLED]) == 1


def test_without_random_uuid_and_storage(context: BrowserContext, server: RunningDouble, double: CityDouble) -> None:
    """On plain http there is no crypto.randomUUID, and a browser may forbid storage."""
    page = context.new_page()
    page.add_init_script("delete Crypto.prototype.randomUUID")
    forbidden = "get() { throw new DOMException('no', 'SecurityError'); }"
    page.add_init_script(f"Object.defineProperty(window, 'localStorage', {{ {forbidden} }})")
    visitor = VisitorPage(page, server)
    visitor.start()
    visitor.choose("museum")
    assert double.trip.station.device_id.startswith("station-")


def test_part_of_the_page_that_did_not_come_is_fetched_again(page: Page, server: RunningDouble) -> None:
    missing = ["visit.js"]
    page.route("**/js/visit.js", lambda route: route.abort() if missing else route.continue_())
    page.goto(server.url, wait_until="domcontentloaded")
    missing.clear()
    page.wait_for_selector("body[data-screen=start]")


def test_texts_that_did_not_come_are_fetched_again(page: Page, server: RunningDouble) -> None:
    missing = ["en.json"]

    def answer(route: Route) -> None:
        if missing:
            missing.clear()
            route.abort()
        else:
            route.continue_()

    page.route("**/locales/en.json", answer)
    VisitorPage(page, server).sees("Start")


def test_language_can_be_changed_while_the_server_is_away(riding: VisitorPage, server: RunningDouble) -> None:
    riding.page.wait_for_load_state("load")
    server.stop()
    riding.sees(OFFLINE)
    riding.speak("es")
    riding.sees("Próxima parada: Museo")


def test_pictures_that_did_not_come_are_fetched_again(page: Page, server: RunningDouble) -> None:
    missing = ["town.svg"]
    page.route("**/town.svg", lambda route: route.abort() if missing else route.continue_())
    visitor = VisitorPage(page, server)
    page.wait_for_timeout(300)
    missing.clear()
    server.stop()
    visitor.sees(OFFLINE)
    server.start()
    visitor.sees(ONLINE)
    wait_until(page, "document.querySelector('.town-houses').naturalWidth > 0")


def test_server_killed_again_and_again_in_mid_ride(
    riding: VisitorPage, server: RunningDouble, double: CityDouble
) -> None:
    for share in (0.5, 0.8):
        server.stop()
        double.drive(share)
        server.start()
        riding.sees("30 cm/s")
        riding.picture_changes()
    double.drive(1)
    riding.on("arrived")
    assert len(double.trips) == 1
