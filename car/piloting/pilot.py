"""The pilot: a pure step from what is seen and heard to wheel speeds. No threads, no clock of its own, no I/O.

Steering comes from the lane model alone, or from an operator's hand on a car that is held. The map decides only how
fast to drive, where to stop, and which command the lane model is given. Whatever is missing or too old makes the car
stand: without faults gently, with faults at once.
"""

from __future__ import annotations

from dataclasses import replace

from car.localisation.correction import stance_of
from car.localisation.lane_place import LanePlace, lane_place
from car.localisation.localiser import Localiser
from car.localisation.track import Track
from car.perception.perception import Perception
from car.piloting.hand import hand_on
from car.piloting.intent import DEFAULT_LIMITS, STANDING_MPS, Intent, SpeedLimits, intend
from car.piloting.orders import Course, OrderError, ServerWords
from car.piloting.path import Arc, Path, line_ahead
from car.piloting.pilot_state import PilotInputs, PilotOutputs, PilotState, RefusedOrder
from car.piloting.speed import limited_mps
from car.wheels import Odometry, wheel_speeds_rad_s
from city.city import City, Command
from fleet.messages import DriveMode, Order, Report
from fleet.steering import curvature_from_steering
from fleet.vehicle import DEFAULT_CAMERA, DEFAULT_VEHICLE, CameraGeometry, VehicleGeometry

LONGEST_PERIOD_S = 0.1  # a longer pause between steps does not allow for more acceleration


