"""A public screen: nothing to break out of, back to the start when nobody is there, awake."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from fleet.views import RideState
from tests.station.double import CityDouble
from tests.station.serving import RunningDouble
from tests.station.visitor_page import VisitorPage

IS_PREVENTED = """
([type, options]) => {
  const make = type === "wheel" ? WheelEvent : Event;
  return !document.querySelector("h1").dispatchEvent(new make(type, { bubbles: true, cancelable: true, ...options }));
}
"""
RECORD_WAKE_LOCKS = """
window.wakeLocks = [];
navigator.wakeLock.request = async (kind) => { window.wakeLocks.push(kind); };
"""
GUARDED: list[tuple[str, dict[str, bool]]] = [
    ("contextmenu", {}),
    ("dragstart", {}),
    ("selectstart", {}),
    ("gesturestart", {}),
    ("wheel", {"ctrlKey": True}),
]


@pytest.mark.parametrize(("query", "is_kiosk"), [("?kiosk=1", True), ("", False)])
def test_nothing_to_select_drag_or_enlarge(page: Page, server: RunningDouble, query: str, is_kiosk: bool) -> None:
    VisitorPage(page, server, query)
    assert [page.evaluate(IS_PREVENTED, [*event]) for event in GUARDED] == [is_kiosk] * len(GUARDED)
    assert page.evaluate(IS_PREVENTED, ["wheel", {}]) is False, "scrolling stays"
    style = page.evaluate(
        "(({ userSelect, touchAction }) => [userSelect, touchAction])(getComputedStyle(document.body))"
    )
    assert (style[0] == "none") is is_kiosk
    root = page.evaluate("getComputedStyle(document.documentElement).touchAction")
    assert root == ("pan-x pan-y" if is_kiosk else "auto")


def test_screen_stays_awake(page: Page, server: RunningDouble) -> None:
    page.add_init_script(RECORD_WAKE_LOCKS)
    VisitorPage(page, server, "?kiosk=1")
    assert page.evaluate("window.wakeLocks") == ["screen"]
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert page.evaluate("window.wakeLocks") == ["screen", "screen"]


@pytest.mark.parametrize(("screen", "limit_ms"), [("waiting", 181_000), ("interrupted", 121_000)])
def test_back_to_the_start_when_nobody_is_there(
    page: Page, server: RunningDouble, double: CityDouble, screen: str, limit_ms: int
) -> None:
    page.clock.install()
    double.car_free = screen != "waiting"
    visitor = VisitorPage(page, server, "?kiosk=1")
    visitor.start()
    if screen == "interrupted":
        visitor.choose("museum")
        double.set_state(RideState.INTERRUPTED)
    visitor.on(screen)
    if screen == "waiting":
        page.wait_for_selector(".place-in-line:not(:empty)")
    page.clock.fast_forward(limit_ms)
    expect(page.locator("dialog")).to_be_visible()
    with page.expect_response("**/cancel"):
        page.clock.run_for(21_000)
    visitor.on("start")
    assert double.trip.state == RideState.CANCELLED


def test_language_goes_home_when_nobody_is_there(page: Page, server: RunningDouble) -> None:
    page.clock.install()
    visitor = VisitorPage(page, server, "?kiosk=1&lang=es")
    visitor.sees("Empezar")
    visitor.speak("th")
    visitor.sees("เริ่มเลย")
    page.clock.fast_forward(91_000)
    visitor.sees("Empezar")
