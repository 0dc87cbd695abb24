"""What to render for the detector's data: which city in which look, where the camera stands, which cars are about.

Two kinds of scene alternate. A *drive* is a city as it is, seen from cars in and around its lanes: signs and cars
come as often, as large and from where they do in use. A *stage* is a city strewn with signs of every kind, each of
which is looked at equally often from all distances and angles at which it has to be read. A stage to train on is
strewn more densely and looked at where most signs face the camera, so that a picture teaches more.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from city.city import City, Sign
from city.files import load_city
from city.geometry import Pose, wrap_angle
from city.route_line import RouteLine
from city.sign_catalogue import SIGN_KINDS
from fleet.vehicle import DEFAULT_CAMERA, DEFAULT_VEHICLE, CameraGeometry
from sim.render.camera import CameraView
from sim.render.car_mesh import CAR_PAINTS, CarInstance
from sim.render.style import SKY_KINDS, SceneStyle

FRAMES_PER_SCENE = 32
HELD_OUT_SEED = 1_000_000  # data sets from this seed on are for evaluation; no training uses them or their cities

DEFAULT_CITY_SHARE = 0.5
UNSEEN_SKIES = ("greenhouse", "dusk")  # kinds that only evaluation shows
SEEN_SKIES = tuple(kind for kind in SKY_KINDS if kind not in UNSEEN_SKIES)
UNSEEN_SHARE = 0.75  # of held-out looks
OTHER_CITIES = ("square", "curvy", "straight")
DEFAULT_STYLE_SHARE = 0.35
SIGNS_PER_KIND = 3  # on a held-out stage
DENSE_SIGNS_PER_KIND = (4, 14)  # fewest and most on a stage to train on
DENSE_VIEWS = 6  # views of a sign of which the one with most other signs is taken
MIN_SIGN_DISTANCE_M, MAX_SIGN_DISTANCE_M = 0.28, 1.3
MAX_SIGN_OBLIQUE_RAD = math.radians(50.0)
MIN_CAR_DISTANCE_M, MAX_CAR_DISTANCE_M = 0.12, 1.5  # from the camera to the nearest end
MIN_APART_M = 0.2
EGO = "ego"


@dataclass(frozen=True, slots=True)
class FramePlan:
    """One picture of a scene."""

    view: CameraView
    cars: tuple[CarInstance, ...]


@dataclass(frozen=True, slots=True)
class ScenePlan:
    """A scene and the pictures to take of it."""

    city: City
    seed: int
    style: SceneStyle
    frames: tuple[FramePlan, ...]

    @property
    def background_is_unseen(self) -> bool:
        """Whether what is around the city is of a kind that no training shows."""
        return self.style.sky.kind in UNSEEN_SKIES


def plan_scene(seed: int, index: int, frames: int = FRAMES_PER_SCENE) -> ScenePlan:
    """Scene number `index` of the data set `seed`; the same for the same arguments, whoever makes it."""
    rng = np.random.default_rng([seed, index])
    city = load_city(_city_name(seed, index, rng))
    style = SceneStyle.default()
    if rng.random() >= DEFAULT_STYLE_SHARE:
        style = _sampled_style(rng, held_out=seed >= HELD_OUT_SEED)
    if index % 2 == 0:
        plans = tuple(_drive_frame(city, rng) for _ in range(frames))
    else:
        held_out = seed >= HELD_OUT_SEED
        per_kind = SIGNS_PER_KIND if held_out else int(rng.integers(*DENSE_SIGNS_PER_KIND, endpoint=True))
        city = replace(city, signs=tuple(_strewn_signs(city, per_kind, rng)))
        style = replace(style, town=replace(style.town, density=style.town.density * float(rng.uniform(0, 0.6))))
        targets = _balanced(city.signs, rng)
        crowd = _Crowd.of(city.signs)
        views = 1 if held_out else DENSE_VIEWS
        plans = tuple(_stage_frame(next(targets), crowd, views, rng) for _ in range(frames))
    return ScenePlan(city, int(rng.integers(2**31)), style, plans)


def _sampled_style(rng: np.random.Generator, *, held_out: bool) -> SceneStyle:
    """A random look; only a held-out one may have a sky of an unseen kind, and has so in most scenes."""
    style = SceneStyle.sample(rng, hardness=float(rng.uniform(0.0, 0.9)), held_out=held_out)
    kinds = UNSEEN_SKIES if held_out and rng.random() < UNSEEN_SHARE else SEEN_SKIES
    return replace(style, sky=replace(style.sky, kind=str(rng.choice(kinds))))


def _city_name(seed: int, index: int, rng: np.random.Generator) -> str:
    pick = rng.random()
    if pick < DEFAULT_CITY_SHARE:
        return "pixelopolis"
    if pick < DEFAULT_CITY_SHARE + 0.15:
        return str(rng.choice(OTHER_CITIES))
    number = (seed * 1009 + index) % HELD_OUT_SEED
    return f"random:{number + (HELD_OUT_SEED if seed >= HELD_OUT_SEED else 0)}"


def jittered_camera(rng: np.random.Generator) -> CameraGeometry:
    """The default camera as it sits on one car or another: a little higher, tilted, wider."""
    return replace(
        DEFAULT_CAMERA,
        height_m=DEFAULT_CAMERA.height_m + float(rng.uniform(-0.015, 0.02)),
        pitch_rad=DEFAULT_CAMERA.pitch_rad + math.radians(float(rng.normal(0.0, 2.5))),
        roll_rad=math.radians(float(rng.normal(0.0, 1.5))),
        horizontal_fov_rad=DEFAULT_CAMERA.horizontal_fov_rad + math.radians(float(rng.uniform(-5.0, 5.0))),
    )


def _drive_frame(city: City, rng: np.random.Generator) -> FramePlan:
    line = _random_line(city, rng)
    ego_m = float(rng.uniform(0.0, 0.8 * line.length_m))
    ego = _beside(line.pose_at(ego_m), float(rng.normal(0.0, 0.04)), math.radians(float(rng.normal(0.0, 9.0))))
    wanted = []
    if rng.random() < 0.55:
        gap_m = float(rng.uniform(MIN_CAR_DISTANCE_M, MAX_CAR_DISTANCE_M))
        ahead_m = ego_m + gap_m + DEFAULT_CAMERA.forward_m + DEFAULT_VEHICLE.rear_overhang_m
        if ahead_m < line.length_m:
            turn_rad = math.radians(float(rng.normal(0.0, 6.0 if rng.random() < 0.8 else 60.0)))
            wanted.append(_beside(line.pose_at(ahead_m), float(rng.normal(0.0, 0.03)), turn_rad))
    for _ in range(int(rng.integers(0, 5))):
        other = _random_line(city, rng)
        lateral_m, turn_rad = float(rng.normal(0.0, 0.03)), math.radians(float(rng.normal(0.0, 8.0)))
        wanted.append(_beside(other.pose_at(float(rng.uniform(0.0, other.length_m))), lateral_m, turn_rad))
    view = CameraView.on_car(ego, jittered_camera(rng), hide_car=EGO)
    return FramePlan(view, _instances([ego], wanted, rng))


def _random_line(city: City, rng: np.random.Generator) -> RouteLine:
    """Three edges in a row, or fewer where the road ends."""
    edges = [int(rng.choice(sorted(city.edges)))]
    while len(edges) < 3 and city.successors(edges[-1]):
        onward = city.successors(edges[-1])
        edges.append(onward[int(rng.integers(len(onward)))].to_edge)
    return RouteLine(city, edges)


def _beside(pose: Pose, left_m: float, turn_rad: float) -> Pose:
    return Pose(
        pose.x_m - left_m * math.sin(pose.heading_rad),
        pose.y_m + left_m * math.cos(pose.heading_rad),
        wrap_angle(pose.heading_rad + turn_rad),
    )


def _strewn_signs(city: City, per_kind: int, rng: np.random.Generator) -> Iterator[Sign]:
    """Signs of every kind at random places in the city, looking anywhere."""
    example = city.signs[0]
    x_min, y_min, x_max, y_max = city.bounds_m
    placed: list[Pose] = []
    for kind in SIGN_KINDS * per_kind:
        pose = Pose(0.0, 0.0, 0.0)
        for _ in range(20):
            x_m, y_m = rng.uniform((x_min, y_min), (x_max, y_max)).tolist()
            pose = Pose(x_m, y_m, float(rng.uniform(-math.pi, math.pi)))
            if all(_distance_m(pose, other) > MIN_APART_M for other in placed):
                break
        placed.append(pose)
        yield replace(example, kind=kind, pose=pose)


def _balanced(signs: tuple[Sign, ...], rng: np.random.Generator) -> Iterator[Sign]:
    """Signs for ever, every kind once before any comes again."""
    while True:
        for kind in rng.permutation(SIGN_KINDS).tolist():
            alike = [sign for sign in signs if sign.kind == kind]
            yield alike[int(rng.integers(len(alike)))]


@dataclass(frozen=True, slots=True)
class _Crowd:
    """Where many signs stand and look, (n,) each."""

    x_m: NDArray[np.float64]
    y_m: NDArray[np.float64]
    heading_rad: NDArray[np.float64]

    @classmethod
    def of(cls, signs: Sequence[Sign]) -> Self:
        """The signs' poses."""
        return cls(*np.array([(sign.pose.x_m, sign.pose.y_m, sign.pose.heading_rad) for sign in signs]).T)

    def facing(self, ego: Pose, camera: CameraGeometry) -> int:
        """How many signs a car's camera could read if nothing hid any."""
        dx_m = self.x_m - ego.x_m - camera.forward_m * math.cos(ego.heading_rad)
        dy_m = self.y_m - ego.y_m - camera.forward_m * math.sin(ego.heading_rad)
        away_m = np.hypot(dx_m, dy_m)
        bearing_rad = np.arctan2(dy_m, dx_m)
        in_view = np.cos(bearing_rad - ego.heading_rad) > math.cos(camera.horizontal_fov_rad / 2)
        faces = -np.cos(bearing_rad - self.heading_rad) > math.cos(MAX_SIGN_OBLIQUE_RAD)
        in_reach = (away_m > MIN_SIGN_DISTANCE_M) & (away_m < MAX_SIGN_DISTANCE_M)
        return int((in_view & faces & in_reach).sum())


