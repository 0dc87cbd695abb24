"""An operator's hands and eyes on the operators' page."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.server.keys import PASSWORD
from tests.station.operators.live_city import OPERATOR, LiveCity


class OperatorPage:
    """The page as an operator uses it."""

    def __init__(self, page: Page, city: LiveCity, query: str = "") -> None:
        """Opens it; see `log_in`."""
        self.page = page
        self.city = city
        page.goto(f"{city.url}operators{query}", wait_until="domcontentloaded")

    def on(self, view: str) -> None:
        """Wait until that view is shown."""
        self.page.wait_for_selector(f"body[data-screen={view}]")

    def log_in(self, name: str = OPERATOR, password: str = PASSWORD) -> None:
        """With name and password."""
        self.on("login")
        form = self.page.locator("form.login-form").first
        form.locator("[name=username]").fill(name)
        form.locator("[name=password]").fill(password)
        form.get_by_role("button").click()

    def go_to(self, view: str) -> None:
        """Another view, by its link."""
        self.page.locator(f"[data-view={view}]").click()
        self.on(view)

    def pick_car(self, car_id: str) -> Locator:
        """Pick a car in the list; its panel."""
        self.page.locator(f".car-row[data-car={car_id}] button").click()
        return self.page.locator(f".detail[data-car={car_id}]")

    def pick_edge(self, edge: int) -> Locator:
        """Pick an edge on the map with the keyboard; its panel."""
        self.page.locator(f".map-edge[data-edge='{edge}']").focus()
        self.page.keyboard.press("Enter")
        return self.page.locator(f".detail[data-edge='{edge}']")

    def state_of(self, car_id: str) -> Locator:
        """What the list says of a car."""
        return self.page.locator(f".car-row[data-car={car_id}] .row-state")

    def sees(self, *texts: str) -> None:
        """Wait until all the texts can be read."""
        for text in texts:
            expect(self.page.get_by_text(text).locator("visible=true").first).to_be_visible()

    def car_spot(self, car_id: str) -> tuple[float, float]:
        """Centre of a car on the map, in the page's pixels."""
        box = self.page.locator(f".map-car[data-car={car_id}] .map-car-disc").bounding_box()
        assert box is not None
        return (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
