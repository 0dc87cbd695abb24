"""Keyboard, languages, directions, motion."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from tests.station.double import CityDouble
from tests.station.serving import RunningDouble
from tests.station.visitor_page import VisitorPage

ENDLESS_MOTIONS = """
document.getAnimations()
  .filter((one) => one.effect.getComputedTiming().endTime === Infinity)
  .map((one) => one.playState)
"""


def test_whole_visit_by_keyboard(page: Page, server: RunningDouble, double: CityDouble) -> None:
    visitor = VisitorPage(page, server)
    expect(page.locator(".start .button")).to_have_text("Start")

    def press_tab_until(text: str) -> None:
        for _ in range(12):
            page.keyboard.press("Tab")
            if visitor.focused() == text:
                style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                assert style == "solid", f"the focus on {text} cannot be seen"
                page.keyboard.press("Enter")
                return
        raise AssertionError(f"{text} cannot be reached with the Tab key")

    press_tab_until("Start")
    visitor.on("choose")
    assert visitor.focused() == "Where would you like to go?"
    press_tab_until("Wedding Hall")
    visitor.on("ride")
    assert visitor.focused() == "Next stop: Wedding Hall"
    double.drive(1)
    visitor.on("arrived")
    assert visitor.focused() == "You have arrived!"
    press_tab_until("Get out")
    visitor.on("thanks")
    press_tab_until("To the start")
    visitor.on("start")


def test_language_switch_keeps_the_focus_and_the_video(page: Page, server: RunningDouble, double: CityDouble) -> None:
    visitor = VisitorPage(page, server)
    visitor.start()
    visitor.choose("museum")
    visitor.wait_for_video()
    visitor.speak("ja")
    assert visitor.focused() == "日本語"
    visitor.sees("博物館に向かっています")
    assert double.count("GET", "/stream.mjpg") == 1


def test_reduced_motion_stands_still(browser: Browser, server: RunningDouble) -> None:
    with browser.new_context(reduced_motion="reduce") as context:
        page = context.new_page()
        VisitorPage(page, server)
        assert page.evaluate("document.getAnimations().length") == 0
        expect(page.locator(".pause")).to_be_hidden()


def test_endless_motion_can_be_stopped(page: Page, server: RunningDouble, double: CityDouble) -> None:
    double.car_free = False
    visitor = VisitorPage(page, server)
    for _ in range(2):
        assert "running" in page.evaluate(ENDLESS_MOTIONS)
        page.get_by_role("button", name="Stop the motion").click()
        assert set(page.evaluate(ENDLESS_MOTIONS)) == {"paused"}
        page.get_by_role("button", name="Stop the motion").click()
        assert set(page.evaluate(ENDLESS_MOTIONS)) == {"running"}
        if page.evaluate("document.body.dataset.screen") == "start":
            visitor.start()
            visitor.on("waiting")


def test_arrival_comes_to_rest(page: Page, server: RunningDouble, double: CityDouble) -> None:
    visitor = VisitorPage(page, server)
    visitor.start()
    visitor.choose("museum")
    double.drive(1)
    visitor.on("arrived")
    ends_ms = page.evaluate("document.getAnimations().map((one) => one.effect.getComputedTiming().endTime)")
    assert 1_000 < max(ends_ms) <= 5_000


def test_language_of_browser_and_address(browser: Browser, server: RunningDouble) -> None:
    with browser.new_context(locale="ja-JP") as context:
        page = context.new_page()
        VisitorPage(page, server).sees("はじめる")
        VisitorPage(page, server, "?lang=en").sees("Start")


def test_right_to_left(browser: Browser, server: RunningDouble, double: CityDouble) -> None:
    """The page reads from the right, its chevrons turn round, and a left turn stays one."""
    with browser.new_context(locale="ar") as context:
        page = context.new_page()
        visitor = VisitorPage(page, server)
        brand, languages = page.locator(".brand").bounding_box(), page.locator("#languages").bounding_box()
        assert brand is not None
        assert languages is not None
        assert brand["x"] > languages["x"]
        transform = "(icon) => getComputedStyle(icon).transform"
        assert page.locator("[data-icon=onward]").evaluate(transform) == "matrix(-1, 0, 0, 1, 0, 0)"
        visitor.start()
        visitor.choose("museum")
        double.drive_to_a_turn("left")
        visitor.sees("إلى اليسار")
        assert page.locator("[data-icon=left]").evaluate(transform) == "none"
        visitor.speak("en")
        assert page.evaluate("document.documentElement.dir") == "ltr"
