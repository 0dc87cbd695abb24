"""Make the pictures of README and docs from the running system: `.venv/bin/python scripts/make_pictures.py`.

All of `docs/pictures` but `standardised.jpg`. It takes a few minutes.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path

import cv2
import httpx
import numpy as np
from playwright.async_api import Browser, Page, ViewportSize, async_playwright

from car.video.overlay import SIGN_COLOUR
from city.files import load_city
from pixelopolis.demo.fleet import Fleet, FleetOptions
from sim.render.picture import save_overview

Picture = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]

PICTURES = Path(__file__).parent.parent / "docs" / "pictures"
SEED = 1_000_021
LABEL_TOLERANCE, LABEL_PIXELS = 20, 1500
WEBP_QUALITY = 80
LYING, UPRIGHT, LAPTOP = (1920, 1080), (1080, 1920), (1366, 1180)
LYING_SHOWN, UPRIGHT_SHOWN, GAP_PIXELS = (960, 540), (320, 568), 14
SETTLE_MS = 1500  # for pictures that fade in, and the map, which fits itself to its frame
RIDE_MS = 2500  # a ride may be short
TIMEOUT_MS = 180_000
CLOSED_EDGE = 15


async def main() -> None:
    """Draw the city, then go through visits and to the operators' page."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    save_overview(load_city("pixelopolis"), PICTURES / "city.png")
    browser_path = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as work_dir:
        options = FleetOptions(2, "pixelopolis", SEED, "sqlite::memory:", Path(work_dir))
        async with Fleet(options) as fleet, async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
            await _car_picture(fleet)
            await _visits(fleet, browser)
            await _operators(fleet, browser)
            await browser.close()


async def _visits(fleet: Fleet, browser: Browser) -> None:
    """Two visitors ride, a third one waits; the first one's car is held by an operator."""
    first, second, third = [await _station(fleet, browser, name) for name in ("north", "south", "east")]
    await _save(first, "start")
    upright = [await _upright(first, "zh-Hans")]
    await _call_car(first)
    upright.append(await _upright(first, "en"))
    await _call_car(second)
    await _speak(second, "ar")
    await _save(second, "choose")
    await third.locator(".start .button").click()
    await third.wait_for_selector(".place-in-line:not(:empty)")
    await _speak(third, "ja")
    await _save(third, "waiting")
    await _choose(first, "museum")
    await _undisturbed(first)
    _write("page", _shrunk(await _shot(first), LYING_SHOWN))
    upright.append(await _upright(first, "es"))
    _write("kiosk", _side_by_side(upright))
    await _speak(second, "th")
    await _choose(second, "international_town")
    await second.wait_for_selector("body[data-screen=arrived]", timeout=TIMEOUT_MS)
    await _save(second, "arrived")
    await second.locator(".arrived .button").click()
    await second.wait_for_selector("body[data-screen=thanks]")
    await _save(second, "thanks")
    await third.wait_for_selector("body[data-screen=choose]")
    await _choose(third, "planetarium")
    await _speak(third, "en")
    await _order(fleet, f"cars/{await _car_of_ride(fleet)}/hold")
    await third.wait_for_selector("body[data-screen=interrupted]")
    await _save(third, "interrupted")
    for page in (first, second, third):
        await page.context.close()


async def _operators(fleet: Fleet, browser: Browser) -> None:
    """One car is still held; an edge is closed."""
    await _order(fleet, f"edges/{CLOSED_EDGE}/close")
    page = await browser.new_page(viewport=_viewport(LAPTOP), locale="en-GB")
    await page.goto(fleet.keys.operators_page(fleet.server_url), wait_until="domcontentloaded")
    await page.locator("form.login-form .button").first.click()
    await page.locator("tr[data-state=held] button").click()
    await page.wait_for_timeout(SETTLE_MS)
    _write("operators", await _shot(page))


