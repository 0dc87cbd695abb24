"""What the server shows to stations and operators over REST and server-sent events."""

from __future__ import annotations

from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from city.city import Command
from fleet.faults import FaultCode
from fleet.messages import DriveMode, Identifier, Position


class View(BaseModel):
    """Base of all views."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RideState(StrEnum):
    """The life of a ride."""

    WAITING = "waiting"  # no car is free yet
    CHOOSING = "choosing"  # a car is paired; the visitor picks a place
    RIDING = "riding"
    INTERRUPTED = "interrupted"  # the car is lost in mid-ride; goes back to riding when it is back
    ARRIVED = "arrived"
    ENDED = "ended"
    CANCELLED = "cancelled"


FINAL_STATES = frozenset({RideState.ENDED, RideState.CANCELLED})


class CarStatus(StrEnum):
    """A car in the eyes of the server."""

    ONLINE = "online"
    LOCALISING = "localising"
    LOST = "lost"  # silent; the road on which it was last seen stays blocked


class ErrandView(View):
    """Where an operator has sent a car to stand."""

    edge: int
    s_m: float
    place_id: str | None = None


class RoadView(View):
    """The road that is kept for a car, and how much of it the car may use now."""

    edges: tuple[int, ...]  # on which it holds room: the one where it is and, once granted, the next one
    released_edge: int | None = None  # it may drive up to `released_s_m` of this one of them; None: nowhere
    released_s_m: float | None = None


class CarView(View):
    """One car, for the operator, and for the visitor who rides in it."""

    car_id: str
    status: CarStatus
    mode: DriveMode | None
    position: Position | None
    x_m: float | None
    y_m: float | None
    heading_rad: float | None
    speed_mps: float
    command: Command
    battery_percent: float
    battery_v: float
    battery_left_s: float | None
    battery_low: bool
    faults: tuple[str, ...]
    fault_codes: tuple[FaultCode, ...] = ()  # one for each of `faults`
    ride_id: str | None
    control_rate_hz: float | None
    last_seen_age_s: float
    wait_reason: str | None = None
    wait_code: str | None = None  # of `wait_reason`
    held: bool = False  # it has to stand: an operator holds it, or all cars
    errand: ErrandView | None = None  # it takes no visitor until it is released
    driven: bool = False  # by an operator's hand
    road: RoadView | None = None  # None until it has told a place


class FleetView(View):
    """What operators have ordered, and what follows from it for the roads."""

    stopped: bool  # all cars have to stand
    closed_edges: tuple[int, ...]  # by operators
    blocked_edges: tuple[int, ...]  # those that nobody may enter for other reasons: a car stands there
    cut_off_edges: tuple[int, ...]  # open, but with no open way on: who is there waits
    closed_places: tuple[str, ...]  # to which visitors cannot go
    room_for_cars: int | None  # how many cars the open roads can keep moving; None: no limit is known


class RideView(View):
    """One ride, for the visitor who booked it."""

    ride_id: str
    state: RideState
    station_id: str
    station_device_id: str
    car_id: str | None
    car_device_id: str | None
    place_id: str | None
    refused_place_id: str | None = None  # it was chosen, then the way there was closed; choose another one
    closed_places: tuple[str, ...] = ()  # to which no car can go now
    queue_position: int | None = Field(default=None, ge=1)  # 1 is next; only while waiting
    place_queue_position: int | None = Field(default=None, ge=1)  # 1 is next; while the car roams until its turn there
    distance_left_m: float | None = None
    eta_s: float | None = None
    car: CarView | None = None
    stream_path: str | None = None  # path on this server of the car's live picture, while the ride is under way
    code_path: str | None = None  # of the code that takes the ride along


class SharedCarView(View):
    """A car for those who only watch: what the map and the words beside it need."""

    mode: DriveMode | None
    x_m: float | None
    y_m: float | None
    heading_rad: float | None
    speed_mps: float
    command: Command
    held: bool = False  # as in CarView
    driven: bool = False


class SharedRideView(View):
    """One ride, for those who watch it with its token: without the ids with which it could be changed."""

    state: RideState
    place_id: str | None
    place_queue_position: int | None = None  # as in RideView
    eta_s: float | None = None
    car: SharedCarView | None = None
    stream_path: str | None = None  # as in RideView


class StationRequest(View):
    """A station's first call."""

    device_id: Identifier
    name: str = Field(default="", max_length=80)


class StationView(View):
    """A station as the server knows it."""

    station_id: str
    device_id: str
    name: str


class RideRequest(View):
    """Ask for a car. The same `request_id` again gives the same ride."""

    station_id: Identifier
    request_id: Identifier


class DestinationRequest(View):
    """Choose where to go."""

    place_id: Identifier


class SendRequest(View):
    """Send a car to a place, or to the end of an edge: one of the two."""

    place_id: Identifier | None = None
    edge: int | None = None

    @model_validator(mode="after")
    def _names_one(self) -> SendRequest:
        if (self.place_id is None) == (self.edge is None):
            raise ValueError("name either place_id or edge")
        return self


class PlaceView(View):
    """A place that a visitor can pick."""

    place_id: str
    names: dict[str, str]
    x_m: float
    y_m: float
    sign: str


class LineView(View):
    """A lane's centre line on the map."""

    edge: int
    next_edge: int | None = None  # set for a movement through a node
    points: tuple[tuple[float, float], ...]  # metres


class CityView(View):
    """The map as a page draws it."""

    name: str
    lane_width_m: float
    bounds_m: tuple[float, float, float, float]
    lines: tuple[LineView, ...]
    places: tuple[PlaceView, ...]


class HistoryEntryView(View):
    """One thing that has happened; later ones have higher numbers."""

    number: int
    at: AwareDatetime
    kind: str
    ride_id: str | None = None
    car_id: str | None = None
    station_id: str | None = None
    edge: int | None = None
