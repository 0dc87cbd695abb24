"""The car ahead."""

from __future__ import annotations

import numpy as np
import pytest

from city.files import load_city
from city.route_line import RouteLine
from pixelopolis.evaluation.whole_car.leader import OVERHANGS_M, PATIENCE_S, Leader

LINE = RouteLine(load_city("pixelopolis"), (3, 15, 14, 6))


def leader() -> Leader:
    return Leader(LINE, np.random.default_rng(1), 1.5)


def let_pass(car: Leader, seconds: float, behind_m: float, behind_stands: bool) -> None:
    for _ in range(round(seconds / 0.01)):
        car.step(0.01, behind_m, behind_stands)


def test_it_stands_until_the_other_has_stood_behind_it() -> None:
    car = leader()
    let_pass(car, 10, 0.2, behind_stands=True)  # far away
    let_pass(car, 10, 1.2, behind_stands=False)
    assert (car.stands, car.station_m) == (True, 1.5)
    let_pass(car, 2.1, 1.2, behind_stands=True)
    let_pass(car, 0.5, 1.2, behind_stands=True)
    under_way_m = car.station_m
    assert under_way_m > 1.5
    let_pass(car, 12, 1.2, behind_stands=True)
    assert car.stands
    assert 1.6 <= car.station_m - 1.5 <= 3.0


def test_it_does_not_wait_for_ever() -> None:
    car = leader()
    let_pass(car, PATIENCE_S + 0.1, 0.2, behind_stands=False)
    assert not car.stands


def test_it_never_leaves_the_route() -> None:
    car = leader()
    for _ in range(6):
        let_pass(car, 15, car.station_m - 0.3, behind_stands=True)
    assert car.station_m == pytest.approx(LINE.length_m - 0.3)
    assert car.stands


def test_the_gap_is_from_bumper_to_bumper() -> None:
    assert leader().gap_m(1.5 - OVERHANGS_M) == pytest.approx(0.0)
