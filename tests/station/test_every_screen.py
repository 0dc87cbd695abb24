"""Every screen: readable, touchable and accessible in every size, language and colour scheme."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from tests.station.accessibility import axe_findings
from tests.station.contrast import contrast_findings
from tests.station.double import CityDouble
from tests.station.gallery import SIZES, languages
from tests.station.layout import layout_findings, scrolls
from tests.station.serving import RunningDouble
from tests.station.tour import tour
from tests.station.visitor_page import VisitorPage

Scheme = Literal["light", "dark"]

# WCAG 2.2: a window of 1280 × 1024 pixels enlarged to 200 % and to 400 %.
ENLARGED = {"200 %": (640, 512), "400 %": (320, 256)}
SETTLE_MS = 60  # for the map, which fits itself to its new frame
SCREENS = 24
FAULTS = """
const add = (tag, text, style) => {
  const element = document.createElement(tag);
  element.textContent = text;
  Object.assign(element.style, style);
  document.querySelector("main").append(element);
};
add("button", "tiny", { width: "20px", height: "20px", position: "fixed", top: "200px", left: "50px" });
add("button", "above", { width: "90px", height: "90px", position: "fixed", top: "200px", left: "40px" });
add("div", "wide", { width: "3000px" });
add("div", "a long text in a small box", { width: "40px", height: "12px", overflow: "hidden" });
add("p", "pale", { color: "#e8e8e8", backgroundColor: "#ffffff" });
add("img", "", {});
"""
QUICK = {("en", "light"), ("ar", "dark")}
CASES = [
    pytest.param(language, scheme, marks=() if (language, scheme) in QUICK else pytest.mark.slow)
    for language in languages()
    for scheme in ("light", "dark")
]


@pytest.mark.parametrize(("language", "scheme"), CASES)
def test_every_screen(
    browser: Browser, server: RunningDouble, double: CityDouble, language: str, scheme: Scheme
) -> None:
    findings: list[str] = []
    screens = 0
    with browser.new_context(locale=language, color_scheme=scheme, reduced_motion="reduce") as context:
        page = context.new_page()
        for screen in tour(page, server, double):
            screens += 1
            found = [*_layout(page, screen), *contrast_findings(page), *axe_findings(page)]
            findings += [f"{screen}: {finding}" for finding in found]
    assert not findings, "\n".join(findings)
    assert screens == SCREENS


def test_faults_are_found(page: Page, server: RunningDouble) -> None:
    VisitorPage(page, server)
    page.evaluate(FAULTS)
    assert "axe image-alt" in " ".join(axe_findings(page))
    layout = " ".join(layout_findings(page))
    for fault in ("is only 20 pixels large", "scrolls sideways", "lies over", "is cut off by"):
        assert fault in layout
    assert contrast_findings(page) == ["“pale” has a contrast of 1.2"]


def _layout(page: Page, screen: str) -> list[str]:
    found: list[str] = []
    for size, (width, height) in (ENLARGED | SIZES).items():
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(SETTLE_MS)
        found += [f"{size}: {finding}" for finding in layout_findings(page)]
        if "kiosk" in size and scrolls(page):
            found.append(f"{size}: a kiosk's screen does not scroll")
    return found
