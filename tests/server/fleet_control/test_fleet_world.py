"""Properties of the whole fleet on many cities: kept apart, always moving, always arriving."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from city.files import load_city
from tests.server.fleet_world import FleetWorld

# Nobody stays on one edge longer: many waits at nodes, the stop at a place, and a visitor who takes his time.
LONGEST_STAY_S = 150.0


@pytest.mark.parametrize("cars", [3, 8, 15])
def test_default_city_never_locks_up_and_visitors_arrive(cars: int) -> None:
    world = FleetWorld(load_city("pixelopolis"), cars, seed=cars)
    world.run(150.0)
    assert world.longest_stay_s < LONGEST_STAY_S
    assert all(car.edges_entered >= 3 for car in world.cars)
    assert world.arrived >= 5


@settings(max_examples=8, deadline=None, derandomize=True)
@given(city_seed=st.integers(0, 500), cars=st.integers(1, 14), seed=st.integers(0, 1000))
def test_random_cities_never_lock_up(city_seed: int, cars: int, seed: int) -> None:
    world = FleetWorld(load_city(f"random:{city_seed}"), cars, seed)
    world.run(60.0)
    assert world.longest_stay_s < LONGEST_STAY_S
    assert sum(car.edges_entered for car in world.cars) >= len(world.cars)


@pytest.mark.parametrize("city", ["straight", "square", "curvy"])
def test_plain_tracks(city: str) -> None:
    world = FleetWorld(load_city(city), 5, seed=1)
    world.run(200.0)
    assert all(car.edges_entered >= 3 for car in world.cars)
    assert world.arrived >= 3


def test_same_seed_same_world() -> None:
    worlds = [FleetWorld(load_city("pixelopolis"), 6, seed=4) for _ in range(2)]
    for world in worlds:
        world.run(60.0)
    assert [(car.edge, car.s_m) for car in worlds[0].cars] == [(car.edge, car.s_m) for car in worlds[1].cars]


def test_a_lost_car_blocks_its_road_and_others_go_round() -> None:
    world = FleetWorld(load_city("pixelopolis"), 3, seed=2, visitors=False)
    world.run(20.0)
    lost = world.cars[0]
    holdings = world.fleet.right_of_way.holdings
    while holdings[lost.car_id].edges != {13}:
        world.step()
    world.silent.add(lost.car_id)
    world.run(3.0)
    held = holdings[lost.car_id]
    assert held.edges <= world.fleet.closed_edges(world.now_s)
    before = [car.edges_entered for car in world.cars]
    for _ in range(900):
        world.step()
        assert holdings[lost.car_id] == held
        assert all(car.edge not in held.edges for car in world.cars[1:])
    assert all(car.edges_entered > before[k] + 5 for k, car in enumerate(world.cars) if k > 0)
    world.silent.clear()
    world.run(30.0)
    assert lost.edges_entered > before[0]
    assert not world.fleet.closed_edges(world.now_s)
