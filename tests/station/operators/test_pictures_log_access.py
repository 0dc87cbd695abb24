"""The wall of pictures, the log of events and acts, and who is let in."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, Request, expect

from fleet.access import Role
from tests.station.operators.live_city import LiveCity
from tests.station.operators.operator_page import OperatorPage
from tests.station.visitor_page import wait_until

LARGE = "document.querySelector('.wall-large img')"


def test_every_car_has_a_picture_and_the_picked_one_is_live(operator: OperatorPage, page: Page) -> None:
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request) if "/api/cars/" in request.url else None)
    operator.go_to("pictures")
    wait_until(page, "document.querySelectorAll('.tile-picture').length === 2")
    wait_until(page, f"{LARGE}?.naturalWidth > 0 && {LARGE}.src.includes('car-1')")
    page.get_by_role("button", name="car-2").click()
    wait_until(page, f"{LARGE}?.src.includes('car-2/stream.mjpg?overlay=on')")
    page.get_by_label("Show what the car makes of it").uncheck()
    wait_until(page, f"{LARGE}?.src.includes('car-2/stream.mjpg?overlay=off')")
    snapshots = [request for request in asked if "/snapshot.jpg" in request.url]
    assert {parse_qs(urlsplit(request.url).query)["size"][0] for request in snapshots} == {"medium"}
    with page.expect_request(lambda request: "snapshot.jpg" in request.url and "overlay=off" in request.url):
        pass


def test_events_come_by_themselves_and_acts_are_in_the_audit_log(
    operator: OperatorPage, page: Page, live: LiveCity
) -> None:
    operator.go_to("log")
    events, acts = page.locator(".log").first, page.locator(".log").last
    expect(events).to_contain_text("car-1 has joined")
    page.get_by_role("button", name="Stop all cars").click()
    expect(events.locator("li").first).to_contain_text("All cars are stopped")
    expect(acts.locator("li").first).to_contain_text("alice: POST /api/operator/stop")
    live.cars[1].is_silent = True
    expect(events.locator("li").first).to_contain_text("car-2 has fallen silent")


def test_earlier_entries_come_page_by_page(operator: OperatorPage, page: Page, live: LiveCity) -> None:
    async def write_many() -> None:
        for number in range(60):
            await live.server.context.access.record("alice", f"act {number}")

    live.do(write_many())
    operator.go_to("log")
    acts = page.locator(".log").last
    expect(acts.locator("li").first).to_contain_text("act 59")
    expect(acts.locator("li")).to_have_count(50)
    acts.get_by_role("button", name="Earlier ones").click()
    expect(acts).to_contain_text("act 5")
    expect(acts).to_contain_text("act 0")


def test_a_code_is_issued_and_a_key_is_revoked_after_a_question(
    operator: OperatorPage, page: Page, live: LiveCity
) -> None:
    enrolment = live.server.context.access.enrolment
    live.do(enrolment.enrol_without_code(Role.STATION, "hall-9"))
    operator.go_to("access")
    row = page.locator("tr[data-name=hall-9]")
    expect(row).to_contain_text("Station")
    page.get_by_label("Its name").fill("hall-10")
    page.get_by_role("button", name="Issue a code").click()
    expect(page.locator(".code-use")).to_contain_text(f"http://127.0.0.1:{live.port}/?station=hall-10#code=")
    row.get_by_role("button", name="Revoke: hall-9").click()
    operator.sees("Station hall-9 can book no more rides until it gets a new code.")
    page.get_by_role("button", name="Keep it").click()
    assert "hall-9" in {entry.name for entry in enrolment.enrolled()}
    row.get_by_role("button", name="Revoke: hall-9").click()
    page.get_by_role("button", name="End it").click()
    expect(row).to_have_count(0)
    assert "hall-9" not in {entry.name for entry in enrolment.enrolled()}
