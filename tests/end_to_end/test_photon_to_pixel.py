"""How old is what a browser shows, while three cars drive by sight?

Their cameras write the time into each picture, and the page reads it whenever it has another one to draw.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, async_playwright

from pixelopolis.bench.figure import percentile
from pixelopolis.bench.stream.clock_strip import BLOCKS, CHECK_BITS, TIME_BITS
from pixelopolis.demo.fleet import Fleet, FleetOptions
from tests.end_to_end.clocked_camera import ClockedCameras
from tests.end_to_end.conftest import until_moving
from tests.station.browsers import CHROMIUM_ARGUMENTS, chromium_path

pytestmark = [pytest.mark.alone, pytest.mark.slow, pytest.mark.timeout(400)]

WATCHED_MS = 30_000

# Reads as `read_clock` does, before each of the browser's paintings; gives the ages of new pictures in milliseconds.
WATCH = """
async ([path, duration_ms, blocks, timeBits, checkBits]) => {
  const image = document.createElement("img");
  image.src = path;
  document.body.replaceChildren(image);
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const ages = [];
  let newest = 0;
  const look = () => {
    const width = image.naturalWidth;
    if (width === 0) return;
    const size = Math.floor(width / blocks);
    canvas.width = width;
    canvas.height = size;
    context.drawImage(image, 0, 0);
    const pixels = context.getImageData(0, Math.floor(size / 2), width, 1).data;
    const bits = Array.from({ length: blocks }, (_, k) => pixels[4 * (k * size + Math.floor(size / 2)) + 1] > 127);
    const number = (from, to) => bits.slice(from, to).reduce((sum, bit) => 2 * sum + bit, 0);
    const taken = number(0, timeBits);
    const bytes = [24, 16, 8, 0].map((shift) => (taken >>> shift) & 255);
    const check = (bytes.reduce((sum, byte) => sum + byte, 0) * 31 + 85) % 251;
    if (check !== number(timeBits, timeBits + checkBits) || taken === newest) return;
    newest = taken;
    const now = Date.now() % 2 ** timeBits;
    ages.push((now - taken + 2 ** timeBits) % 2 ** timeBits);
  };
  const until = performance.now() + duration_ms;
  while (performance.now() < until) {
    await new Promise(requestAnimationFrame);
    look();
  }
  return ages;
}
"""


class ClockedFleet(Fleet):
    """A fleet whose cameras write the time into their pictures."""

    cameras: ClockedCameras

    def _car_verb(self, car: dict[str, str]) -> list[str]:
        return super()._car_verb({**car, "camera": self.cameras.url(car["id"])})

    def camera_address(self) -> tuple[str, int]:
        parts = urlsplit(self.sim["cars"][0]["camera"])
        return str(parts.hostname), int(parts.port or 0)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=list(CHROMIUM_ARGUMENTS))
        yield browser
        await browser.close()


async def test_photon_to_pixel(browser: Browser, tmp_path: Path) -> None:
    fleet = ClockedFleet(FleetOptions(3, "pixelopolis", 1_000_001, "sqlite::memory:", tmp_path), restarts=False)
    fleet.cameras = ClockedCameras(fleet.camera_address)
    await fleet.cameras.start()
    async with fleet:
        for car_id in fleet.car_ports:
            await until_moving(fleet, car_id)
        page = await browser.new_page(extra_http_headers=fleet.keys.operator)
        await page.goto(f"{fleet.server_url}/api/live")
        path = "/api/cars/car-1/stream.mjpg?overlay=off"
        ages_ms = await page.evaluate(WATCH, [path, WATCHED_MS, BLOCKS, TIME_BITS, CHECK_BITS])
        fleet.check()
    fleet.cameras.stop()
    figures = {f"p{share}_ms": percentile(ages_ms, share / 100) for share in (50, 95, 100)}
    print(json.dumps({"pictures": len(ages_ms), **figures}))  # noqa: T201  # with `pytest -s`, the measurement
    # Bounds that only a queue would break: how fast all these processes are, the machine decides.
    assert len(ages_ms) > 2 * WATCHED_MS / 1000
    assert figures["p50_ms"] < 1000
    half = len(ages_ms) // 2
    assert percentile(ages_ms[half:], 0.5) < 2 * percentile(ages_ms[:half], 0.5) + 100