def _stage_frame(target: Sign, crowd: _Crowd, views: int, rng: np.random.Generator) -> FramePlan:
    """The one of several views of a sign in which most other signs can be read, too."""
    ego, camera = max((_look_at(target, rng) for _ in range(views)), key=lambda look: crowd.facing(*look))
    wanted = [_car_in_view(ego, camera, rng) for _ in range(int(rng.choice([0, 1, 2], p=[0.35, 0.5, 0.15])))]
    view = CameraView.on_car(ego, camera, hide_car=EGO)
    return FramePlan(view, _instances([ego, target.pose], wanted, rng))


def _look_at(target: Sign, rng: np.random.Generator) -> tuple[Pose, CameraGeometry]:
    """A car somewhere before a sign, and its camera."""
    camera = jittered_camera(rng)
    distance_m = float(rng.uniform(MIN_SIGN_DISTANCE_M, MAX_SIGN_DISTANCE_M))
    from_sign_rad = target.pose.heading_rad + float(rng.uniform(-1.0, 1.0)) * MAX_SIGN_OBLIQUE_RAD
    x_m = target.pose.x_m + distance_m * math.cos(from_sign_rad)
    y_m = target.pose.y_m + distance_m * math.sin(from_sign_rad)
    aside_rad = float(rng.uniform(-0.42, 0.42)) * camera.horizontal_fov_rad
    heading_rad = wrap_angle(from_sign_rad + math.pi + aside_rad)
    forward_m = camera.forward_m
    ego = Pose(x_m - forward_m * math.cos(heading_rad), y_m - forward_m * math.sin(heading_rad), heading_rad)
    return ego, camera


