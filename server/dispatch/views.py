"""From the server's state to what stations and operators are shown."""

from __future__ import annotations

from datetime import UTC, datetime

from city.city import City, Command
from city.geometry import Curve, Pose
from city.route_line import RouteLine
from fleet.faults import fault_codes
from fleet.messages import Position
from fleet.views import (
    CarStatus,
    CarView,
    CityView,
    ErrandView,
    FleetView,
    HistoryEntryView,
    LineView,
    PlaceView,
    RideState,
    RideView,
    RoadView,
    SharedCarView,
    SharedRideView,
)
from server.fleet_control.car_state import CarState
from server.fleet_control.fleet_state import FleetState
from server.fleet_control.place_turns import CARS_AT_A_TIME, PLACE_TURN_S, rides_ahead
from server.rides.booking import Ride
from server.rides.sharing import share_token
from server.store.base import HistoryEntry

TYPICAL_SPEED_MPS = 0.2  # with waits at nodes; only for the expected time of arrival
LINE_POINT_STEP = 5  # of a curve's samples, one is shown: every 5 cm
POSITION_DIGITS = 3
API_PREFIX = "/api"


def city_view(city: City) -> CityView:
    """The map."""
    lines = [LineView(edge=edge.id, points=_points(edge.curve)) for edge in city.edges.values()]
    lines += [
        LineView(edge=movement.from_edge, next_edge=movement.to_edge, points=_points(movement.curve))
        for movement in city.movements.values()
    ]
    places = []
    for place in city.places.values():
        pose = city.edges[place.edge].curve.pose_at(place.stop_s_m)
        names = dict(place.names)
        places.append(
            PlaceView(place_id=place.id, names=names, x_m=_round(pose.x_m), y_m=_round(pose.y_m), sign=place.sign)
        )
    return CityView(
        name=city.name,
        lane_width_m=city.lane_width_m,
        bounds_m=city.bounds_m,
        lines=tuple(lines),
        places=tuple(places),
    )


def _points(curve: Curve) -> tuple[tuple[float, float], ...]:
    points = [*curve.points_m[:-1:LINE_POINT_STEP], curve.points_m[-1]]
    return tuple((_round(float(x_m)), _round(float(y_m))) for x_m, y_m in points)


def _round(value: float) -> float:
    return round(value, POSITION_DIGITS)


def pose_of(city: City, position: Position) -> Pose:
    """Where on the map a position is, nodes included."""
    curve = city.edges[position.edge].curve
    beyond_m = position.s_m - curve.length_m
    if beyond_m > 0 and position.next_edge is not None:
        return city.movements[position.edge, position.next_edge].curve.pose_at(beyond_m)
    return curve.pose_at(position.s_m)


def car_view(fleet: FleetState, car: CarState, now_s: float) -> CarView:
    """One car."""
    report = car.report
    pose = pose_of(fleet.city, car.position) if car.position is not None else None
    ride = fleet.rides.of_car(car.car_id)
    errand = fleet.acts.errand_of(car.car_id)
    is_lost = car.status is CarStatus.LOST
    faults = report.faults if report else ()
    return CarView(
        car_id=car.car_id,
        status=car.status,
        mode=report.mode if report else None,
        position=car.position,
        x_m=_round(pose.x_m) if pose else None,
        y_m=_round(pose.y_m) if pose else None,
        heading_rad=_round(pose.heading_rad) if pose else None,
        speed_mps=report.speed_mps if report and not is_lost else 0.0,
        command=report.command if report else Command.FOLLOW,
        battery_percent=report.battery_percent if report else 0.0,
        battery_v=report.battery_v if report else 0.0,
        battery_left_s=report.battery_left_s if report else None,
        battery_low=car.battery_low,
        faults=faults,
        fault_codes=fault_codes(faults),
        ride_id=ride.ride_id if ride else None,
        control_rate_hz=report.control_rate_hz if report else None,
        last_seen_age_s=round(max(0.0, now_s - car.last_seen_s), 1),
        wait_reason=car.wait_reason,
        wait_code=None if car.wait is None else car.wait.code,
        held=fleet.acts.holds(car.car_id),
        errand=None if errand is None else ErrandView(**errand.stop._asdict()),
        driven=car.hand is not None and car.hand.is_gripped,
        road=_road_view(fleet, car),
    )


