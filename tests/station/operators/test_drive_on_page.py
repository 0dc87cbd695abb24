"""The driving panel in its place: a held car is driven from the page, through the server, and stands when let go."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from city.city import Command
from fleet.messages import DriveMode
from tests.server.live_car import LiveCar
from tests.station.operators.operator_page import OperatorPage


@pytest.fixture
def detail(operator: OperatorPage) -> Locator:
    """The panel of car-1, which is held and whose wheel the operator has taken."""
    detail = operator.pick_car("car-1")
    wheel = detail.get_by_role("button", name="Take the wheel")
    expect(wheel).to_be_disabled()
    detail.locator(".act-hold").click()
    expect(wheel).to_be_enabled()
    wheel.click()
    expect(detail.locator(".drive-status")).to_have_text("Hold the switch to drive.")
    return detail


@pytest.fixture
def car(operator: OperatorPage) -> LiveCar:
    """car-1."""
    return next(car for car in operator.city.cars if car.car_id == "car-1")


def test_a_held_car_is_driven_from_the_page_and_stands_when_let_go(
    operator: OperatorPage, page: Page, detail: Locator, car: LiveCar
) -> None:
    status = detail.locator(".drive-status")
    page.keyboard.down("Space")
    page.keyboard.down("ArrowUp")
    expect(status).to_have_text("You are driving.")
    operator.city.until(lambda: car.manual is not None and car.manual.speed_mps > 0)
    page.keyboard.up("Space")
    expect(status).to_have_text("Hold the switch to drive.")
    operator.city.until(lambda: car.manual is not None and car.manual.released)


def test_a_car_is_driven_round_a_corner(operator: OperatorPage, page: Page, detail: Locator, car: LiveCar) -> None:
    def turns() -> bool:
        """Whether it is in a corner now, by hand."""
        if car.mode is not DriveMode.MANUAL or not car.is_on_node or car.next_edge is None:
            return False
        return car.city.movements[car.edge, car.next_edge].command is not Command.FORWARD

    page.keyboard.down("Space")
    page.keyboard.down("ArrowUp")
    operator.city.until(turns)
    entered = car.edges_entered
    expect(detail.locator(".drive-status")).to_have_text("You are driving.")
    operator.city.until(lambda: car.edges_entered > entered)
    assert car.mode is DriveMode.MANUAL
    page.keyboard.up("Space")
    operator.city.until(lambda: car.manual is not None and car.manual.released)
