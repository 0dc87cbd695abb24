"""The world: cars with their true poses, moved by their wheels, stopped by each other. Pure: the same seed and the
same wheel speeds give the same world, bit for bit."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from city.city import City
from city.geometry import Pose
from fleet.vehicle import DEFAULT_VEHICLE, VehicleGeometry
from sim.contact import RELEASE_GAP_M, ContactCounter, near_ones, overlap_m
from sim.lane_watch import LaneWatch
from sim.physics import WheelDrive, WheelSlip, advance
from sim.road import road_map
from sim.spawn import spawn_poses
from sim.whereabouts import NOWHERE, Locator, Whereabouts

STEP_S = 0.01
LOCATE_EVERY_STEPS = 5
WALL_BEYOND_ROAD_M = 0.25  # where houses begin: an axle cannot come further from the road than this
ROLLING_LOAD_NM = 0.02
BLOCKED_LOAD_NM = 0.6  # of a wheel that pushes against what does not give way
STANDSTILL_RAD_S = 0.01
WALL = "wall"


@dataclass(frozen=True, slots=True)
class CarTruth:
    """All that is true of a car at a moment. Never given to the car itself."""

    id: str
    pose: Pose
    speed_mps: float
    wheel_speeds_rad_s: tuple[float, float]
    whereabouts: Whereabouts
    collisions: int
    lane_departures: int
    outside_lane: bool


class _Body:
    """A car in the world."""

    def __init__(self, car_id: str, drive: WheelDrive, pose: Pose, watch: LaneWatch, slip: WheelSlip) -> None:
        self.id = car_id
        self.drive = drive
        self.pose = pose
        self.watch = watch
        self.slip = slip
        self.speed_mps = 0.0
        self.collisions = 0
        self.blocked = False
        self.is_on_road = True
        self.whereabouts = NOWHERE

    @property
    def stands(self) -> bool:
        """Whether its wheels do not turn at all."""
        return self.drive.left_velocity_rad_s == 0.0 == self.drive.right_velocity_rad_s

    def step_drive(self, dt_s: float) -> None:
        load_nm = BLOCKED_LOAD_NM if self.blocked else ROLLING_LOAD_NM
        left, right = self.drive.left_velocity_rad_s, self.drive.right_velocity_rad_s
        self.drive.step(dt_s, _braking(load_nm, left), _braking(load_nm, right))


def _braking(load_nm: float, velocity_rad_s: float) -> float:
    """A load against the way in which a wheel turns; none on a wheel that stands."""
    return math.copysign(load_nm, velocity_rad_s) if abs(velocity_rad_s) > STANDSTILL_RAD_S else 0.0


class World:
    """Cars on a city's roads."""

    def __init__(
        self,
        city: City,
        seed: int,
        drives: Mapping[str, WheelDrive],
        starts: Mapping[str, Pose] | None = None,
        vehicle: VehicleGeometry = DEFAULT_VEHICLE,
    ) -> None:
        """Put a car on the road for each of `drives`, by car id.

        Args:
            city: where they drive.
            seed: of start poses, tyres and slip.
            drives: what turns each car's wheels.
            starts: where each car starts; by `sim.spawn` when not given.
            vehicle: what every car measures.

        Raises:
            SpawnError: if the city has no room for so many cars.
        """
        self.city = city
        self.vehicle = vehicle
        self.steps = 0
        self.time_s = 0.0
        self._road = road_map(city)
        self._locator = Locator(city)
        self._contacts = ContactCounter()
        if starts is None:
            starts = dict(zip(drives, spawn_poses(city, len(drives), seed), strict=True))
        self._bodies = {
            car_id: _Body(
                car_id,
                drive,
                starts[car_id],
                LaneWatch(self._road, vehicle),
                WheelSlip(np.random.default_rng([seed, k, 1])),
            )
            for k, (car_id, drive) in enumerate(drives.items())
        }
        for body in self._bodies.values():
            body.whereabouts = self._locator.locate(body.pose)

    @property
    def car_ids(self) -> tuple[str, ...]:
        """The cars, in a fixed order."""
        return tuple(self._bodies)

    @property
    def collisions(self) -> int:
        """Touches of two cars, or of a car and a wall, since the last reset."""
        return self._contacts.total

    @property
    def lane_departures(self) -> int:
        """Excursions of a wheel off the road since the last reset."""
        return sum(body.watch.departures for body in self._bodies.values())

    def pose(self, car_id: str) -> Pose:
        """Where a car is.

        Raises:
            KeyError: if there is no such car.
        """
        return self._bodies[car_id].pose

    def truth(self, car_id: str) -> CarTruth:
        """All that is true of a car now.

        Raises:
            KeyError: if there is no such car.
        """
        body = self._bodies[car_id]
        return CarTruth(
            body.id,
            body.pose,
            body.speed_mps,
            (body.drive.left_velocity_rad_s, body.drive.right_velocity_rad_s),
            body.whereabouts,
            body.collisions,
            body.watch.departures,
            body.watch.outside,
        )

    def step(self, dt_s: float = STEP_S) -> None:
        """Advance everything by `dt_s`."""
        self.steps += 1
        self.time_s += dt_s
        on_road = {body.id: body.pose for body in self._bodies.values() if body.is_on_road}
        near = near_ones(on_road, self.vehicle)
        for body in self._bodies.values():
            body.step_drive(dt_s)
            if not body.is_on_road or (body.stands and not body.blocked):
                body.speed_mps = 0.0
                continue
            self._move(body, near[body.id], dt_s)
            body.watch.update(body.pose)
        self._release_contacts()
        if self.steps % LOCATE_EVERY_STEPS == 0:
            for body in self._bodies.values():
                if body.speed_mps:
                    body.whereabouts = self._locator.locate(body.pose, body.whereabouts)

    def is_on_road(self, car_id: str) -> bool:
        """Whether a car stands or drives in the city; one that was lifted touches nothing, and nobody sees it.

        Raises:
            KeyError: if there is no such car.
        """
        return self._bodies[car_id].is_on_road

    def lift(self, car_id: str) -> None:
        """Take a car off the road, until it is put somewhere.

        Raises:
            KeyError: if there is no such car.
        """
        body = self._bodies[car_id]
        body.is_on_road = body.blocked = False
        body.speed_mps = 0.0
        body.whereabouts = NOWHERE
        self._contacts.forget(car_id)

    def place(self, car_id: str, pose: Pose) -> None:
        """Lift a car and put it down somewhere else.

        Raises:
            KeyError: if there is no such car.
        """
        body = self._bodies[car_id]
        body.is_on_road = True
        body.pose = pose
        body.speed_mps = 0.0
        body.blocked = False
        body.watch.update(pose)
        body.whereabouts = self._locator.locate(pose)

    def reset_counts(self) -> None:
        """Count contacts and lane departures from zero."""
        self._contacts.reset()
        for body in self._bodies.values():
            body.collisions = 0
            body.watch.departures = 0

    def _move(self, body: _Body, near: Iterable[str], dt_s: float) -> None:
        left_factor, right_factor = body.slip.step(dt_s)
        left_rad_s = body.drive.left_velocity_rad_s * left_factor
        right_rad_s = body.drive.right_velocity_rad_s * right_factor
        wanted = advance(body.pose, left_rad_s, right_rad_s, dt_s, self.vehicle)
        body.blocked = self._bumps(body, near, wanted)
        if body.blocked:
            body.speed_mps = 0.0
            return
        body.speed_mps = (left_rad_s + right_rad_s) / 2 * self.vehicle.wheel_radius_m
        body.pose = wanted

    def _bumps(self, body: _Body, near: Iterable[str], wanted: Pose) -> bool:
        """Whether something is in the way of a move; new touches are counted on both sides."""
        bumped = False
        for name in near:
            other = self._bodies[name]
            if not self._presses(body.pose, wanted, other.pose):
                continue
            bumped = True
            if self._contacts.touch(frozenset((body.id, other.id))):
                body.collisions += 1
                other.collisions += 1
        margin_m = self._road.margin_m(wanted.x_m, wanted.y_m)
        if margin_m < -WALL_BEYOND_ROAD_M and margin_m <= self._road.margin_m(body.pose.x_m, body.pose.y_m):
            bumped = True
            if self._contacts.touch(frozenset((body.id, WALL))):
                body.collisions += 1
        return bumped

    def _presses(self, before: Pose, after: Pose, other: Pose) -> bool:
        depth_m = overlap_m(after, other, self.vehicle)
        # A car that was put down on another one may still get away from it.
        return depth_m > 0 and depth_m >= overlap_m(before, other, self.vehicle)

    def _release_contacts(self) -> None:
        for pair in self._contacts.touching:
            if self._gap_m(pair) > RELEASE_GAP_M:
                self._contacts.release(pair)

    def _gap_m(self, pair: frozenset[str]) -> float:
        poses = [self._bodies[name].pose for name in sorted(pair) if name != WALL]
        if len(poses) == 1:
            return self._road.margin_m(poses[0].x_m, poses[0].y_m) + WALL_BEYOND_ROAD_M
        return -overlap_m(poses[0], poses[1], self.vehicle)
