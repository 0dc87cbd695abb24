"""Operators' acts: each is seen to have taken effect on the server, on the cars, and on the page."""

from __future__ import annotations

from playwright.sync_api import Page, Route, expect

from server.traffic.operator_acts import OperatorActs
from tests.server.live_car import LiveCar
from tests.station.operators.live_city import LiveCity
from tests.station.operators.operator_page import OperatorPage

NOTICE = "#notice"


def acts(live: LiveCity) -> OperatorActs:
    return live.server.context.dispatcher.fleet.acts


def has_to_stand(car: LiveCar) -> bool:
    return car.release is not None and car.release.hold


def test_all_cars_stop_and_go_on(operator: OperatorPage, page: Page, live: LiveCity) -> None:
    page.get_by_role("button", name="Stop all cars").click()
    operator.sees("All cars are stopped.")
    live.until(lambda: acts(live).stopped and all(has_to_stand(car) for car in live.cars))
    expect(operator.state_of("car-1")).to_have_text("Held")
    page.get_by_role("button", name="Let them go on").click()
    page.get_by_role("button", name="Keep them stopped").click()
    assert acts(live).stopped
    page.get_by_role("button", name="Let them go on").click()
    page.locator("dialog").get_by_role("button", name="Let them go on").click()
    expect(page.locator("#orders")).to_be_hidden()
    live.until(lambda: not acts(live).stopped and not any(has_to_stand(car) for car in live.cars))


def test_the_key_that_is_held_stops_and_a_touch_of_it_does_not(
    operator: OperatorPage, page: Page, live: LiveCity
) -> None:
    operator.go_to("log")  # it is at hand everywhere
    page.keyboard.press("Escape")
    page.wait_for_timeout(700)
    assert not acts(live).stopped
    page.keyboard.down("Escape")
    operator.sees("All cars are stopped.")
    page.keyboard.up("Escape")
    assert acts(live).stopped


def test_hold_and_release_a_car(operator: OperatorPage, page: Page, live: LiveCity) -> None:
    panel = operator.pick_car("car-1")
    panel.get_by_role("button", name="Hold this car").click()
    expect(page.locator(NOTICE)).to_contain_text("Done: hold car-1")
    live.until(lambda: acts(live).held_cars == ("car-1",) and has_to_stand(live.cars[0]))
    expect(operator.state_of("car-1")).to_have_text("Held")
    expect(operator.state_of("car-2")).not_to_have_text("Held")
    panel.get_by_role("button", name="Release").click()
    expect(operator.state_of("car-1")).not_to_have_text("Held")
    assert acts(live).held_cars == ()


def test_send_a_car_to_a_place_and_to_an_edge(operator: OperatorPage, page: Page, live: LiveCity) -> None:
    panel = operator.pick_car("car-2")
    panel.get_by_label("Send it to stand at").select_option("Planetarium")
    panel.get_by_role("button", name="Send", exact=True).click()
    expect(panel).to_contain_text("Sent to Planetarium")
    panel.get_by_label("Send it to stand at").select_option("Edge 12")
    panel.get_by_role("button", name="Send", exact=True).click()
    expect(panel).to_contain_text("Sent to edge 12")
    errand = acts(live).errand_of("car-2")
    assert errand is not None
    assert errand.stop.edge == 12
    panel.get_by_role("button", name="Release").click()
    expect(panel).not_to_contain_text("Sent to")
    assert acts(live).errand_of("car-2") is None


def test_close_and_open_an_edge(operator: OperatorPage, page: Page, live: LiveCity) -> None:
    panel = operator.pick_edge(8)
    panel.get_by_role("button", name="Close this edge").click()
    expect(panel).to_contain_text("No car enters it any more")
    expect(page.locator(".map-edge[data-edge='8']")).to_have_attribute("data-state", "closed")
    expect(page.locator(".map-closed")).to_have_text(["✕ Wedding Hall"])
    assert acts(live).closed_edges == (8,)
    panel.get_by_role("button", name="Open this edge").click()
    expect(page.locator(".map-edge[data-edge='8']")).not_to_have_attribute("data-state", "closed")
    assert acts(live).closed_edges == ()


def test_a_refused_act_is_told_with_its_reason_and_in_the_servers_words(
    operator: OperatorPage, page: Page, live: LiveCity
) -> None:
    operator.pick_edge(7).get_by_role("button", name="Close this edge").click()
    expect(page.locator(NOTICE)).to_contain_text("Not done: close edge 7. The cars would have too little room")
    expect(page.locator(NOTICE)).to_contain_text("edge 7 cannot be closed")
    assert acts(live).closed_edges == ()
    page.locator(NOTICE).get_by_role("button", name="Close this message").click()
    expect(page.locator(NOTICE)).to_be_hidden()


