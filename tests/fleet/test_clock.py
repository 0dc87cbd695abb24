"""The clock that stands still until it is told to go on; steering and camera dimensions."""

from __future__ import annotations

import asyncio
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.clock import ManualClock, WallClock
from fleet.steering import MAX_CURVATURE_PER_M, curvature_from_steering, steering_from_curvature
from fleet.vehicle import CameraGeometry


async def test_sleepers_wake_in_order_and_not_before_time() -> None:
    clock = ManualClock()
    woken: list[str] = []

    async def sleeper(name: str, duration_s: float) -> None:
        await clock.sleep(duration_s)
        woken.append(name)

    tasks = [asyncio.create_task(sleeper("late", 2.0)), asyncio.create_task(sleeper("soon", 1.0))]
    await asyncio.sleep(0)
    clock.advance(0.99)
    await asyncio.sleep(0)
    assert woken == []
    clock.advance(5.0)
    await asyncio.gather(*tasks)
    assert woken == ["soon", "late"]
    assert clock.now_s() == pytest.approx(5.99)


async def test_no_time_to_sleep_returns_at_once() -> None:
    await ManualClock().sleep(0.0)


def test_a_clock_never_goes_back() -> None:
    with pytest.raises(ValueError, match="cannot go back"):
        ManualClock().advance(-0.1)
    clock = WallClock()
    assert clock.now_s() <= clock.now_s()


async def test_a_cancelled_sleeper_does_not_disturb_the_others() -> None:
    clock = ManualClock()
    task = asyncio.create_task(clock.sleep(1.0))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    clock.advance(2.0)


@given(st.floats(-MAX_CURVATURE_PER_M, MAX_CURVATURE_PER_M))
def test_steering_and_curvature_are_inverse_and_right_is_positive(curvature_per_m: float) -> None:
    steering = steering_from_curvature(curvature_per_m)
    assert curvature_from_steering(steering) == pytest.approx(curvature_per_m)
    assert steering * curvature_per_m <= 0


def test_steering_saturates() -> None:
    assert steering_from_curvature(-99.0) == 1.0
    assert curvature_from_steering(7.0) == -MAX_CURVATURE_PER_M


def test_focal_length_of_a_right_angle_view_is_half_the_width() -> None:
    assert CameraGeometry(width_px=320, horizontal_fov_rad=math.pi / 2).focal_px == pytest.approx(160.0)
