"""Properties of whole fleets while operators act: kept apart, obedient, never locked up on the roads that are open."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from city.files import load_city
from server.fleet_control.operations import ActRefusedError, close_edge, open_edge
from tests.server.chance_operator import ChanceOperator
from tests.server.fleet_world import STEP_S, FleetWorld

# Somebody enters an edge at least this often: a long edge is driven in 10 s, and after 6 s of waiting a car may escape.
QUIET_LIMIT_S = 30.0


def longest_quiet_s(world: FleetWorld, operator: ChanceOperator, duration_s: float) -> float:
    """The longest time in which no car entered an edge."""
    longest_s = quiet_s = 0.0
    entered = sum(car.edges_entered for car in world.cars)
    for _ in range(round(duration_s / STEP_S)):
        world.step()
        operator.watch()
        now_entered = sum(car.edges_entered for car in world.cars)
        quiet_s = 0.0 if now_entered != entered else quiet_s + STEP_S
        entered, longest_s = now_entered, max(longest_s, quiet_s)
    return longest_s


def anybody_can_leave(world: FleetWorld) -> bool:
    """Whether a car is where an open way leads on: the others wait until their road is opened."""
    left, holdings = world.fleet.open_road, world.fleet.right_of_way.holdings
    return any(holding.last_edge not in left.cut_off for holding in holdings.values())


def close_and_open(city_seed: int, cars: int, seed: int, closings: int) -> None:
    world = FleetWorld(load_city(f"random:{city_seed}"), cars, seed, visitors=False)
    operator = ChanceOperator(world, seed)
    world.run(5.0)
    for _ in range(3):
        operator.close_some(closings)
        quiet_s = longest_quiet_s(world, operator, 40.0)
        assert quiet_s < QUIET_LIMIT_S or not anybody_can_leave(world)
    operator.take_all_back()
    before = sum(car.edges_entered for car in world.cars)
    assert longest_quiet_s(world, operator, 40.0) < QUIET_LIMIT_S
    assert sum(car.edges_entered for car in world.cars) >= before + len(world.cars)


def act_by_chance(city_seed: int, cars: int, seed: int) -> None:
    world = FleetWorld(load_city(f"random:{city_seed}"), cars, seed)
    operator = ChanceOperator(world, seed)
    world.run(5.0)
    for _ in range(15):
        operator.act_by_chance()
        longest_quiet_s(world, operator, 2.5)
    operator.take_all_back()
    before = [car.edges_entered for car in world.cars]
    world.run(90.0)
    assert all(car.edges_entered > entered for car, entered in zip(world.cars, before, strict=True))


CITIES, CARS, SEEDS = st.integers(0, 500), st.integers(1, 14), st.integers(0, 1000)


@settings(max_examples=2, deadline=None, derandomize=True)
@given(CITIES, CARS, SEEDS, st.integers(1, 3))
def test_random_cities_with_closed_edges_never_lock_up(city_seed: int, cars: int, seed: int, closings: int) -> None:
    close_and_open(city_seed, cars, seed, closings)


@settings(max_examples=2, deadline=None, derandomize=True)
@given(CITIES, CARS, SEEDS)
def test_whatever_operators_do_cars_obey_and_go_on_afterwards(city_seed: int, cars: int, seed: int) -> None:
    act_by_chance(city_seed, cars, seed)


@pytest.mark.slow
@pytest.mark.timeout(900)
@settings(max_examples=60, deadline=None, derandomize=True)
@given(CITIES, CARS, SEEDS, st.integers(1, 3))
def test_many_cities_with_closed_edges(city_seed: int, cars: int, seed: int, closings: int) -> None:
    close_and_open(city_seed, cars, seed, closings)


@pytest.mark.slow
@pytest.mark.timeout(900)
@settings(max_examples=60, deadline=None, derandomize=True)
@given(CITIES, CARS, SEEDS)
def test_many_acts_of_operators(city_seed: int, cars: int, seed: int) -> None:
    act_by_chance(city_seed, cars, seed)


@pytest.mark.parametrize("edge", [2, 5, 9])
def test_streets_of_the_default_city_without_which_its_ring_is_another(edge: int) -> None:
    world = FleetWorld(load_city("pixelopolis"), 5, seed=edge, visitors=False)
    operator = ChanceOperator(world, edge)
    world.run(5.0)
    close_edge(world.fleet, edge)
    assert longest_quiet_s(world, operator, 40.0) < QUIET_LIMIT_S
    assert sum(car.edges_entered for car in world.cars) > 10


def test_streets_of_the_default_city_without_which_there_is_no_ring() -> None:
    fleet = FleetWorld(load_city("pixelopolis"), 1, seed=1).fleet
    for edge in fleet.city.edges:
        if edge == 7:  # every closed way round leads over it
            with pytest.raises(ActRefusedError, match="no closed way round"):
                close_edge(fleet, edge)
        else:
            close_edge(fleet, edge)
            open_edge(fleet, edge)
