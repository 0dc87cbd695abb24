"""Every view of the operators' page: readable, touchable and accessible in every language, size and colour scheme."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from server.fleet_control import operations
from tests.station.accessibility import axe_findings
from tests.station.contrast import contrast_findings
from tests.station.gallery import languages
from tests.station.layout import layout_findings
from tests.station.operators.live_city import LiveCity
from tests.station.operators.operator_page import OperatorPage

Scheme = Literal["light", "dark"]

SIZES = {"phone": (360, 740), "tablet": (820, 1180), "laptop": (1366, 768), "enlarged to 400 %": (320, 256)}
SETTLE_MS = 60
# What is fixed to the window lies over whatever is scrolled beneath it; that is no fault.
NOTHING_STICKS = """
for (const { style } of document.querySelectorAll(".head, .orders, .stop-place, .act-notice, .fleet-map")) {
  style.position = "static";
}
"""
VIEWS = 7
QUICK = {("en", "light"), ("ar", "dark")}
CASES = [
    pytest.param(language, scheme, marks=() if (language, scheme) in QUICK else pytest.mark.slow)
    for language in languages()
    for scheme in ("light", "dark")
]


def tour(page: Page, live: LiveCity, language: str) -> Iterator[str]:
    """Go on to the next view whenever asked for its name."""
    operator = OperatorPage(page, live, f"?lang={language}#code=7K2M-Q4XD-9TRB")
    operator.on("login")
    yield "login"
    live.log_in(page.context)
    operator = OperatorPage(page, live, f"?lang={language}&again")
    operator.on("fleet")
    page.wait_for_selector(".car-row[data-state=lost]")
    page.wait_for_selector(".map-edge[data-state=closed]")
    yield "fleet"
    operator.pick_car("car-1").wait_for()
    yield "car"
    operator.pick_edge(7).locator(".detail-acts .act").click()
    page.wait_for_selector("#notice[data-outcome=refused]")
    yield "edge-refused"
    page.locator(".notice-close").click()
    for view in ("pictures", "log", "access"):
        operator.go_to(view)
        if view == "access":
            page.locator(".code-form .act").click()
            page.wait_for_selector(".issued:not([hidden])")
            page.wait_for_selector("#notice", state="hidden")
        yield view


@pytest.fixture
def troubled(live: LiveCity) -> LiveCity:
    """All cars stopped, one held, one silent, an edge closed."""
    fleet = live.server.context.dispatcher.fleet
    operations.stop_all(fleet)
    operations.hold_car(fleet, "car-1")
    operations.close_edge(fleet, 15)
    live.cars[1].is_silent = True
    return live


@pytest.mark.parametrize(("language", "scheme"), CASES)
def test_every_view(browser: Browser, troubled: LiveCity, language: str, scheme: Scheme) -> None:
    findings: list[str] = []
    views = 0
    with browser.new_context(locale=language, color_scheme=scheme, reduced_motion="reduce") as context:
        page = context.new_page()
        for view in tour(page, troubled, language):
            views += 1
            found = [*_layout(page), *contrast_findings(page), *axe_findings(page)]
            findings += [f"{view}: {finding}" for finding in found]
    assert not findings, "\n".join(findings)
    assert views == VIEWS


def _layout(page: Page) -> list[str]:
    page.evaluate(NOTHING_STICKS)
    found: list[str] = []
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(SETTLE_MS)
        found += [f"{size}: {finding}" for finding in layout_findings(page)]
    return found
