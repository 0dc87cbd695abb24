"""Properties of whole fleets while an operator drives cars by hand: kept apart as ever, and soon on their way again."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from city.files import load_city
from tests.server.chance_driver import ChanceDriver
from tests.server.fleet_world import STEP_S, FleetWorld

GO_ON_S = 70.0


def drive(world: FleetWorld, driver: ChanceDriver, duration_s: float) -> None:
    for _ in range(round(duration_s / STEP_S)):
        driver.step()
        world.step()  # checks that nobody shares a node or an edge's room, or comes too near
        driver.watch()


def drive_by_chance(city_seed: int, cars: int, seed: int) -> float:
    world = FleetWorld(load_city(f"random:{city_seed}"), cars, seed)
    driver = ChanceDriver(world, seed)
    world.run(5.0)
    for _ in range(3):
        driver.sit_down()
        drive(world, driver, 15.0)
        if driver.rng.random() < 0.5:
            driver.leave_lane()
            drive(world, driver, 4.0)
    driver.stand_up()
    before = [car.edges_entered for car in world.cars]
    world.run(GO_ON_S)
    assert all(car.edges_entered > entered for car, entered in zip(world.cars, before, strict=True))
    return driver.driven_m


CITIES, CARS, SEEDS = st.integers(0, 500), st.integers(1, 14), st.integers(0, 1000)


@settings(max_examples=2, deadline=None, derandomize=True)
@given(CITIES, CARS, SEEDS)
def test_cars_are_kept_apart_from_one_that_is_driven_by_hand(city_seed: int, cars: int, seed: int) -> None:
    drive_by_chance(city_seed, cars, seed)


@pytest.mark.slow
@pytest.mark.timeout(900)
@settings(max_examples=60, deadline=None, derandomize=True)
@given(CITIES, CARS, SEEDS)
def test_many_fleets(city_seed: int, cars: int, seed: int) -> None:
    drive_by_chance(city_seed, cars, seed)


def test_the_only_car_of_a_city_is_driven_far() -> None:
    assert drive_by_chance(1, 1, 1) > 2.0


def test_a_car_moves_outside_its_lane_once_all_others_stand() -> None:
    world = FleetWorld(load_city("pixelopolis"), 6, 3, visitors=False)
    driver = ChanceDriver(world, 3)
    world.run(5.0)
    driver.sit_down()
    drive(world, driver, 5.0)
    car = driver.car
    assert car is not None
    while not car.is_out_of_lane:
        drive(world, driver, 0.1)
        driver.leave_lane()
    drive(world, driver, 10.0)
    assert car.strayed_m > 0.05
    assert all(other.release is None or other.release.hold for other in world.cars)
