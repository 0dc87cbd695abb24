"""Whoever the workers are, each piece of work is done, and comes out once."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import ray
from hypothesis import given
from hypothesis import strategies as st

from models.common.workers.base import Workers
from models.common.workers.processes import NICENESS, Processes
from models.common.workers.ray_workers import LOCAL, ClusterError, RayWorkers, ray_workers
from tests.models_common.ray_cluster import killing

TOO_LONG_S = 60.0


class SpoiltError(RuntimeError):
    """As a piece of work raises it."""


def square(number: int) -> int:
    if number < 0:
        raise SpoiltError(f"{number} is below zero")
    return number * number


def where_and_how_nice(_: int) -> tuple[int, int]:
    return os.getpid(), os.nice(0)


def stuck_the_first_time(folder: Path, number: int) -> int:
    """Whoever is first at number 3 leaves its process id and gets stuck."""
    note = folder / "stuck"
    if number == 3 and not note.exists():
        part = note.with_suffix(".part")
        part.write_text(str(os.getpid()))
        part.rename(note)
        time.sleep(TOO_LONG_S)
    return number


def at_work_beside_it(folder: Path, number: int) -> int:
    """How many other pieces are being worked at."""
    note = folder / str(number)
    note.touch()
    time.sleep(0.01)
    others = len(list(folder.iterdir())) - 1
    note.unlink()
    return others


def deadly(_: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


@pytest.fixture(scope="module")
def on_ray() -> Iterator[RayWorkers]:
    with ray_workers(LOCAL, 2) as workers:
        yield workers


@pytest.fixture(params=["this process", "two processes", "ray"])
def workers(request: pytest.FixtureRequest) -> Workers:
    if request.param == "ray":
        chosen: RayWorkers = request.getfixturevalue("on_ray")
        return chosen
    return Processes(1 if request.param == "this process" else 2)


def test_each_piece_is_done_once(workers: Workers) -> None:
    assert sorted(workers.each(square, range(40))) == [number * number for number in range(40)]
    assert list(workers.each(square, [])) == []


def test_what_the_work_raises_is_raised(workers: Workers) -> None:
    with pytest.raises(SpoiltError, match=r"^-2 is below zero$"):
        list(workers.each(square, [1, -2, 3]))
    assert list(workers.each(square, [7])) == [49], "and there may be other work afterwards"


@given(st.lists(st.integers(min_value=0), max_size=20))
def test_one_process_keeps_the_order(numbers: list[int]) -> None:
    assert list(Processes(1).each(square, numbers)) == [number * number for number in numbers]


def test_processes_give_way_to_what_must_keep_time() -> None:
    found = list(Processes(2).each(where_and_how_nice, range(6)))
    assert os.getpid() not in {pid for pid, _ in found}
    assert {niceness for _, niceness in found} == {os.nice(0) + NICENESS}
    assert Processes.one_per_core(most=1) == Processes(1)


def test_a_piece_whose_worker_is_killed_is_done_by_another(tmp_path: Path, on_ray: RayWorkers) -> None:
    note = tmp_path / "stuck"
    with killing(lambda: int(note.read_text()) if note.exists() else None) as killed:
        assert sorted(on_ray.each(partial(stuck_the_first_time, tmp_path), range(12))) == list(range(12))
    assert killed == [int(note.read_text())]


def test_a_cluster_without_machines_yet_is_given_work(monkeypatch: pytest.MonkeyPatch, on_ray: RayWorkers) -> None:
    monkeypatch.setattr(ray, "cluster_resources", dict)
    assert sorted(on_ray.each(square, range(5))) == [0, 1, 4, 9, 16]


def test_no_more_is_given_out_at_a_time_than_was_asked_for(tmp_path: Path, on_ray: RayWorkers) -> None:
    assert max(RayWorkers(at_once=1).each(partial(at_work_beside_it, tmp_path), range(8))) == 0


@pytest.mark.slow
def test_a_piece_that_kills_every_worker_is_given_up(on_ray: RayWorkers) -> None:
    with pytest.raises(ClusterError, match="cannot get a piece of work done"):
        list(on_ray.each(deadly, [1]))
    assert list(on_ray.each(square, [7])) == [49]
