"""Keyboard, screen readers, small and large screens, themes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from fleet.views import RideState
from tests.station.double import CityDouble
from tests.station.serving import RunningDouble
from tests.station.visitor_page import VisitorPage

SMALLEST_TARGET_PX = 44
SCREEN_SIZES = ((360, 740), (740, 360), (1920, 1080))
BUTTONS = """
() => Array.from(document.querySelectorAll("button"), (one) => {
  const { width, height } = one.getBoundingClientRect();
  return one.checkVisibility() ? [[one.textContent, Math.min(width, height), one.scrollWidth > one.clientWidth]] : [];
}).flat()
"""
CONTRAST_AA = 4.5
TEXTS_WITH_CONTRAST = """
() => {
  const channels = (text) => {
    const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number);
    return { rgb: [r, g, b], a };
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const backdrop = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const { rgb, a } = channels(getComputedStyle(at).backgroundColor);
      if (a > 0.8) return rgb;
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const element of document.querySelectorAll("h1, p, dt, dd, button, .place-name")) {
    if (!element.textContent.trim() || !element.checkVisibility()) continue;
    const [a, b] = [luminance(channels(getComputedStyle(element).color).rgb), luminance(backdrop(element))];
    found.push([element.textContent, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)]);
  }
  return found;
}
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


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_screen_fits_and_is_large_enough_to_touch(
    browser: Browser, server: RunningDouble, double: CityDouble, language: str
) -> None:
    with browser.new_context(locale=language, reduced_motion="reduce") as context:
        page = context.new_page()
        _visit_every_screen(page, server, double, lambda: _check_layout(page))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast(
    browser: Browser, server: RunningDouble, double: CityDouble, scheme: Literal["light", "dark"]
) -> None:
    with browser.new_context(locale="en", color_scheme=scheme, reduced_motion="reduce") as context:
        page = context.new_page()
        _visit_every_screen(page, server, double, lambda: _check_contrast(page))


def test_reduced_motion_stands_still(browser: Browser, server: RunningDouble) -> None:
    with browser.new_context(reduced_motion="reduce") as context:
        page = context.new_page()
        VisitorPage(page, server)
        assert page.evaluate("document.getAnimations().length") == 0


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


def test_page_is_small_and_comes_from_one_host(page: Page, server: RunningDouble, double: CityDouble) -> None:
    sizes: list[int] = []
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    page.on("requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"]))
    visitor = VisitorPage(page, server)
    visitor.start()
    visitor.on("choose")
    page.wait_for_timeout(300)
    assert hosts == {server.url.split("/")[2]}
    assert 20_000 < sum(sizes) < 300_000


def _visit_every_screen(page: Page, server: RunningDouble, double: CityDouble, check: Callable[[], None]) -> None:
    double.car_free = False
    visitor = VisitorPage(page, server)
    check()
    visitor.start()
    page.wait_for_selector(".place-in-line:not(:empty)")
    check()
    double.free_a_car()
    page.wait_for_selector(".place")
    check()
    visitor.choose("international_town")
    double.drive(0.4)
    visitor.wait_for_video()
    check()
    double.set_state(RideState.INTERRUPTED)
    visitor.on("interrupted")
    check()
    double.drive(1)
    visitor.on("arrived")
    check()
    page.locator(".arrived .button").click()
    visitor.on("thanks")
    check()


def _check_layout(page: Page) -> None:
    for width, height in SCREEN_SIZES:
        page.set_viewport_size({"width": width, "height": height})
        where = f"{page.evaluate('document.body.dataset.screen')} at {width} x {height}"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{where} scrolls sideways"
        for text, size, clipped in page.evaluate(BUTTONS):
            assert size >= SMALLEST_TARGET_PX, f"{where}: “{text}” is only {size} pixels large"
            assert not clipped, f"{where}: “{text}” is clipped"


def _check_contrast(page: Page) -> None:
    for text, ratio in page.evaluate(TEXTS_WITH_CONTRAST):
        assert ratio >= CONTRAST_AA, f"“{text}” has a contrast of {ratio:.1f}"