class Pilot:
    """Drives one car through one city; all that changes is in `PilotState`."""

    def __init__(
        self,
        city: City,
        vehicle: VehicleGeometry = DEFAULT_VEHICLE,
        camera: CameraGeometry = DEFAULT_CAMERA,
        limits: SpeedLimits = DEFAULT_LIMITS,
    ) -> None:
        self._city = city
        self._vehicle = vehicle
        self._localiser = Localiser(city, camera)
        self._limits = limits

    def step(self, state: PilotState, inputs: PilotInputs, now_s: float) -> tuple[PilotState, PilotOutputs]:
        """Take in `inputs`, remember, and decide."""
        period_s = 0.0 if state.stepped_s is None else min(LONGEST_PERIOD_S, now_s - state.stepped_s)
        stands = inputs.odometry is not None and max(state.speed_mps, inputs.odometry.speed_mps) < STANDING_MPS
        state = replace(state, hand=hand_on(state.hand, inputs.server, state.reports, now_s, stands=stands))
        state = self._perceive(state, inputs, now_s)
        state = self._localise(state, inputs)
        state = self._take_order(state, inputs.server)
        intent = intend(self._city, state, inputs, now_s, self._limits)
        speed_mps = 0.0 if intent.at_once else limited_mps(state.speed_mps, intent.wanted_mps, period_s)
        state = replace(
            state,
            stepped_s=now_s,
            reports=state.reports.report(state.sequence + 1, now_s),
            battery=state.battery.step(inputs.battery_v, now_s),
            speed_mps=speed_mps,
            arrived=state.hand is None and (state.arrived or intent.mode is DriveMode.ARRIVED),
            command=self._command(state),
        )
        left_rad_s, right_rad_s = wheel_speeds_rad_s(speed_mps, state.curvature_per_m, self._vehicle)
        outputs = PilotOutputs(
            left_rad_s,
            right_rad_s,
            speed_mps,
            state.curvature_per_m,
            state.command,
            self._report(state, inputs, intent, now_s),
        )
        return state, outputs

    def _perceive(self, state: PilotState, inputs: PilotInputs, now_s: float) -> PilotState:
        seen = inputs.perception
        if seen is None:
            return state
        if seen.cars is None:
            return replace(state, lane=seen.lane, captured_s=seen.captured_s)
        travelled_m = None if inputs.odometry is None else inputs.odometry.distance_m
        paths = self._paths(state, seen, inputs.odometry) if seen.cars else [Arc(0.0)]
        return replace(
            state,
            lane=seen.lane,
            captured_s=seen.captured_s,
            traffic=state.traffic.look(seen.cars, paths, now_s, self._vehicle, travelled_m),
            signs_seen=seen.sign_kinds,
        )

    def _paths(self, state: PilotState, seen: Perception, odometry: Odometry | None) -> list[Path]:
        """Where the car is about to drive: along its lane as far as the place is known, and where the wheels lead."""
        track, hand = state.localisation.track, state.hand
        wheels = Arc(curvature_from_steering(seen.lane.steering) if hand is None else hand.curvature_per_m)
        if track is None or odometry is None:
            return [wheels]
        return [line_ahead(self._city, track, stance_of(seen.lane, seen.captured_s, odometry)), wheels]

    def _localise(self, state: PilotState, inputs: PilotInputs) -> PilotState:
        if inputs.odometry is None:
            return state
        place = None if state.hand is None else self._lane_place(state, inputs.odometry, inputs.perception)
        if state.hand is not None and (place is None or place.is_lost):
            localisation = self._localiser.forget(inputs.odometry)
            return replace(state, localisation=localisation, search_start_m=None, lane_place=None)
        welcome = inputs.server.welcome
        localisation = self._localiser.step(
            state.localisation,
            inputs.odometry,
            None if inputs.perception is None else inputs.perception.signs,
            way_on=state.course.way_on(state.index) if state.course else None,
            hint=welcome.last_position if welcome else None,
            lane=state.lane,
            captured_s=state.captured_s,
        )
        start_m = state.search_start_m
        if localisation.track is not None:
            start_m = None
        elif start_m is None:
            start_m = inputs.odometry.distance_m
        return replace(state, localisation=localisation, search_start_m=start_m, lane_place=place)

    def _lane_place(self, state: PilotState, odometry: Odometry, seen: Perception | None) -> LanePlace | None:
        """How a car that is driven by hand stands in its lane now; None where it has none."""
        track, before = state.localisation.track, state.localisation.odometry or odometry
        if track is None:
            return None
        place = lane_place(state.lane) if state.lane_place is None else state.lane_place
        place = place.moved(
            odometry.distance_m - before.distance_m,
            odometry.yaw_rad - before.yaw_rad,
            track.curvature_per_m(self._city),
        )
        return place if seen is None else place.seen(seen.lane, state.command)

    def _take_order(self, state: PilotState, server: ServerWords) -> PilotState:
        """Take over a new order if the car is on it, and find the step that the car is on."""
        track = state.localisation.track
        if track is None:
            return state
        order = server.order
        if order is not None and (state.course is None or state.course.order.order_id != order.order_id):
            state = self._consider(state, order, track)
        if state.course is None:
            return state
        index = state.course.index_of(self._city, track, state.index)
        if index is None:
            return replace(state, course=None, index=0, arrived=False)
        return state if index == state.index else replace(state, index=index)

    def _consider(self, state: PilotState, order: Order, track: Track) -> PilotState:
        """Take a new order, or note why not; what was refused once is not laid out again at the same place."""
        refused = state.refused
        if refused is not None and (refused.order_id, refused.edge, refused.next_edge) == (
            order.order_id,
            track.edge,
            track.next_edge,
        ):
            return state
        try:
            course = Course(self._city, order)
            index = course.index_of(self._city, track)
            if index is None:
                raise OrderError(f"order {order.order_id} does not lead over edge {track.edge}, where the car is")
        except OrderError as error:
            return replace(state, refused=RefusedOrder(order.order_id, track.edge, track.next_edge, str(error)))
        return replace(state, course=course, index=index, arrived=False, refused=None)

    def _report(self, state: PilotState, inputs: PilotInputs, intent: Intent, now_s: float) -> Report:
        track = state.localisation.track
        return Report(
            sequence=state.sequence,
            mode=intent.mode,
            position=None if track is None else track.position(self._city),
            speed_mps=0.0 if inputs.odometry is None else inputs.odometry.speed_mps,
            order_id=state.course.order.order_id if state.course else None,
            order_index=state.index,
            command=state.command,
            battery_percent=state.battery.percent,
            battery_v=inputs.battery_v,
            battery_left_s=state.battery.left_s,
            battery_low=state.battery.is_low,
            faults=intent.faults,
            frame_age_s=None if state.captured_s is None else max(0.0, now_s - state.captured_s),
            control_rate_hz=inputs.control_rate_hz,
            signs_seen=state.signs_seen,
            limited_by=intent.limited_by,
        )

    def _command(self, state: PilotState) -> Command:
        """What the lane model is told: the order's turn or, not knowing the place, the turn that a restart cut off."""
        track = state.localisation.track
        if track is not None:
            return Command.FOLLOW if state.course is None else state.course.command_at(state.index, track.s_m)
        hinted = state.localisation.hinted
        if hinted is None or hinted.next_edge is None or not hinted.on_movement(self._city):
            return Command.FOLLOW
        return self._city.movements[hinted.edge, hinted.next_edge].command