def test_a_reason_without_a_translation_is_told_in_the_servers_words(operator: OperatorPage, page: Page) -> None:
    page.route("**/edges/7/close", lambda route: route.fulfill(status=409, json=error("it is Monday")))
    operator.pick_edge(7).get_by_role("button", name="Close this edge").click()
    expect(page.locator(NOTICE)).to_contain_text("Not done: close edge 7. The server says:it is Monday")


def test_an_act_without_an_answer_is_not_repeated(operator: OperatorPage, page: Page, live: LiveCity) -> None:
    tries: list[str] = []

    def lose(route: Route) -> None:
        tries.append(route.request.url)
        route.abort()

    page.route("**/api/operator/cars/*/hold", lose)
    operator.pick_car("car-1").get_by_role("button", name="Hold this car").click()
    expect(page.locator(NOTICE)).to_contain_text("No answer: hold car-1. It is not sent again.")
    page.wait_for_timeout(1500)
    assert len(tries) == 1
    assert acts(live).held_cars == ()


def test_a_stop_is_insisted_upon_until_it_is_answered(operator: OperatorPage, page: Page, live: LiveCity) -> None:
    live.stop()
    page.get_by_role("button", name="Stop all cars").click()
    operator.sees("The stop has not got through yet")
    live.start()
    operator.sees("All cars are stopped.")
    assert acts(live).stopped
    expect(page.locator("#orders.orders-urgent")).to_have_count(0)


def test_a_stop_that_cannot_be_stored_is_told_and_goes_on_being_asked_for(
    operator: OperatorPage, page: Page, live: LiveCity
) -> None:
    page.route(
        "**/api/operator/stop",
        lambda route: route.fulfill(status=503, json=error("the disk is full", "store_unavailable")),
    )
    page.get_by_role("button", name="Stop all cars").click()
    operator.sees("The cars have been told to stop, but the server cannot store it yet")
    operator.sees("the disk is full")
    page.unroute("**/api/operator/stop")
    operator.sees("All cars are stopped.")
    assert acts(live).stopped


def test_a_stop_without_a_leading_server_is_not_said_to_have_reached_the_cars(
    operator: OperatorPage, page: Page, live: LiveCity
) -> None:
    answer = error("no server leads", "no_leader")
    page.route("**/api/operator/stop", lambda route: route.fulfill(status=503, json=answer))
    page.get_by_role("button", name="Stop all cars").click()
    operator.sees("The stop has not got through yet")
    page.unroute("**/api/operator/stop")
    operator.sees("All cars are stopped.")
    assert acts(live).stopped


def test_a_stop_without_a_session_is_said_not_to_be_given(operator: OperatorPage, page: Page) -> None:
    page.route("**/api/operator/stop", lambda route: route.fulfill(status=401, json=error("this key is not valid")))
    page.get_by_role("button", name="Stop all cars").click()
    operator.on("login")
    operator.sees("Your session is over, and the stop was not given. Log in and press it again.")


def test_a_car_that_is_silent_is_said_to_be_off_the_road(operator: OperatorPage, page: Page, live: LiveCity) -> None:
    panel, lift = operator.pick_car("car-1"), "It is off the road"
    expect(panel.get_by_role("button", name="Hold this car")).to_be_visible()
    expect(panel.get_by_role("button", name=lift)).to_be_hidden()
    live.cars[0].is_silent = True
    panel.get_by_role("button", name=lift).click()
    page.get_by_role("button", name="Not yet").click()
    assert live.server.context.dispatcher.fleet.right_of_way.holdings.get("car-1") is not None
    panel.get_by_role("button", name=lift).click()
    page.locator("dialog").get_by_role("button", name=lift).click()
    expect(page.locator(NOTICE)).to_contain_text("Done: lift car-1 off the road")
    live.until(lambda: live.server.context.dispatcher.fleet.right_of_way.holdings.get("car-1") is None)
    expect(panel.get_by_role("button", name=lift)).to_be_hidden()
    expect(page.locator(".map-car[data-car=car-1]")).to_be_hidden()


def error(message: str, code: str = "some") -> dict[str, dict[str, str]]:
    return {"error": {"code": code, "message": message}}
