"""What the server's process does about garbage."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

import server.serve
from pixelopolis.cli import app
from server.garbage_collection import FULL_SEARCH_EVERY, spare_long_lived


@pytest.fixture(autouse=True)
def collection_as_before() -> Iterator[None]:
    """Let other tests search as Python does."""
    threshold = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)


class _Knot:
    """Two of these that hold each other go away by a search only."""

    other: _Knot | None = None


def _knot() -> weakref.ref[_Knot]:
    first, second = _Knot(), _Knot()
    first.other, second.other = second, first
    return weakref.ref(first)


def test_what_is_there_is_left_out_of_searches() -> None:
    """Not walked through again, however large it is."""
    gc.unfreeze()
    spare_long_lived()
    kept = gc.get_freeze_count()
    assert kept > 10_000
    assert len(gc.get_objects()) < kept / 10


def test_whole_searches_are_rare_and_others_as_before() -> None:
    """Young garbage goes as soon as ever."""
    young, middle, _ = gc.get_threshold()
    spare_long_lived()
    assert gc.get_threshold() == (young, middle, FULL_SEARCH_EVERY)


def test_garbage_that_comes_later_is_still_found() -> None:
    """Otherwise memory would grow."""
    spare_long_lived()
    knot = _knot()
    assert knot() is not None
    gc.collect()
    assert knot() is None


def test_garbage_that_is_there_is_not_kept_for_good() -> None:
    """What is frozen is never searched, so a search comes first."""
    gc.disable()
    try:
        knot = _knot()
        spare_long_lived()
        assert knot() is None
    finally:
        gc.enable()


def test_the_command_does_it_before_it_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that a server needs is imported by then."""
    seen: list[tuple[int, int]] = []

    async def look(_: server.serve.ServerOptions) -> None:
        seen.append((gc.get_freeze_count(), gc.get_threshold()[2]))

    gc.unfreeze()
    monkeypatch.setattr(server.serve, "serve", look)
    result = CliRunner().invoke(app, ["server", "--store", "sqlite::memory:", "--port", "0"])
    assert result.exit_code == 0, result.output
    [(frozen, every)] = seen
    assert frozen > 10_000
    assert every == FULL_SEARCH_EVERY
