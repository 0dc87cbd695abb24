"""A visitor's whole visit in a real browser, on the real system, in two of its languages; and when a part is killed."""

from __future__ import annotations

import hashlib
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright

from city.files import load_city
from tests.end_to_end.conftest import FleetFactory, truth_of, until_moving
from tests.station.browsers import CHROMIUM_ARGUMENTS, chromium_path

pytestmark = [pytest.mark.alone, pytest.mark.timeout(400)]

RIDE_TIMEOUT_MS = 180_000
TEXTS = {
    "en": {"start": "Start", "place": "International Town", "arrived": "You have arrived!"},
    "ja": {"start": "はじめる", "place": "インターナショナルタウン", "arrived": "目的地に到着しました！"},
}


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """The system's Chromium."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=list(CHROMIUM_ARGUMENTS))
        yield browser
        await browser.close()


# One language in each run of the tests; what a language changes is tested without video as well.
@pytest.mark.parametrize("language", ["en", pytest.param("ja", marks=pytest.mark.slow)])
async def test_a_whole_visit_with_real_video(
    make_fleet: FleetFactory, browser: Browser, language: str, tmp_path: Path
) -> None:
    async with make_fleet(1) as fleet:
        page = await browser.new_page(viewport={"width": 1280, "height": 800})
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        await page.goto(f"{fleet.server_url}/?lang={language}", wait_until="domcontentloaded")
        await page.get_by_role("button", name=TEXTS[language]["start"], exact=True).click()
        await _screen(page, "choose")
        card = page.locator("[data-place=international_town]")
        assert TEXTS[language]["place"] in (await card.inner_text())
        await card.click()
        await _screen(page, "ride")
        await _picture_changes(page)
        await page.screenshot(path=tmp_path / f"ride-{language}.png")
        await _screen(page, "arrived", RIDE_TIMEOUT_MS)
        assert await page.get_by_text(TEXTS[language]["arrived"], exact=True).first.is_visible()
        truth = await truth_of(fleet, "car-1")
        assert truth["edge"] == 2, "the place's street"
        assert (truth["collisions"], truth["lane_departures"]) == (0, 0)
        await page.locator(".button:visible").first.click()
        await _screen(page, "thanks")
        assert errors == []


@pytest.mark.slow
async def test_server_and_car_are_killed_in_mid_ride_with_the_page_open(
    make_fleet: FleetFactory, browser: Browser
) -> None:
    async with make_fleet(1) as fleet:
        page = await browser.new_page(viewport={"width": 1280, "height": 800})
        await page.goto(f"{fleet.server_url}/?lang=en", wait_until="domcontentloaded")
        await page.get_by_role("button", name="Start", exact=True).click()
        await _screen(page, "choose")
        await page.locator("[data-place=planetarium]").click()
        await _screen(page, "ride")
        await until_moving(fleet, "car-1")
        fleet.processes["server"].send(signal.SIGKILL)
        await page.get_by_text("The connection to the city is gone.").wait_for()
        await fleet.restart("server")
        await page.get_by_text("The connection is back.").wait_for()
        await _screen(page, "ride")
        await until_moving(fleet, "car-1")
        fleet.processes["car-1"].send(signal.SIGKILL)
        await _screen(page, "interrupted")
        await page.get_by_text("We have lost touch with your car").wait_for()
        await fleet.restart("car-1")
        await _screen(page, "arrived", RIDE_TIMEOUT_MS)
        truth = await truth_of(fleet, "car-1")
        assert truth["edge"] == load_city("pixelopolis").places["planetarium"].edge
        assert (truth["collisions"], truth["lane_departures"]) == (0, 0)


async def _screen(page: Page, name: str, timeout_ms: float = 60_000) -> None:
    await page.wait_for_selector(f"body[data-screen={name}]", timeout=timeout_ms)


async def _picture_changes(page: Page) -> None:
    """The live picture is there, and is another one a moment later."""
    seen = set()
    for _ in range(100):
        if await page.evaluate("document.querySelector('.video img')?.naturalWidth > 0"):
            seen.add(hashlib.sha256(await page.locator(".video").screenshot()).digest())
        if len(seen) > 2:
            return
        await page.wait_for_timeout(200)
    raise AssertionError(f"saw {len(seen)} different pictures in 20 s")
