"""One episode of an evaluation, driven in closed loop."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from car.perception.lane import LaneModel
from city.city import City
from city.files import load_city
from city.route_line import RouteLine
from fleet.vehicle import DEFAULT_VEHICLE
from models.lane.closed_loop.journey import Journey, JourneyEnd, Moment, Steer
from models.lane.evaluation.crossings import crossings_taken
from models.lane.evaluation.driver import CameraDriver, Driver, blind_driver
from models.lane.evaluation.episodes import KEPT_DECIMALS, LOST, Episode, EpisodeResult
from models.lane.evaluation.film import write_film
from models.lane.photographing.photographer import own_photographer
from models.lane.photographing.scenes import HELD_OUT_SEED, Leader, Mounting
from sim.expert import wandering_route

ROUTE_EDGES = 24  # more than a car can drive in an episode
FRAME_PERIOD_S = 0.04
OUTER_HALF_TRACK_M = (DEFAULT_VEHICLE.track_m + DEFAULT_VEHICLE.wheel_width_m) / 2


@dataclass(frozen=True, slots=True)
class _Stage:
    """All that is drawn for an episode before anyone drives."""

    city: City
    line: RouteLine
    journey: Journey
    mounting: Mounting


class _Log:
    """Writes down a drive while another steers."""

    def __init__(self, steer: Steer, half_lane_m: float) -> None:
        self.path_m: list[tuple[float, float]] = []
        self.lateral_m: list[float] = []
        self.frames_outside = 0
        self.station_m = 0.0
        self._steer = steer
        self._half_lane_m = half_lane_m

    def steer(self, moment: Moment) -> float:
        label = moment.label
        self.path_m.append((round(moment.pose.x_m, KEPT_DECIMALS), round(moment.pose.y_m, KEPT_DECIMALS)))
        self.lateral_m.append(round(label.lateral_m, KEPT_DECIMALS))
        self.station_m = label.station_m
        reach_m = abs(label.lateral_m) + OUTER_HALF_TRACK_M * math.cos(label.heading_rad)
        self.frames_outside += reach_m > self._half_lane_m
        return self._steer(moment)


def drive_episode(episode: Episode, driver: Driver, films: Path | None = None) -> EpisodeResult:
    """Drive one episode; the same episode and driver give the same result.

    Args:
        episode: what to drive.
        driver: who drives.
        films: a folder for a film strip of the last pictures, if the car is lost and the driver saw any.

    Raises:
        CityError: if there is no such city.
        ModelError: if the driver's file cannot be used.
    """
    rng = np.random.default_rng([HELD_OUT_SEED, episode.seed, episode.index])
    stage = _stage(episode, rng)
    steer = _at_the_wheel(driver, episode, stage, rng)
    log = _Log(steer, stage.city.lane_width_m / 2)
    end = stage.journey.drive(episode.seconds, log.steer)
    if films is not None and end.why in LOST and isinstance(steer, CameraDriver):
        write_film(films / f"{episode.file_stem(end.why)}-film.png", steer.glimpses, FRAME_PERIOD_S)
    return _result(episode, stage, log, end, saw_pictures=isinstance(steer, CameraDriver))


def _stage(episode: Episode, rng: np.random.Generator) -> _Stage:
    condition = episode.condition
    city = load_city(episode.city)
    edges = sorted(city.edges)
    start = edges[int(rng.integers(len(edges)))]
    line = RouteLine(city, wandering_route(city, start, ROUTE_EDGES, rng))
    mechanics = condition.sample_mechanics(rng)
    mounting = condition.sample_mounting(rng)
    habits = condition.sample_habits(rng)
    start_m = float(rng.normal(0, 0.01))
    journey = Journey(city, line, mechanics, frame_period_s=FRAME_PERIOD_S, habits=habits, start_lateral_m=start_m)
    return _Stage(city, line, journey, mounting)


def _at_the_wheel(driver: Driver, episode: Episode, stage: _Stage, rng: np.random.Generator) -> Steer:
    if isinstance(driver, str):
        return blind_driver(driver, stage.line)
    condition = episode.condition
    photographer = own_photographer()
    photographer.set_up(stage.city, rng, condition.hardness, look=condition.look, held_out=True)
    leader = Leader(stage.line, condition.leader_m)
    return CameraDriver(LaneModel(driver), photographer, stage.mounting, leader, rng)


def _result(episode: Episode, stage: _Stage, log: _Log, end: JourneyEnd, *, saw_pictures: bool) -> EpisodeResult:
    return EpisodeResult(
        episode,
        round(end.seconds, 2),
        end.why,
        np.array(log.lateral_m, np.float32),
        np.array(log.path_m, np.float32),
        round(log.frames_outside * FRAME_PERIOD_S, 2),
        stage.city.lane_width_m,
        crossings_taken(stage.city, stage.line, log.station_m, wrong_turn=end.why == "wrong_turn"),
        saw_pictures,
    )