def _road_view(fleet: FleetState, car: CarState) -> RoadView | None:
    holding = fleet.right_of_way.holdings.get(car.car_id)
    if holding is None:
        return None
    may_drive = car.status is CarStatus.ONLINE and not fleet.acts.holds(car.car_id)
    released = car.released if may_drive else None
    if released is None or released.edge not in holding.way:
        return RoadView(edges=holding.way)
    return RoadView(edges=holding.way, released_edge=released.edge, released_s_m=_round(released.s_m))


def fleet_view(fleet: FleetState, now_s: float) -> FleetView:
    """What operators have ordered, and what follows from it."""
    closed, left = fleet.acts.closed_edges, fleet.open_road
    return FleetView(
        stopped=fleet.acts.stopped,
        closed_edges=closed,
        blocked_edges=tuple(sorted(fleet.closed_edges(now_s).difference(closed))),
        cut_off_edges=tuple(sorted(left.cut_off)),
        closed_places=_closed_places(fleet),
        room_for_cars=left.fleet_limit,
    )


def _closed_places(fleet: FleetState) -> tuple[str, ...]:
    return tuple(sorted(place_id for place_id in fleet.city.places if not fleet.is_open(place_id)))


def ride_view(fleet: FleetState, ride: Ride, now_s: float) -> RideView:
    """One ride, with its car while it has one."""
    car = fleet.cars.get(ride.car_id or "") if not ride.is_final else None
    left_m = _distance_left_m(fleet, ride, car) if car is not None else None
    ahead = _rides_ahead_in_line(fleet, ride) if left_m is None else None
    shared_path = f"{API_PREFIX}/shared/{share_token(ride.ride_id)}"
    return RideView(
        ride_id=ride.ride_id,
        state=ride.state,
        station_id=ride.station_id,
        station_device_id=ride.station_device_id,
        car_id=ride.car_id,
        car_device_id=ride.car_device_id,
        place_id=ride.place_id,
        refused_place_id=ride.refused_place_id,
        closed_places=() if ride.is_final else _closed_places(fleet),
        queue_position=fleet.rides.queue_position(ride),
        place_queue_position=None if ahead is None else ahead - CARS_AT_A_TIME + 1,
        distance_left_m=left_m,
        eta_s=_eta_s(left_m, ahead),
        car=car_view(fleet, car, now_s) if car is not None else None,
        stream_path=f"{shared_path}/stream.mjpg" if car and car.stream_url else None,
        code_path=f"{shared_path}/code.svg",
    )


def shared_ride_view(ride: RideView) -> SharedRideView:
    """A ride as those see it who only watch it."""
    return SharedRideView(
        state=ride.state,
        place_id=ride.place_id,
        place_queue_position=ride.place_queue_position,
        eta_s=ride.eta_s,
        car=None if ride.car is None else shared_car_view(ride.car),
        stream_path=ride.stream_path,
    )


def shared_car_view(car: CarView) -> SharedCarView:
    """A car as those see it who only watch it."""
    return SharedCarView(**car.model_dump(include=set(SharedCarView.model_fields)))


def _distance_left_m(fleet: FleetState, ride: Ride, car: CarState) -> float | None:
    """Along the car's order to its stop, while it rides."""
    if ride.state is RideState.ARRIVED:
        return 0.0
    order = car.order
    if ride.state is not RideState.RIDING or order is None or order.stop_s_m is None or car.goal is None:
        return None
    line = RouteLine(fleet.city, car.step_edges)
    end_m = line.edge_start_m(len(car.step_edges) - 1) + order.stop_s_m
    return _round(max(0.0, end_m - fleet.right_of_way.station_m(car.car_id)))


def _rides_ahead_in_line(fleet: FleetState, ride: Ride) -> int | None:
    """How many rides its place takes before a ride that waits for its turn there; None if it does not wait for it."""
    if ride.state is not RideState.RIDING:
        return None
    ahead = rides_ahead(fleet.rides.all.values(), ride)
    return ahead if ahead >= CARS_AT_A_TIME else None


def _eta_s(left_m: float | None, ahead: int | None) -> float | None:
    """By the way to go; before its turn, by the rides that the place takes first."""
    if left_m is not None:
        return round(left_m / TYPICAL_SPEED_MPS, 1)
    return None if ahead is None else ahead * PLACE_TURN_S


def history_entry_view(entry: HistoryEntry) -> HistoryEntryView:
    """A stored event as operators see it."""
    event = entry.event
    return HistoryEntryView(
        number=entry.number,
        at=datetime.fromtimestamp(event.at_s, UTC),
        kind=event.kind,
        ride_id=event.ride_id,
        car_id=event.car_id,
        station_id=event.station_id,
        edge=event.edge,
    )