def _car_in_view(ego: Pose, camera: CameraGeometry, rng: np.random.Generator) -> Pose:
    """A car somewhere in the picture, mostly seen from behind."""
    gap_m = float(rng.uniform(MIN_CAR_DISTANCE_M, MAX_CAR_DISTANCE_M))
    bearing_rad = ego.heading_rad + math.radians(float(rng.uniform(-38.0, 38.0)))
    reach_m = camera.forward_m + DEFAULT_VEHICLE.length_m / 2 + gap_m
    turn_rad = float(rng.normal(0.0, 0.4)) if rng.random() < 0.6 else float(rng.uniform(-math.pi, math.pi))
    return Pose(
        ego.x_m + reach_m * math.cos(bearing_rad),
        ego.y_m + reach_m * math.sin(bearing_rad),
        wrap_angle(ego.heading_rad + turn_rad),
    )


def _instances(taken: list[Pose], wanted: list[Pose], rng: np.random.Generator) -> tuple[CarInstance, ...]:
    """Cars at the wanted poses, without those that would stand in something."""
    placed: list[Pose] = []
    for pose in wanted:
        if all(_distance_m(pose, other) > MIN_APART_M for other in [*taken, *placed]):
            placed.append(pose)
    return tuple(CarInstance(f"car-{k + 1}", pose, int(rng.integers(len(CAR_PAINTS)))) for k, pose in enumerate(placed))


def _distance_m(one: Pose, other: Pose) -> float:
    return math.hypot(one.x_m - other.x_m, one.y_m - other.y_m)
