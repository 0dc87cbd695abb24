"""What the car is about to do: a mode and a wanted speed, from what it knows. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from car.localisation.track import Track
from car.piloting.hand import Hand
from car.piloting.orders import Course, ServerWords
from car.piloting.pilot_state import PilotInputs, PilotState
from car.piloting.speed import CREEP_MPS, HAND_MPS, approach_mps, cruise_mps
from city.city import City
from fleet.messages import LINK_TIMEOUT_S, DriveMode, HandLimit, Release
from fleet.vehicle import DEFAULT_VEHICLE

FRAME_TIMEOUT_S = 0.2
ARRIVES_BEFORE_M = 0.03  # so far before its stop point a car that stands has arrived
ARRIVES_BEYOND_M = 0.11  # and so far beyond: more than that from which on the server sends it round (planning.py)
STANDING_MPS = 0.01
END_OF_ROAD_M = 0.01  # nearer than this to the end of the released road the car counts as waiting, and does not set out
LOOK_AHEAD_M = (0.0, 0.04, 0.08)  # where the map's curvature is looked up, to be slow when a turn begins
LANE_MARGIN_M = 0.07  # farther than this from the lane's centre the car creeps
LEAST_FACTOR = 0.3  # behind another car: slower than this it would never close up to where it stands


@dataclass(frozen=True, slots=True)
class Intent:
    """A mode, the speed that the car would like, and whether to stop without braking gently."""

    mode: DriveMode
    wanted_mps: float = 0.0
    at_once: bool = False
    faults: tuple[str, ...] = ()
    limited_by: HandLimit | None = None


@dataclass(frozen=True, slots=True)
class SpeedLimits:
    """What is configured for one car."""

    scale: float = 1.0  # share of full speed
    hand_mps: float = HAND_MPS  # by an operator's hand


DEFAULT_LIMITS = SpeedLimits()


def intend(
    city: City, state: PilotState, inputs: PilotInputs, now_s: float, limits: SpeedLimits = DEFAULT_LIMITS
) -> Intent:
    """Decide."""
    faults = inputs.faults + _blindness(state, now_s)
    if inputs.odometry is None and not faults:
        faults = ("board: no answer",)
    if faults:
        return Intent(DriveMode.STOPPED, at_once=True, faults=faults)
    refusal = () if state.refused is None else (state.refused.reason,)
    if state.hand is not None:
        intent = _by_hand(city, state, state.hand, inputs.server.release, limits.hand_mps)
        return replace(intent, faults=refusal)
    track = state.localisation.track
    if track is None:
        return Intent(DriveMode.LOCALISING, _search_mps(state, inputs, now_s))
    if state.course is None:
        return Intent(DriveMode.IDLE, faults=refusal)
    intent = _follow(city, state, state.course, track, inputs.server, now_s, limits.scale)
    return replace(intent, faults=intent.faults + refusal)


def _blindness(state: PilotState, now_s: float) -> tuple[str, ...]:
    if state.captured_s is None:
        return ("camera: no picture yet",)
    age_s = now_s - state.captured_s
    return (f"camera: newest picture is {age_s:.1f} s old",) if age_s > FRAME_TIMEOUT_S else ()


def _silence(server: ServerWords, heard_s: float, now_s: float) -> tuple[str, ...]:
    if not server.connected:
        return ("server: not connected",)
    return ("server: silent",) if now_s - heard_s > LINK_TIMEOUT_S else ()


def _search_mps(state: PilotState, inputs: PilotInputs, now_s: float) -> float:
    """Creep while the server allows it and the lane ahead is free."""
    server, odometry = inputs.server, inputs.odometry
    if server.search is None or odometry is None or state.search_start_m is None:
        return 0.0
    if _silence(server, server.search_heard_s, now_s) or state.traffic.blocked:
        return 0.0
    left_m = server.search.distance_m - (odometry.distance_m - state.search_start_m)
    return min(CREEP_MPS, approach_mps(left_m, state.speed_mps))


def _follow(
    city: City, state: PilotState, course: Course, track: Track, server: ServerWords, now_s: float, scale: float
) -> Intent:
    standing = state.speed_mps < STANDING_MPS
    there = course.at_destination(state.index, track.s_m, before_m=ARRIVES_BEFORE_M, beyond_m=ARRIVES_BEYOND_M)
    if state.arrived or (there and standing):
        return Intent(DriveMode.ARRIVED)
    silence = _silence(server, server.release_heard_s, now_s)
    if silence:
        return Intent(DriveMode.STOPPED, faults=silence)
    release = server.release
    if release is None or release.order_id != course.order.order_id or release.hold:
        return Intent(DriveMode.WAITING)
    road_left_m = course.road_left_m(state.index, track.s_m, release)
    wanted_mps = approach_mps(road_left_m, state.speed_mps)
    if standing and road_left_m <= END_OF_ROAD_M:
        # Places wander by as much while cars stand: one that set out for it would creep up to the car ahead.
        return Intent(DriveMode.WAITING)
    if state.traffic.blocked:
        return Intent(DriveMode.BLOCKED)
    if road_left_m <= END_OF_ROAD_M:
        return Intent(DriveMode.DRIVING, wanted_mps)
    return Intent(DriveMode.DRIVING, min(wanted_mps, _free_road_mps(city, state, track, scale)))


def _by_hand(city: City, state: PilotState, hand: Hand, release: Release | None, hand_mps: float) -> Intent:
    """As the hand wants, but no faster than the car's own road, the car ahead and its place in the lane allow."""
    limits = [(hand_mps, HandLimit.SPEED), (state.traffic.limit_mps, HandLimit.CAR)]
    track, place = state.localisation.track, state.lane_place
    if track is not None:
        limits.append((_granted_mps(state, track, release), HandLimit.ROAD))
    is_out = track is None or place is None or place.is_out_of(city.lane_width_m, DEFAULT_VEHICLE)
    if is_out:
        limits.append((CREEP_MPS if hand.may_leave_lane else 0.0, HandLimit.OFF_LANE))
    if hand.is_late:
        limits.append((0.0, HandLimit.LATE))
    lowest_mps, limited_by = min(limits)
    wanted_mps = min(hand.speed_mps, lowest_mps)
    if is_out:  # the server must know as long as it moves, whatever else there is
        return Intent(DriveMode.MANUAL, wanted_mps, limited_by=HandLimit.OFF_LANE)
    is_free = hand.has_let_go or (hand.speed_mps <= lowest_mps and not hand.is_late)
    return Intent(DriveMode.MANUAL, wanted_mps, limited_by=None if is_free else limited_by)


def _granted_mps(state: PilotState, track: Track, release: Release | None) -> float:
    """Speed at which the car still stops on the road that it was granted."""
    course = state.course
    if course is None or release is None or release.order_id != course.order.order_id:
        return 0.0
    return approach_mps(course.road_left_m(state.index, track.s_m, release), state.speed_mps)


def _free_road_mps(city: City, state: PilotState, track: Track, scale: float) -> float:
    """Speed as far as curves, other cars and the own place in the lane allow."""
    curvatures = [state.curvature_per_m, *(track.curvature_per_m(city, ahead_m) for ahead_m in LOOK_AHEAD_M)]
    speed_mps = cruise_mps(max(abs(curvature) for curvature in curvatures), scale)
    lateral_m = state.lane.lateral_m if state.lane else None
    if lateral_m is not None and abs(lateral_m) > LANE_MARGIN_M:
        speed_mps = min(speed_mps, CREEP_MPS)
    return min(speed_mps, max(LEAST_FACTOR * speed_mps, state.traffic.limit_mps))
