"""The system's Chromium, as the tests start it."""

from __future__ import annotations

import shutil

from playwright.sync_api import Browser, Playwright

CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def chromium_path() -> str:
    """Where it is.

    Raises:
        FileNotFoundError: if it is not installed.
    """
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        raise FileNotFoundError("no Chromium in PATH: install it, on Debian with `apt-get install chromium`")
    return path


def launch(playwright: Playwright) -> Browser:
    """Start it without a window.

    Raises:
        FileNotFoundError: if it is not installed.
    """
    return playwright.chromium.launch(executable_path=chromium_path(), args=list(CHROMIUM_ARGUMENTS))
