"""A browser, a running double of the server, and pages on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.station.browsers import launch
from tests.station.double import CityDouble
from tests.station.serving import RunningDouble

PATIENCE_MS = 20_000

Run = Callable[[str, str], Any]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The system's Chromium, once for this folder: its event loop must not live on into other folders' tests."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def run(browser: Browser) -> Iterator[Run]:
    """Runs statements with a module's exports at hand as `m`; their `return` value comes back."""
    server = RunningDouble(CityDouble())
    page = browser.new_page()
    page.goto(f"{server.url}static/locales/index.json")

    def run_in_page(module: str, statements: str) -> object:
        return page.evaluate(f"async () => {{ const m = await import('/static/js/{module}.js'); {statements} }}")

    yield run_in_page
    page.close()
    server.stop()


@pytest.fixture
def server() -> Iterator[RunningDouble]:
    """A running double with one free car."""
    running = RunningDouble(CityDouble())
    yield running
    running.stop()


@pytest.fixture
def double(server: RunningDouble) -> CityDouble:
    """The script of the running double."""
    return server.double


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A visitor's browser of its own: English, a tablet lying on its side."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """An empty page; an error in the page's own code fails the test."""
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.extend(_violations(message)))
    yield page
    assert errors == []


def _violations(message: ConsoleMessage) -> list[str]:
    """Refused connections are part of some tests; a breach of the content security policy never is."""
    return [message.text] if "Content Security Policy" in message.text else []
