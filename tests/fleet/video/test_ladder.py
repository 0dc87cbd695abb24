"""Sizes that follow what a viewer keeps up with."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from fleet.video.ladder import LONGEST_PATIENCE_WINDOWS, WINDOW_S, Ladder
from fleet.video.variant import PictureSize

RATE_HZ = 20.0


def sizes(takes: Callable[[float, PictureSize], bool], duration_s: float) -> list[PictureSize]:
    """The size at each of the pictures that are offered, twenty a second."""
    ladder = Ladder(0.0)
    found = []
    for k in range(round(duration_s * RATE_HZ)):
        now_s = k / RATE_HZ
        ladder.offered(now_s, takes(now_s, ladder.size))
        found.append(ladder.size)
    return found


def test_a_quick_viewer_has_the_best_picture_within_a_second() -> None:
    found = sizes(lambda *_: True, 5.0)
    assert found[0] is PictureSize.COARSE
    assert set(found[round(1.0 * RATE_HZ) :]) == {PictureSize.FULL}


def test_one_that_takes_nothing_gets_the_lightest_within_two_seconds() -> None:
    assert set(sizes(lambda *_: False, 5.0)[round(2.0 * RATE_HZ) :]) == {PictureSize.SMALL}


def test_one_that_keeps_up_with_one_size_tries_the_next_ever_more_rarely() -> None:
    found = sizes(lambda _, size: size in (PictureSize.MEDIUM, PictureSize.SMALL), 200.0)
    tries = [k for k in range(1, len(found)) if found[k] is PictureSize.COARSE and found[k - 1] is PictureSize.MEDIUM]
    pauses = [later - earlier for earlier, later in itertools.pairwise(tries)]
    assert pauses == sorted(pauses)
    assert pauses[-1] > 10 * pauses[0]
    assert pauses[-1] <= (LONGEST_PATIENCE_WINDOWS + 4) * WINDOW_S * RATE_HZ
    assert found.count(PictureSize.MEDIUM) > 0.9 * len(found)


def test_a_line_that_gets_better_is_used() -> None:
    found = sizes(lambda now_s, size: now_s > 20 or size is PictureSize.SMALL, 120.0)
    assert found[-1] is PictureSize.FULL


@given(st.lists(st.booleans(), max_size=400))
def test_whatever_happens_sizes_change_by_one_step_at_most_once_a_window(taken: list[bool]) -> None:
    order = list(PictureSize)
    found = sizes(lambda now_s, _: taken[round(now_s * RATE_HZ)], len(taken) / RATE_HZ)
    steps = [order.index(b) - order.index(a) for a, b in itertools.pairwise(found)]
    assert all(abs(step) <= 1 for step in steps)
    changed = [k for k, step in enumerate(steps) if step]
    assert all(later - earlier >= WINDOW_S * RATE_HZ for earlier, later in itertools.pairwise(changed))
