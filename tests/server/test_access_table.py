"""Nothing that changes anything is open: every route, with every kind of key."""

from __future__ import annotations

import asyncio

import pytest

from tests.server.access_table import (
    BEGIN,
    CALLERS,
    END,
    LINK,
    OPEN,
    PAGE,
    SECRET,
    TOKEN,
    Call,
    measure,
    written,
)

# What changes something for whoever has the code or the password, and is tried without here.
PROVED_BY_A_SECRET = {"/api/enrolments", "/api/operators", "/api/sessions"}
OF_ITS_OWN = {Call("DELETE", "/api/me/session"), Call(LINK, "/api/cars/link")}  # a device ends, or speaks for, itself
FOR_ANYBODY = {
    "/",
    "/operators",  # the page alone: what it shows takes a session
    "/metrics",
    "/api/openapi.json",
    "/api/health",
    "/api/live",
    "/api/city",
    "/api/city.yaml",
    "/api/traffic",
}


@pytest.fixture(scope="module")
def measured() -> dict[Call, dict[str, str]]:
    """The answers by route and caller."""
    return {call: dict(zip(CALLERS, answers, strict=True)) for call, answers in asyncio.run(measure()).items()}


def test_no_change_without_a_valid_key(measured: dict[Call, dict[str, str]]) -> None:
    changing = {call: answers for call, answers in measured.items() if not call.is_safe}
    assert len(changing) >= 12
    for call, answers in changing.items():
        expected = SECRET if call.path in PROVED_BY_A_SECRET else "401"
        assert {answers[caller] for caller in ("nobody", "wrong key", "void key")} == {expected}, call


def test_no_change_with_another_devices_key(measured: dict[Call, dict[str, str]]) -> None:
    for call, answers in measured.items():
        if not call.is_safe and call not in OF_ITS_OWN and call.path not in PROVED_BY_A_SECRET:
            assert (answers["another station"], answers["another car"]) == ("403", "403"), call


def test_what_anybody_may_see_is_listed(measured: dict[Call, dict[str, str]]) -> None:
    assert {call.path for call, answers in measured.items() if answers["nobody"] == OPEN} == FOR_ANYBODY
    with_token = {call.path for call, answers in measured.items() if answers["nobody"] == TOKEN}
    assert with_token == {path for path in (call.path for call in measured) if path.startswith("/api/shared/")}


def test_no_picture_of_a_camera_for_anybody(measured: dict[Call, dict[str, str]]) -> None:
    pictures = {call: answers for call, answers in measured.items() if call.path.endswith((".mjpg", ".jpg"))}
    assert len(pictures) == 3
    for call, answers in pictures.items():
        assert answers["nobody"] in ("401", TOKEN), call


def test_stations_cars_and_operators_can_do_their_work(measured: dict[Call, dict[str, str]]) -> None:
    for call, answers in measured.items():
        if call.path.startswith(("/api/rides", "/api/stations")):
            assert (answers["its station"], answers["operator"]) == (OPEN, OPEN), call
        if call.path.startswith("/api/operator/"):
            assert answers["operator"] == OPEN, call
    assert measured[Call(LINK, "/api/cars/link")]["its car"] == OPEN


def test_the_page_tells_the_table_as_it_is(measured: dict[Call, dict[str, str]]) -> None:
    table = written({call: tuple(answers.values()) for call, answers in measured.items()})
    told = PAGE.read_text("utf-8").partition(BEGIN)[2].partition(END)[0]
    assert told == table, "run: python -m tests.server.access_table"
