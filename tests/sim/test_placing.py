"""Putting cars on the road and lifting them off it, while others drive."""

import math

import pytest

from city.city import City
from city.files import load_city
from sim.lockstep import Simulation
from sim.physics import LaggedDrive
from sim.placing import Placing, free_start
from sim.spawn import MIN_APART_M
from sim.world import World


@pytest.fixture(scope="module")
def city() -> City:
    return load_city("pixelopolis")


def test_cars_are_off_the_road_until_they_are_put_there(city: City) -> None:
    simulation = Simulation(city, 3, 1)
    placing = Placing(city, simulation.world)
    assert placing.on_road == frozenset()
    simulation.step()  # with nobody there
    assert placing.put("car-2")
    assert placing.on_road == {"car-2"}
    truth = simulation.world.truth("car-2")
    assert truth.whereabouts.edge is not None
    assert not truth.outside_lane


def test_a_car_that_is_there_stays_where_it_is(city: City) -> None:
    simulation = Simulation(city, 2, 1)
    placing = Placing(city, simulation.world)
    placing.put("car-1")
    before = simulation.world.pose("car-1")
    placing.put("car-2")
    assert placing.put("car-1")
    assert simulation.world.pose("car-1") == before


def test_cars_are_put_apart_until_there_is_no_room(city: City) -> None:
    simulation = Simulation(city, [f"car-{k}" for k in range(1, 9)], 1)
    placing = Placing(city, simulation.world)
    put = [car_id for car_id in simulation.car_ids if placing.put(car_id)]
    assert len(put) >= 5
    poses = [simulation.world.pose(car_id) for car_id in put]
    for k, one in enumerate(poses):
        for other in poses[:k]:
            assert math.hypot(one.x_m - other.x_m, one.y_m - other.y_m) > MIN_APART_M


def test_there_is_no_start_where_every_place_is_taken(city: City) -> None:
    everywhere = [edge.curve.pose_at(s_cm / 100) for edge in city.edges.values() for s_cm in range(0, 100, 20)]
    assert free_start(city, everywhere) is None


def test_a_lifted_car_touches_nothing_and_leaves_no_lane(city: City) -> None:
    drives = {"car-1": LaggedDrive(), "car-2": LaggedDrive()}
    world = World(city, 1, drives)
    placing = Placing(city, world)
    placing.put("car-1")
    pose = world.pose("car-1")
    world.place("car-2", pose)
    placing.lift("car-2")
    drives["car-2"].set_goal(5.0, -5.0)
    for _ in range(300):
        world.step()
    assert world.collisions == 0
    assert world.lane_departures == 0
    assert world.pose("car-2") == pose
    assert placing.on_road == {"car-1"}
