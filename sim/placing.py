"""Putting single cars on the road while others drive, and lifting them off it."""

from __future__ import annotations

import math
from collections.abc import Iterable

from city.city import City
from city.geometry import Pose
from sim.spawn import MIN_APART_M, hides, start_stations_m
from sim.world import World


def free_start(city: City, standing: Iterable[Pose]) -> Pose | None:
    """The place in view of a sign that is farthest from all cars on the road; None where each is too near to one."""
    cars = tuple(standing)
    best, best_m = None, MIN_APART_M
    for edge_id in sorted(city.edges):
        edge, sign = city.edges[edge_id], city.sign_at(edge_id)
        stations_m = start_stations_m(edge, sign)
        if sign is None or not stations_m:
            continue
        pose = edge.curve.pose_at(stations_m[len(stations_m) // 2])
        nearest_m = min((math.hypot(pose.x_m - car.x_m, pose.y_m - car.y_m) for car in cars), default=math.inf)
        if nearest_m > best_m and not any(hides(car, pose, sign) for car in cars):
            best, best_m = pose, nearest_m
    return best


class Placing:
    """The staff of a simulated city, who carry cars."""

    def __init__(self, city: City, world: World) -> None:
        """Take all cars off the road."""
        self._city = city
        self._world = world
        for car_id in world.car_ids:
            world.lift(car_id)

    @property
    def on_road(self) -> frozenset[str]:
        """The cars that are on the road."""
        return frozenset(car_id for car_id in self._world.car_ids if self._world.is_on_road(car_id))

    def put(self, car_id: str) -> bool:
        """Put a car on the road; whether it is there: it is not where there is no room now."""
        if self._world.is_on_road(car_id):
            return True
        pose = free_start(self._city, (self._world.pose(other) for other in self.on_road))
        if pose is not None:
            self._world.place(car_id, pose)
        return pose is not None

    def lift(self, car_id: str) -> None:
        """Take a car off the road."""
        self._world.lift(car_id)
