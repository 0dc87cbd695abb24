"""A whole car in lockstep."""

from __future__ import annotations

import json

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from pixelopolis.commands.evaluate_detector import evaluate_detector
from pixelopolis.evaluation.whole_car.figures import figure_lines, ride_figures
from pixelopolis.evaluation.whole_car.lockstep import FRAME_PERIOD_S, LockstepCamera, LockstepTime
from pixelopolis.evaluation.whole_car.plan import plan_rides
from pixelopolis.evaluation.whole_car.ride import RidePlan, ride


def test_a_ride_is_driven_by_sight_and_the_same_every_time() -> None:
    plan = RidePlan(1, 1, "pixelopolis", None, with_leader=True, seconds=14.0)
    first, again = ride(plan), ride(plan)
    assert first.ended == "time"
    assert [moment.pose for moment in first.moments] == [moment.pose for moment in again.moments]
    periods_s = np.diff([moment.time_s for moment in first.moments])
    assert periods_s == pytest.approx([FRAME_PERIOD_S] * len(periods_s), abs=0.011)
    assert first.moments[-1].station_m > 1.0
    assert first.moments[-1].believed is not None
    assert any(moment.signs for moment in first.moments)
    figures = ride_figures([first])
    assert (figures["rides"], figures["lost_rides"], figures["collisions"]) == (1, 0, 0)
    assert figures["encounters"]["cars"] == 1
    assert len(figure_lines(figures)) >= 5


def test_rides_are_planned_from_a_seed() -> None:
    plans = plan_rides(60, 5)
    assert plans == plan_rides(60, 5)
    assert sum(plan.seconds for plan in plans) == pytest.approx(3600)
    assert len({plan.city for plan in plans}) > 15
    assert len({plan.look for plan in plans}) > 3
    assert sum(plan.with_leader for plan in plans) == len(plans) // 2
    assert plan_rides(60, 6) != plans


def test_the_time_passes_only_while_the_car_waits() -> None:
    steps: list[float] = []
    time = LockstepTime(steps.append)
    camera = LockstepCamera(time, lambda: np.zeros((2, 2, 3), np.uint8))
    assert camera.wait_newer(-1, 0.03) is None
    frame = camera.wait_newer(-1, 0.03)
    assert frame is not None
    assert frame.sequence == 1
    assert frame.captured_s == pytest.approx(FRAME_PERIOD_S)
    assert sum(steps) == pytest.approx(FRAME_PERIOD_S)
    time.pass_time(0.1)  # somebody was slow
    late = camera.wait_newer(1, 0.03)
    assert late is not None
    assert late.captured_s == pytest.approx(0.14)
    assert max(steps) <= 0.01 + 1e-9


def test_the_command_drives_and_writes_figures() -> None:
    app = typer.Typer()
    app.command()(evaluate_detector)
    result = CliRunner().invoke(app, ["--drives", "0.5", "--seed", "1000003", "--json", "-"])
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)
    assert figures["rides"] == 1
    assert figures["minutes"] == pytest.approx(0.5, abs=0.02)
    assert set(figures) >= {"passages", "encounters", "false_stops_per_hour", "sign_distance", "car_distance"}
