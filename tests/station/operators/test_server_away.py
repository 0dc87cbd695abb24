"""The server vanishes and comes back; the page goes on."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.station.operators.live_city import LiveCity
from tests.station.operators.operator_page import OperatorPage

AWAY = "The server does not answer. What you see is old; it is asked again and again."
BACK = "The server is back."


def test_the_server_vanishes_and_returns(operator: OperatorPage, page: Page, live: LiveCity) -> None:
    panel = operator.pick_car("car-1")
    live.stop()
    operator.sees(AWAY)
    expect(panel).to_be_visible()
    live.start()
    operator.sees(BACK)
    expect(page.locator("body.away")).to_have_count(0)
    panel.get_by_role("button", name="Hold this car").click()
    expect(operator.state_of("car-1")).to_have_text("Held")  # the session has outlived the server


def test_the_page_opens_without_a_server_that_can_answer(page: Page, live: LiveCity) -> None:
    page.route("**/api/me", lambda route: route.abort())
    operator = OperatorPage(page, live)
    operator.sees("One moment …", AWAY)
    page.unroute("**/api/me")
    operator.on("login")
