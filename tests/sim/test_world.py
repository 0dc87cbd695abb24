"""The world: determinism, contact, walls, counts."""

import math

import pytest

from city.city import City
from city.files import load_city
from city.geometry import Pose
from sim.contact import overlap_m
from sim.physics import LaggedDrive
from sim.world import World


@pytest.fixture(scope="module")
def city() -> City:
    return load_city("pixelopolis")


def two_cars(city: City, gap_m: float) -> tuple[World, LaggedDrive, LaggedDrive]:
    """Two cars one behind the other on edge 1-2's street, facing up."""
    behind, ahead = LaggedDrive(), LaggedDrive()
    starts = {"car-1": Pose(2.4, 0.4, math.pi / 2), "car-2": Pose(2.4, 0.4 + 0.18 + gap_m, math.pi / 2)}
    return World(city, 1, {"car-1": behind, "car-2": ahead}, starts), behind, ahead


def run(world: World, seconds: float) -> None:
    for _ in range(round(seconds * 100)):
        world.step()


def test_the_same_seed_gives_the_same_world_bit_for_bit(city: City) -> None:
    def history() -> list[object]:
        drives = {f"car-{k}": LaggedDrive() for k in (1, 2, 3)}
        world = World(city, 7, drives)
        states: list[object] = []
        for step in range(300):
            for k, drive in enumerate(drives.values()):
                drive.set_goal(3.0 + 0.01 * step, 3.0 + 0.2 * k)
            world.step()
            states += [world.truth(car) for car in world.car_ids]
        return states

    assert history() == history()


def test_another_seed_gives_another_world(city: City) -> None:
    worlds = [World(city, seed, {"car-1": LaggedDrive()}) for seed in (1, 2)]
    assert worlds[0].pose("car-1") != worlds[1].pose("car-1")


def test_a_car_drives_as_far_as_its_wheels_roll(city: City) -> None:
    world, drive, _ = two_cars(city, 1.5)
    drive.set_goal(4.0, 4.0)
    run(world, 3.0)
    rolled_m = 4.0 * 0.0315 * (3.0 - 0.04)
    truth = world.truth("car-1")
    assert truth.pose.y_m - 0.4 == pytest.approx(rolled_m, rel=0.02)
    assert truth.speed_mps == pytest.approx(0.126, rel=0.03)
    assert truth.whereabouts.edge == 2
    assert world.time_s == pytest.approx(3.0)


def test_a_car_that_drives_into_another_stops_there_and_counts_once(city: City) -> None:
    world, drive, _ = two_cars(city, 0.1)
    drive.set_goal(4.0, 4.0)
    run(world, 3.0)
    assert world.collisions == 1
    assert [world.truth(car).collisions for car in world.car_ids] == [1, 1]
    assert world.truth("car-1").speed_mps == 0.0
    assert world.pose("car-2").y_m == 0.68
    assert -0.003 < overlap_m(world.pose("car-1"), world.pose("car-2")) <= 0


def test_backing_off_and_coming_again_is_a_second_contact(city: City) -> None:
    world, drive, _ = two_cars(city, 0.02)
    for goal in (3.0, -2.0, 3.0):
        drive.set_goal(goal, goal)
        run(world, 1.0)
    assert world.collisions == 2


def test_a_touch_within_millimetres_is_still_the_same(city: City) -> None:
    world, drive, _ = two_cars(city, 0.02)
    drive.set_goal(3.0, 3.0)
    run(world, 1.0)
    for goal in (-0.5, 3.0):
        drive.set_goal(goal, goal)
        run(world, 0.15)
    assert world.collisions == 1


def test_a_car_put_on_another_may_leave_but_not_press_on(city: City) -> None:
    world, drive, _ = two_cars(city, 0.1)
    world.place("car-1", Pose(2.4, 0.52, math.pi / 2))
    drive.set_goal(3.0, 3.0)
    run(world, 0.5)
    assert world.pose("car-1").y_m == 0.52
    drive.set_goal(-3.0, -3.0)
    run(world, 1.0)
    assert world.pose("car-1").y_m < 0.5


def test_a_car_off_the_road_is_counted_and_held_by_the_houses(city: City) -> None:
    world, drive, _ = two_cars(city, 1.5)
    world.place("car-1", Pose(2.4, 0.6, 0.0))
    drive.set_goal(5.0, 5.0)
    run(world, 6.0)
    truth = world.truth("car-1")
    assert truth.lane_departures == 1
    assert truth.outside_lane
    assert truth.collisions == 1
    assert truth.whereabouts.lane is None
    assert truth.pose.x_m == pytest.approx(2.4 + 0.18 + 0.25, abs=0.01)


def test_reset_forgets_the_counts(city: City) -> None:
    world, drive, _ = two_cars(city, 0.02)
    drive.set_goal(3.0, 3.0)
    run(world, 1.0)
    world.reset_counts()
    run(world, 0.2)
    assert (world.collisions, world.lane_departures) == (0, 0)
    assert world.truth("car-1").collisions == 0


def test_an_unknown_car_is_a_key_error(city: City) -> None:
    world, _, _ = two_cars(city, 0.1)
    with pytest.raises(KeyError):
        world.truth("car-9")
