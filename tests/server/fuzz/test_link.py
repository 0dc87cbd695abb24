"""A car that says anything at all: it is told what is wrong, and nobody else takes notice."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import pytest
from hypothesis import Phase, given, settings
from websockets.exceptions import ConnectionClosed
from websockets.frames import Close
from websockets.sync.client import ClientConnection, connect

from fleet.access import Role
from fleet.messages import FROM_CAR
from server.serve import MAX_MESSAGE_BYTES
from tests.server.fuzz.made_up_frames import Frame, conversations, hello, lost_report
from tests.server.fuzz.server_under_fuzz import CAR, ServerUnderFuzz, car_at, server_under_fuzz
from tests.server.live_car import LiveCar

FEW = 40
MANY = int(os.environ.get("PIXELOPOLIS_FUZZ_LINKS", "1000"))
MAD_CAR = "car-2"
ANSWER_S = 5.0
REFUSED = 1008


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerUnderFuzz]:
    with server_under_fuzz(tmp_path_factory.mktemp("fuzz")) as server:
        yield server


@pytest.fixture(scope="module")
def neighbour(server: ServerUnderFuzz) -> Iterator[LiveCar]:
    with car_at(server) as car:
        yield car


def test_whatever_a_car_says_it_is_answered(server: ServerUnderFuzz, neighbour: LiveCar) -> None:
    _talk_much(server, FEW)
    _check_all_is_well(server, neighbour)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_whatever_thousands_of_links_say_they_are_answered(server: ServerUnderFuzz, neighbour: LiveCar) -> None:
    _talk_much(server, MANY)
    _check_all_is_well(server, neighbour)


def _talk_much(server: ServerUnderFuzz, links: int) -> None:
    @settings(max_examples=links, phases=(Phase.generate, Phase.shrink), database=None)
    @given(conversations(MAD_CAR))
    def talk(frames: list[Frame]) -> None:
        with connect(server.link_url, proxy=None, additional_headers=server.headers(Role.CAR)) as link:
            _say(link, [*frames, lost_report()])
            _check_end(link, frames)
        server.check_cars_are_shown()

    talk()


def _say(link: ClientConnection, frames: list[Frame]) -> None:
    try:
        for frame in frames:
            link.send(frame.content, text=frame.is_text)
    except ConnectionClosed:
        return  # the answer tells why


def _check_end(link: ClientConnection, frames: list[Frame]) -> None:
    """Either all was well and the car is told its road, or the link has ended and the car knows why."""
    heard, end = _heard(link)
    if heard and heard[-1]["type"] == "search":
        for frame in frames:
            assert frame.is_text
            FROM_CAR.validate_json(frame.content)
    elif all(len(frame.content) <= MAX_MESSAGE_BYTES for frame in frames):
        assert end is not None, "the link broke without a word"
        assert end.code == REFUSED
        assert heard[-1]["type"] == "refusal"
        assert heard[-1]["reason"]
    # What is too large ends the link at once, while more of it is on its way, so that the word may be lost.


def _heard(link: ClientConnection) -> tuple[list[dict[str, object]], Close | None]:
    """All messages until the car is told how far to search, or the link ends, and how."""
    heard: list[dict[str, object]] = []
    try:
        while not heard or heard[-1]["type"] != "search":
            heard.append(json.loads(link.recv(timeout=ANSWER_S)))
    except ConnectionClosed as closed:
        return heard, closed.rcvd
    return heard, None


def _check_all_is_well(server: ServerUnderFuzz, neighbour: LiveCar) -> None:
    """The server serves, its log tells of no error, and the other car is told its road on the only link that it had."""
    assert server.is_well()
    assert server.trouble() == []
    assert server.car(CAR)["status"] == "online"
    assert neighbour.refusals == []
    assert neighbour.links == 1
    assert neighbour.release is not None
    with connect(server.link_url, proxy=None, additional_headers=server.headers(Role.CAR)) as link:
        link.send(hello(MAD_CAR).content, text=True)
        assert json.loads(link.recv(timeout=ANSWER_S))["type"] == "welcome", "a car that has come to its senses"
