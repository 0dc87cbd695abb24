"""Where cars start, obstacles, and the operator who changes packs."""

from __future__ import annotations

import random

from city.files import load_city
from city.geometry import Pose
from pixelopolis.evaluation.fleet.obstacles import COUNT, Obstacles
from pixelopolis.evaluation.fleet.pack_care import FRESH_CHARGE, SWAP_S
from pixelopolis.evaluation.fleet.plan import FleetPlan
from pixelopolis.evaluation.fleet.stage import Stage
from pixelopolis.evaluation.fleet.starting import remember, tells_places_apart
from server.store.open import open_store
from sim.physics import LaggedDrive
from sim.world import World

CITY = load_city("pixelopolis")


def test_one_sign_tells_the_place_only_where_no_kind_stands_twice() -> None:
    assert tells_places_apart(CITY)
    assert not tells_places_apart(load_city("random:7:6x6"))


async def test_a_server_remembers_where_its_cars_were() -> None:
    store = await open_store("sqlite::memory:")
    await remember(store, CITY, {"car-1": CITY.edges[1].curve.pose_at(0.6), "car-2": CITY.edges[4].curve.pose_at(0.3)})
    snapshot = await store.load()
    await store.close()
    cars = {item.record.car_id: item.record for item in snapshot.cars}
    places = {car_id: record.position for car_id, record in cars.items()}
    assert {car_id: place and (place.edge, round(place.s_m, 3)) for car_id, place in places.items()} == {
        "car-1": (1, 0.6),
        "car-2": (4, 0.3),
    }
    assert {record.holding and record.holding.edge for record in cars.values()} == {1, 4}


def with_car_at(pose: Pose) -> tuple[Obstacles, World]:
    obstacles = Obstacles(CITY, random.Random(1))
    drives = {"car-1": LaggedDrive(), **obstacles.drives}
    obstacles.world = World(CITY, 1, drives, {"car-1": pose, **obstacles.starts})
    return obstacles, obstacles.world


def test_an_obstacle_stands_on_its_road_until_it_is_taken_away() -> None:
    obstacles, world = with_car_at(CITY.edges[8].curve.pose_at(0.5))
    assert obstacles.put(1) == 1
    [name] = [name for name in obstacles.drives if world.truth(name).whereabouts.edge == 1]
    obstacles.take_away(1)
    assert world.pose(name) == obstacles.starts[name]


def test_nothing_is_put_down_before_a_car() -> None:
    for seed in range(20):
        obstacles, world = with_car_at(CITY.edges[2].curve.pose_at(0.1))
        obstacles._rng.seed(seed)
        edge = obstacles.put(2)
        assert edge is not None
        assert edge != 2
        world.step()
        assert world.collisions == 0


def test_there_are_only_so_many_obstacles() -> None:
    obstacles, _ = with_car_at(CITY.edges[8].curve.pose_at(0.5))
    placed = [obstacles.put(edge) for edge in (1, 4, 5, 2)]
    assert None not in placed[:COUNT]
    assert placed[COUNT:] == [None]


async def test_a_low_pack_is_changed_once_and_the_car_comes_back() -> None:
    store = await open_store("sqlite::memory:")
    stage = Stage(FleetPlan(1, 1.0, "pixelopolis", seed=3), CITY, store)
    stage.visitors.clear()
    await stage.open()
    board = stage.cars["car-1"].board
    board.battery.charge = 0.05
    swapped_s: float | None = None
    while stage.clock.now_s() < (swapped_s or 30.0) + SWAP_S + 8.0:
        await stage.step()
        if swapped_s is None and stage.pack_care.swaps:
            swapped_s = stage.clock.now_s()
            assert not stage.cars["car-1"].is_running
    await store.close()
    assert stage.pack_care.swaps == 1
    assert board.battery.charge > FRESH_CHARGE - 0.02
    assert stage.server.dispatcher is not None
    car = stage.server.dispatcher.fleet.cars["car-1"]
    assert car.is_fit
    assert not car.battery_low
