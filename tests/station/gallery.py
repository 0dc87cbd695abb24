"""Pictures of every screen in every language and size: `python -m tests.station.gallery FOLDER [LANGUAGE…]`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from station import static_dir
from tests.station.browsers import launch
from tests.station.double import CityDouble
from tests.station.layout import layout_findings, scrolls
from tests.station.serving import RunningDouble
from tests.station.tour import tour

SIZES = {"phone": (360, 740), "upright kiosk": (1080, 1920), "wide kiosk": (1920, 1080)}
SETTLE_MS = 250  # for the map, which fits itself to its new frame


def languages() -> list[str]:
    """The tags of all languages of the page."""
    return [one["tag"] for one in json.loads((static_dir() / "locales" / "index.json").read_text("utf-8"))]


def take(browser: Browser, folder: Path, language: str) -> None:
    """Write FOLDER/LANGUAGE-SIZE-NUMBER-SCREEN.png for every screen, and tell of what does not fit."""
    server = RunningDouble(CityDouble())
    try:
        with browser.new_context(locale=language, reduced_motion="reduce") as context:
            page = context.new_page()
            for number, screen in enumerate(tour(page, server, server.double, f"?lang={language}")):
                for size, (width, height) in SIZES.items():
                    page.set_viewport_size({"width": width, "height": height})
                    page.wait_for_timeout(SETTLE_MS)
                    page.screenshot(path=folder / f"{language}-{size.replace(' ', '-')}-{number:02}-{screen}.png")
                    found = layout_findings(page) + (["scrolls"] if scrolls(page) else [])
                    for finding in found:
                        sys.stdout.write(f"{language} {size} {screen}: {finding}\n")
    finally:
        server.stop()


def main() -> None:
    """Take the pictures that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("languages", nargs="*", default=languages())
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for language in arguments.languages:
            take(browser, arguments.folder, language)
        browser.close()


if __name__ == "__main__":
    main()
