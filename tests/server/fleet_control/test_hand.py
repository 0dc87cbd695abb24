"""What of an operator's hand counts, and what ends it."""

from __future__ import annotations

import pytest

from fleet.driving import FROM_HAND, Denial, HandCommand, HandReleased
from fleet.messages import HAND_LATEST_S, HAND_TIMEOUT_S
from server.fleet_control.hand import Hand


class Page:
    """A hand, and the page that it comes from."""

    def __init__(self) -> None:
        self.hand = Hand(7, "alice")
        self.now_s = 100.0
        self.view = self.hand.new_view(self.now_s)
        self.sequence = 0

    def say(self, after_s: float = 0.05, denial: Denial | None = None, sequence: int | None = None) -> bool:
        self.now_s += after_s
        self.sequence += 1
        command = HandCommand(steering=0.5, speed_mps=0.1, sequence=sequence or self.sequence, state=self.view)
        return self.hand.hear(command, denial, self.now_s)

    def look(self) -> None:
        self.view = self.hand.new_view(self.now_s)


@pytest.fixture
def page() -> Page:
    page = Page()
    assert page.say()
    return page


def test_what_is_fresh_counts(page: Page) -> None:
    for _ in range(40):
        page.look()
        assert page.say()
    assert page.hand.is_gripped


@pytest.mark.parametrize("sequence", [1, 3, 4])
def test_what_was_overtaken_or_comes_twice_is_ignored(page: Page, sequence: int) -> None:
    page.sequence = 3
    assert page.say()
    assert not page.say(sequence=sequence)
    assert page.hand.is_gripped
    assert page.say(sequence=6)


def test_silence_ends_it_until_the_switch_was_let_go(page: Page) -> None:
    page.hand.watch(None, page.now_s + HAND_TIMEOUT_S - 0.01)
    assert page.hand.is_gripped
    page.hand.watch(None, page.now_s + HAND_TIMEOUT_S + 0.01)
    assert (page.hand.is_gripped, page.hand.ended_by) == (False, Denial.SILENT)
    assert not page.say()
    page.hand.let_go()
    assert page.say()


def test_a_gap_ends_it_although_nobody_watched(page: Page) -> None:
    page.look()
    assert not page.say(after_s=HAND_TIMEOUT_S + 0.01)
    assert page.hand.ended_by is Denial.SILENT


def test_what_answers_an_old_view_is_late_however_steadily_it_comes(page: Page) -> None:
    counted = [page.say() for _ in range(20)]
    assert counted == [True] * 9 + [False] * 11
    assert HAND_LATEST_S >= 9 * 0.05
    assert page.hand.ended_by is Denial.LATE


@pytest.mark.parametrize("view", [0, -1, 99])
def test_what_answers_no_view_is_late(view: int) -> None:
    page = Page()
    page.view = view
    assert not page.say()
    assert page.hand.ended_by is Denial.LATE


def test_what_cannot_count_now_does_not_count_by_itself_later(page: Page) -> None:
    assert not page.say(denial=Denial.ALL_STOPPED)
    assert not page.say()
    assert page.hand.ended_by is Denial.ALL_STOPPED
    page.hand.let_go()
    assert page.say()


def test_old_commands_do_not_count_after_the_switch_was_held_again(page: Page) -> None:
    page.hand.let_go()
    assert not page.say(sequence=1)
    assert not page.hand.is_gripped


def test_a_car_that_was_told_to_move_is_told_to_stop(page: Page) -> None:
    hand = page.hand
    command = HandCommand(steering=0.5, speed_mps=0.1, sequence=9, state=1)
    moving = hand.manual(3, command, may_leave_lane=True)
    assert (moving.drive, moving.answers, moving.steering, moving.speed_mps) == (7, 3, 0.5, 0.1)
    assert (moving.may_leave_lane, moving.released) == (True, False)
    stopping = []
    for _ in range(2):
        hand.let_go()
        if hand.has_to_stop:
            stopping.append(hand.manual(4, None))
    assert [(said.speed_mps, said.released, said.sequence) for said in stopping] == [(0.0, True, moving.sequence + 1)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"released": false}',
        '{"steering": 0, "speed_mps": 0.1, "sequence": 1}',
        '{"steering": 1.1, "speed_mps": 0.1, "sequence": 1, "state": 1}',
        '{"steering": NaN, "speed_mps": 0.1, "sequence": 1, "state": 1}',
        '{"steering": 0, "speed_mps": -0.1, "sequence": 1, "state": 1}',
        '{"steering": 0, "speed_mps": Infinity, "sequence": 1, "state": 1}',
        '{"steering": 0, "speed_mps": 0.1, "sequence": -1, "state": 1}',
        '{"steering": 0, "speed_mps": 0.1, "sequence": 1, "state": 1, "turn": "back"}',
        '{"steering": 0, "speed_mps": 0.1, "sequence": 1, "state": 1, "released": true}',
    ],
)
def test_what_is_no_command(text: str) -> None:
    with pytest.raises(ValueError, match="validation error"):
        FROM_HAND.validate_json(text)


def test_what_is_one() -> None:
    said = '{"steering": -1, "speed_mps": 0, "sequence": 0, "state": 1, "turn": "left"}'
    assert isinstance(FROM_HAND.validate_json(said), HandCommand)
    assert FROM_HAND.validate_json('{"released": true}') == HandReleased(released=True)
