"""The lane network's surrogate: drives as commanded, and as far off the line as the shipped one was measured to."""

from __future__ import annotations

import random

import numpy as np
import pytest

from city.city import Command
from city.files import load_city
from city.geometry import Pose
from models.lane.closed_loop.drive import DriveDouble, Mechanics
from pixelopolis.evaluation.fleet.surrogate.lane import SurrogateLane, way_ahead
from pixelopolis.evaluation.fleet.surrogate.scene import Scene
from sim.whereabouts import NOWHERE, Locator, Whereabouts

CITY = load_city("pixelopolis")
BLANK = np.zeros((240, 320, 3), np.uint8)
PERIOD_S = 0.04


def drive(edge: int, command: Command, seconds: float, seed: int = 1) -> list[Whereabouts]:
    """Drive from a third of an edge on with one command."""
    rng = random.Random(seed)
    car = DriveDouble(CITY.edges[edge].curve.pose_at(0.1), Mechanics.sample(np.random.default_rng(seed)))
    locator = Locator(CITY)
    scenes = [Scene(0.0, "me", car.pose, locator.locate(car.pose), {})]
    lane = SurrogateLane(CITY, lambda: scenes[-1], rng)
    places = []
    for k in range(round(seconds / PERIOD_S)):
        here = locator.locate(car.pose, scenes[-1].whereabouts)
        scenes.append(Scene(k * PERIOD_S, "me", car.pose, here, {}))
        places.append(here)
        car.command(lane.look(BLANK, command).steering, 0.14)
        car.step(PERIOD_S)
    return places


def test_cars_are_about_as_far_off_the_line_as_measured() -> None:
    """With turns as often as a city has them; by chance of the drives a few less or more."""
    commands = (Command.FORWARD, Command.LEFT, Command.LEFT)
    places = [place for seed, command in enumerate(commands) for place in drive(1, command, 60, seed)]
    laterals_mm = [1000 * abs(place.lateral_m) for place in places]
    assert 3.0 < np.mean(laterals_mm) < 7.0  # 5.1 in models/shipped/lane.md
    assert 7.0 < np.quantile(laterals_mm, 0.95) < 18.0  # 16.8


@pytest.mark.parametrize("movement", sorted(CITY.movements))
def test_turns_are_driven_as_commanded(movement: tuple[int, int]) -> None:
    command = CITY.movements[movement].command
    edges = [place.edge for place in drive(movement[0], command, 20) if place.edge not in (None, movement[0])]
    assert edges[0] == movement[1]


def test_without_a_command_it_goes_on_as_it_has_begun() -> None:
    for from_edge, to_edge in CITY.movements:
        begun = Whereabouts(None, (from_edge, to_edge), 0.1, 0.0)
        assert way_ahead(CITY, begun, Command.FOLLOW) == (from_edge, to_edge)


def test_off_the_road_it_knows_nothing() -> None:
    nowhere = Scene(0.0, "me", Pose(-40, -40, 0), NOWHERE, {})
    seen = SurrogateLane(CITY, lambda: nowhere, random.Random(1)).look(BLANK, Command.LEFT)
    assert (seen.steering, seen.lateral_m, seen.heading_rad) == (0.0, None, None)
