"""The driving panel in its place: a held car is driven from the page, through the server, and stands when let go."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.station.operators.operator_page import OperatorPage


def test_a_held_car_is_driven_from_the_page_and_stands_when_let_go(operator: OperatorPage, page: Page) -> None:
    detail = operator.pick_car("car-1")
    wheel = detail.get_by_role("button", name="Take the wheel")
    expect(wheel).to_be_disabled()
    detail.locator(".act-hold").click()
    expect(wheel).to_be_enabled()
    wheel.click()
    status = detail.locator(".drive-status")
    expect(status).to_have_text("Hold the switch to drive.")
    page.keyboard.down("Space")
    page.keyboard.down("ArrowUp")
    expect(status).to_have_text("You are driving.")
    (car,) = [car for car in operator.city.cars if car.car_id == "car-1"]
    operator.city.until(lambda: car.manual is not None and car.manual.speed_mps > 0)
    page.keyboard.up("Space")
    expect(status).to_have_text("Hold the switch to drive.")
    operator.city.until(lambda: car.manual is not None and car.manual.released)
