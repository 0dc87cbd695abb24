"""Examples for the API's description."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from city.city import Command
from fleet.access import AuditView, CallerView, CodeView, EnrolledView, KeyView, Role
from fleet.messages import DriveMode, Position
from fleet.views import (
    CarStatus,
    CarView,
    ErrandView,
    FleetView,
    HistoryEntryView,
    RideState,
    RideView,
    RoadView,
    StationView,
    View,
)
from server.dispatch.views import shared_ride_view

STATION = StationView(station_id="5f1c9a52", device_id="tablet-1", name="Front desk")

CAR = CarView(
    car_id="car-1",
    status=CarStatus.ONLINE,
    mode=DriveMode.DRIVING,
    position=Position(edge=4, s_m=0.52),
    x_m=2.05,
    y_m=2.93,
    heading_rad=2.1,
    speed_mps=0.24,
    command=Command.FOLLOW,
    battery_percent=87.0,
    battery_v=11.8,
    battery_left_s=6200.0,
    battery_low=False,
    faults=(),
    ride_id="0c7e8d21",
    control_rate_hz=24.8,
    last_seen_age_s=0.1,
    road=RoadView(edges=(4, 5), released_edge=5, released_s_m=0.41),
)

HELD_CAR = CAR.model_copy(update={"held": True, "speed_mps": 0.0})
LIFTED_CAR = CAR.model_copy(
    update={
        "status": CarStatus.LOST,
        "position": None,
        "x_m": None,
        "y_m": None,
        "heading_rad": None,
        "speed_mps": 0.0,
        "ride_id": None,
        "last_seen_age_s": 42.0,
        "road": None,
    }
)
SENT_CAR = CAR.model_copy(update={"errand": ErrandView(edge=7, s_m=0.38, place_id="museum"), "ride_id": None})

FLEET = FleetView(
    stopped=False,
    closed_edges=(15,),
    blocked_edges=(),
    cut_off_edges=(),
    closed_places=(),
    room_for_cars=15,
)
STOPPED_FLEET = FLEET.model_copy(update={"stopped": True})

RIDE = RideView(
    ride_id="0c7e8d21",
    state=RideState.RIDING,
    station_id=STATION.station_id,
    station_device_id=STATION.device_id,
    car_id=CAR.car_id,
    car_device_id="car-board-1",
    place_id="museum",
    distance_left_m=3.4,
    eta_s=17.0,
    car=CAR,
    stream_path="/api/cars/car-1/stream.mjpg",
)

SHARED_RIDE = shared_ride_view(RIDE)

WAITING_RIDE = RideView(
    ride_id="0c7e8d22",
    state=RideState.WAITING,
    station_id=STATION.station_id,
    station_device_id=STATION.device_id,
    car_id=None,
    car_device_id=None,
    place_id=None,
    queue_position=1,
)

HISTORY_ENTRY = HistoryEntryView(
    number=17,
    at=datetime(2026, 1, 31, 12, 0, tzinfo=UTC),
    kind="ride.arrived",
    ride_id=RIDE.ride_id,
    car_id=CAR.car_id,
    station_id=STATION.station_id,
)

KEY = KeyView(role=Role.STATION, name=STATION.device_id, key="1f0c9a6b2d3e4f50.q3Zk…")
SESSION = KeyView(role=Role.OPERATOR, name="alice", key="1f0c9a6b2d3e4f50.q3Zk…", expires_unix_s=1_790_000_000.0)
CALLER = CallerView(role=Role.CAR, name=CAR.car_id)
CODE = CodeView(role=Role.CAR, name=CAR.car_id, code="7K2M-Q4XD-9TRB", expires_unix_s=1_790_000_000.0)
ENROLLED = EnrolledView(role=Role.CAR, name=CAR.car_id, since_unix_s=1_790_000_000.0)
AUDIT = AuditView(
    number=41,
    at_unix_s=1_790_000_000.0,
    operator="alice",
    kind="operator.call",
    detail='POST /api/operator/codes {"role": "car", "name": "car-1"}',
)


def shown(*views: View, is_list: bool = False) -> dict[int | str, dict[str, Any]]:
    """An OpenAPI declaration of a good answer with examples; several views are alternatives."""
    values = [[view.model_dump(mode="json")] if is_list else view.model_dump(mode="json") for view in views]
    examples = {f"example {k}": {"value": value} for k, value in enumerate(values, 1)}
    return {200: {"content": {"application/json": {"examples": examples}}}}
