"""Make the README's pictures from the running system: `.venv/bin/python scripts/make_pictures.py`."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path

import cv2
import httpx
import numpy as np
from playwright.async_api import Browser, async_playwright

from car.overlay import SIGN_COLOUR
from city.files import load_city
from pixelopolis.demo.fleet import Fleet, FleetOptions
from sim.render.picture import save_overview

PICTURES = Path(__file__).parent.parent / "docs" / "pictures"
SEED = 1_000_021
LABEL_TOLERANCE, LABEL_PIXELS = 20, 1500
PLACES = {"en": "museum", "ja": "wedding_hall"}


async def main() -> None:
    """Draw the city, then ride once in each language."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    save_overview(load_city("pixelopolis"), PICTURES / "city.png")
    browser_path = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as work_dir:
        options = FleetOptions(2, "pixelopolis", SEED, "sqlite::memory:", Path(work_dir))
        async with Fleet(options) as fleet, async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
            for language, place in PLACES.items():
                await _ride(fleet, browser, language, place)
            await browser.close()


async def _ride(fleet: Fleet, browser: Browser, language: str, place: str) -> None:
    page = await browser.new_page(viewport={"width": 1180, "height": 760})
    await page.goto(f"{fleet.server_url}/?lang={language}", wait_until="domcontentloaded")
    await page.wait_for_selector("body[data-screen=start]")
    await page.screenshot(path=PICTURES / f"start-{language}.png")
    await page.locator(".start .button").click()
    await page.wait_for_selector("body[data-screen=choose]")
    await page.wait_for_timeout(800)
    await page.screenshot(path=PICTURES / f"choose-{language}.png")
    await page.locator(f"[data-place={place}]").click()
    await page.wait_for_selector("body[data-screen=ride]")
    await page.wait_for_timeout(6000)
    await page.screenshot(path=PICTURES / f"page-{language}.png")
    if language == "en":
        await _car_picture(fleet)
    await page.close()


async def _car_picture(fleet: Fleet) -> None:
    """The first of a car's pictures in which it has recognised something."""
    async with httpx.AsyncClient(base_url=fleet.server_url, timeout=10.0, headers=fleet.keys.operator) as client:
        for _ in range(200):
            plain = _decoded(await client.get("/api/cars/car-1/snapshot.jpg"))
            if _shows_boxes(plain):
                break
            await asyncio.sleep(0.15)
    cv2.imwrite(str(PICTURES / "ride.png"), plain)


def _decoded(answer: httpx.Response) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    picture = cv2.imdecode(np.frombuffer(answer.raise_for_status().content, np.uint8), cv2.IMREAD_COLOR)
    return np.asarray(picture, np.uint8)


def _shows_boxes(picture: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> bool:
    """Whether the label of a near sign is drawn on it."""
    near = np.abs(picture.astype(int) - np.array(SIGN_COLOUR)).max(axis=2) < LABEL_TOLERANCE
    return bool(near.sum() > LABEL_PIXELS)


if __name__ == "__main__":
    asyncio.run(main())