async def _station(fleet: Fleet, browser: Browser, name: str) -> Page:
    page = await browser.new_page(viewport=_viewport(LYING), locale="en-GB")
    await page.goto(f"{fleet.server_url}/?station={name}", wait_until="domcontentloaded")
    await page.wait_for_selector("body[data-screen=start]")
    return page


async def _call_car(page: Page) -> None:
    await page.locator(".start .button").click()
    await page.wait_for_selector("body[data-screen=choose]")


async def _choose(page: Page, place: str) -> None:
    await page.locator(f"[data-place={place}]").click()
    await page.wait_for_selector("body[data-screen=ride]")
    await page.wait_for_timeout(RIDE_MS)


async def _undisturbed(page: Page) -> None:
    """The car has nothing to say; a busy machine makes it stop for a moment now and then."""
    await page.wait_for_selector(".ride-note:empty", state="attached", timeout=TIMEOUT_MS)


async def _speak(page: Page, language: str) -> None:
    await page.locator(f".language[lang={language}]").click()


async def _order(fleet: Fleet, act: str) -> None:
    async with httpx.AsyncClient(base_url=fleet.server_url, headers=fleet.keys.operator) as client:
        (await client.post(f"/api/operator/{act}")).raise_for_status()


async def _car_of_ride(fleet: Fleet) -> str:
    """The car of the visitor who chose last."""
    async with httpx.AsyncClient(base_url=fleet.server_url, headers=fleet.keys.operator) as client:
        history = (await client.get("/api/history")).raise_for_status().json()
    return str(next(entry["car_id"] for entry in history if entry["kind"] == "ride.riding"))


async def _save(page: Page, name: str) -> None:
    await page.wait_for_timeout(SETTLE_MS)
    _write(name, _shrunk(await _shot(page), LYING_SHOWN))


async def _upright(page: Page, language: str) -> Picture:
    """The page on an upright kiosk in a language; afterwards it lies on its side in English again."""
    await _speak(page, language)
    await page.set_viewport_size(_viewport(UPRIGHT))
    await page.wait_for_timeout(SETTLE_MS)
    picture = await _shot(page)
    await page.set_viewport_size(_viewport(LYING))
    await _speak(page, "en")
    return _shrunk(picture, UPRIGHT_SHOWN)


def _shrunk(picture: Picture, size: tuple[int, int]) -> Picture:
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _side_by_side(pictures: list[Picture]) -> Picture:
    gap = np.full((pictures[0].shape[0], GAP_PIXELS, 3), 255, np.uint8)
    first, *others = pictures
    return np.hstack([first, *(part for picture in others for part in (gap, picture))])


async def _car_picture(fleet: Fleet) -> None:
    """The first of a car's pictures in which it has recognised something."""
    async with httpx.AsyncClient(base_url=fleet.server_url, timeout=10.0, headers=fleet.keys.operator) as client:
        for _ in range(200):
            answer = await client.get("/api/cars/car-1/snapshot.jpg")
            plain = _decoded(answer.raise_for_status().content)
            if _shows_boxes(plain):
                break
            await asyncio.sleep(0.15)
    cv2.imwrite(str(PICTURES / "ride.png"), plain)


async def _shot(page: Page) -> Picture:
    return _decoded(await page.screenshot())


def _write(name: str, picture: Picture) -> None:
    cv2.imwrite(str(PICTURES / f"{name}.webp"), picture, [cv2.IMWRITE_WEBP_QUALITY, WEBP_QUALITY])


def _viewport(size: tuple[int, int]) -> ViewportSize:
    return {"width": size[0], "height": size[1]}


def _decoded(encoded: bytes) -> Picture:
    return np.asarray(cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def _shows_boxes(picture: Picture) -> bool:
    """Whether the label of a near sign is drawn on it."""
    near = np.abs(picture.astype(int) - np.array(SIGN_COLOUR)).max(axis=2) < LABEL_TOLERANCE
    return bool(near.sum() > LABEL_PIXELS)


if __name__ == "__main__":
    asyncio.run(main())
