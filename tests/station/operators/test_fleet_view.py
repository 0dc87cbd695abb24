"""What operators see: cars that move, the road that they hold, who is silent, who waits."""

from __future__ import annotations

import math

from playwright.sync_api import Page, expect

from tests.server import visitor
from tests.server.conftest import client
from tests.station.operators.live_city import LiveCity
from tests.station.operators.operator_page import OperatorPage
from tests.station.visitor_page import wait_until


def test_cars_move_on_the_map_along_the_road_that_is_released(operator: OperatorPage, page: Page) -> None:
    expect(operator.state_of("car-1")).not_to_be_empty()
    before = operator.car_spot("car-1")
    wait_until(page, "document.querySelector('.map-released').getAttribute('d').length > 20")
    wait_until(page, "document.querySelector('.map-kept').getAttribute('d').length > 20")
    for _ in range(100):
        page.wait_for_timeout(100)
        if math.dist(before, operator.car_spot("car-1")) > 20:
            return
    raise AssertionError("the car stands still on the map")


def test_a_car_is_picked_by_click_and_by_keyboard(operator: OperatorPage, page: Page) -> None:
    page.locator(".map-car[data-car=car-2] .map-car-disc").click(force=True)
    expect(page.locator(".detail")).to_have_attribute("data-car", "car-2")
    expect(page.locator(".detail h2")).to_be_focused()
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.locator(".detail")).to_have_count(0)
    page.locator(".map-cars [tabindex='0']").focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(page.locator(".detail")).to_have_attribute("data-car", "car-1")
    expect(page.locator(".map-car[data-car=car-1]")).to_have_attribute("aria-pressed", "true")


def test_a_silent_car_and_an_empty_battery_stand_out(operator: OperatorPage, page: Page, live: LiveCity) -> None:
    live.cars[0].is_silent = True
    live.cars[1].battery_low = True
    expect(operator.state_of("car-1")).to_have_text("Silent")
    expect(page.locator(".car-row[data-car=car-1]")).to_have_attribute("data-state", "lost")
    expect(page.locator(".map-car[data-car=car-1]")).to_have_attribute("aria-label", "car-1: Silent")
    expect(page.locator(".car-row[data-car=car-2]")).to_contain_text("Takes no visitors: battery low")
    live.cars[0].is_silent = False
    expect(operator.state_of("car-1")).not_to_have_text("Silent")


def test_a_fault_is_told_in_the_operators_language_and_in_the_cars_words(
    page: Page, live: LiveCity, operator: OperatorPage
) -> None:
    words = "board at socket://127.0.0.1:4000: emergency stop: pull out the enable button"
    live.cars[0].faults = (words, "something that no page knows")
    operator = OperatorPage(page, live, "?lang=es&again")
    operator.on("fleet")
    told = "parada de emergencia: saca el botón; something that no page knows"
    expect(page.locator(".car-row[data-car=car-1] .row-faults")).to_have_text(told)
    panel = operator.pick_car("car-1")
    expect(panel).to_contain_text(told)
    expect(panel).to_contain_text(f"En palabras del coche{words}")


def test_waiting_visitors_are_listed(operator: OperatorPage, page: Page, live: LiveCity) -> None:
    async def book() -> list[str]:
        async with client(live.server) as http:
            rides = []
            for number in (1, 2, 3):
                station = await visitor.register(http, f"hall-{number}")
                rides.append((await visitor.book(http, station, f"visit-{number}")).ride_id)
            return rides

    async def cancel(rides: list[str]) -> None:
        async with client(live.server) as http:
            for ride_id in rides:
                await visitor.act(http, ride_id, "cancel")

    rides = live.do(book())
    expect(page.locator(".queue")).to_contain_text("Waiting visitors (1)")
    expect(page.locator(".queue li")).to_have_text(["at station hall-3"])
    operator.sees("A visitor is choosing")
    live.do(cancel(rides))
    expect(page.locator(".queue")).to_contain_text("Waiting visitors (0)")
