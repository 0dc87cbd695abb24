"""A visitor's hands and eyes on the station page."""

from __future__ import annotations

import hashlib
from typing import Protocol

from playwright.sync_api import Page, expect


class Server(Protocol):
    """What serves the page: a double, or the real one."""

    @property
    def url(self) -> str:
        """Address of the station page."""
        ...

    def start(self) -> None:
        """Serve, at the same address as before."""
        ...

    def stop(self) -> None:
        """Vanish."""
        ...


def wait_until(page: Page, expression: str) -> None:
    """Wait for a JavaScript expression; the page's security policy forbids what `wait_for_function` does."""
    for _ in range(400):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never came true: {expression}")


class VisitorPage:
    """The station page as a visitor uses it."""

    def __init__(self, page: Page, server: Server, query: str = "", first: str = "start") -> None:
        """`first` is the screen to wait for."""
        self.page = page
        self.server = server
        page.goto(f"{server.url}{query}", wait_until="domcontentloaded")
        self.on(first)

    def on(self, screen: str) -> None:
        """Wait until that screen is shown."""
        self.page.wait_for_selector(f"body[data-screen={screen}]")

    def enrol(self, code: str) -> None:
        """Type a code."""
        self.page.locator(".enrol-code").fill(code)
        self.page.locator(".enrol-form .button").click()

    def start(self) -> None:
        """Press the start button."""
        self.page.locator(".start .button").click()

    def choose(self, place_id: str) -> None:
        """Pick a place."""
        self.on("choose")
        self.page.locator(f"[data-place={place_id}]").click()
        self.on("ride")

    def speak(self, language: str) -> None:
        """Switch the language."""
        self.page.locator(f".language[lang={language}]").click()

    def sees(self, *texts: str) -> None:
        """Wait until all the texts can be read."""
        for text in texts:
            expect(self.page.get_by_text(text, exact=True).locator("visible=true").first).to_be_visible()

    def wait_for_video(self) -> None:
        """Wait until there is a live picture."""
        wait_until(self.page, "document.querySelector('.video img')?.naturalWidth > 0")

    def picture_changes(self) -> None:
        """Wait until the live picture is another one than now; the page looks every five seconds if it stands still."""
        video = self.page.locator(".video")
        first = hashlib.sha256(video.screenshot()).digest()
        for _ in range(100):
            self.page.wait_for_timeout(150)
            if hashlib.sha256(video.screenshot()).digest() != first:
                return
        raise AssertionError("the live picture stands still")

    def car_spot(self) -> tuple[float, float]:
        """Centre of the car on the map, in the page's pixels."""
        box = self.page.locator(".map-car-body").bounding_box()
        assert box is not None
        return (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    def focused(self) -> str:
        """Text of the element that has the keyboard's focus."""
        return str(self.page.evaluate("document.activeElement.textContent"))
