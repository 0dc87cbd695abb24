"""When pictures are taken."""

import asyncio
import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from fleet.clock import ManualClock
from sim.endpoints.camera_feed import CameraFeeds

CARS = ("car-1", "car-2", "car-3")


class Studio:
    """Feeds on a clock that stands still, with pictures that show nothing."""

    def __init__(self) -> None:
        self.clock = ManualClock(100.0)
        self.taken: list[str] = []
        self.feeds = CameraFeeds(CARS, self.take, self.clock.now_s)

    def take(self, car_id: str) -> tuple[NDArray[np.uint8], float]:
        self.taken.append(car_id)
        return np.zeros((2, 2, 3), np.uint8), self.clock.now_s()


async def test_nothing_is_rendered_unless_somebody_asked() -> None:
    studio = Studio()
    for _ in range(10):
        studio.clock.advance(0.01)
        assert studio.feeds.take_due(3) == 0
    assert studio.taken == []


async def test_a_picture_is_of_the_time_after_the_question() -> None:
    studio = Studio()
    studio.clock.advance(5.0)
    shot = studio.feeds.ask("car-2")
    studio.feeds.take_due()
    assert shot.result().captured_s == 105.0
    assert shot.result().pixels == bytes(12)


async def test_a_hungry_client_gets_25_a_second() -> None:
    studio = Studio()
    shot = studio.feeds.ask("car-1")
    for _ in range(200):
        studio.clock.advance(0.01)
        studio.feeds.take_due()
        if shot.done():
            shot = studio.feeds.ask("car-1")
    assert len(studio.taken) == pytest.approx(50, abs=1)


async def test_cameras_take_turns_and_all_who_wait_share_a_picture() -> None:
    studio = Studio()
    shots = [studio.feeds.ask(car) for car in (*CARS, "car-1")]
    for _ in range(3):
        assert studio.feeds.take_due(limit=1) == 1
    assert sorted(studio.taken) == sorted(CARS)
    assert shots[0].result() is shots[3].result()
    assert [shot.result().sequence for shot in shots] == [1, 1, 1, 1]


async def test_slots_of_the_cameras_are_spread_over_the_period() -> None:
    studio = Studio()
    moments_s: dict[str, float] = {}
    shots = {car: studio.feeds.ask(car) for car in CARS}
    studio.feeds.take_due(3)
    shots = {car: studio.feeds.ask(car) for car in CARS}
    for _ in range(50):
        studio.clock.advance(0.001)
        studio.feeds.take_due(3)
        for car, shot in shots.items():
            if shot.done():
                moments_s.setdefault(car, studio.clock.now_s())
    times = sorted(moments_s.values())
    assert [later - earlier for earlier, later in itertools.pairwise(times)] == pytest.approx(
        [0.04 / 3] * 2, abs=0.0015
    )


async def test_a_frozen_camera_waits_until_it_thaws() -> None:
    studio = Studio()
    feed = studio.feeds.feed("car-1")
    feed.frozen = True
    shot = studio.feeds.ask("car-1")
    studio.clock.advance(1.0)
    assert studio.feeds.take_due() == 0
    feed.frozen = False
    assert studio.feeds.take_due() == 1
    assert shot.result().captured_s == 101.0


async def test_nobody_renders_for_one_who_has_gone() -> None:
    studio = Studio()
    studio.feeds.ask("car-1").cancel()
    await asyncio.sleep(0)
    assert studio.feeds.take_due() == 0
