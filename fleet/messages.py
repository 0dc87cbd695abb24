"""Messages between car and server: JSON text over one WebSocket, `/api/cars/link`.

Every message may arrive twice, late or never: state is repeated rather than changed, and carries ids. The server
repeats `Release` at least every `RELEASE_PERIOD_S`; a car that has heard none for `LINK_TIMEOUT_S` stops.
The order's base and horizon follow the idea of VDA 5050.

Both sides refuse keys that they do not know. What a newer car may say beyond an older server (`DriveMode.MANUAL`,
`Report.limited_by`) it says only when that server has sent `Manual`; an older car drops a `Manual` and stands on.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, TypeAdapter, model_serializer

from city.city import Command

PROTOCOL_VERSION = 1
REPORT_PERIOD_S = 0.1
RELEASE_PERIOD_S = 0.2
LINK_TIMEOUT_S = 0.7
SILENT_CAR_S = 2.0  # a car that has not reported for this long counts as lost
HAND_TIMEOUT_S = 0.3  # an operator's hand that is silent for this long, on any of its ways, has let go
HAND_LATEST_S = 0.5  # what the hand says in answer to something older than this comes too late

Identifier = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]*$")]


class Message(BaseModel):
    """Base of all messages: unknown keys and numbers that are none are refused, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Position(Message):
    """Where a car's drive axle is on the map.

    `s_m` is measured along `edge` from its start. While the car crosses the node at the edge's end towards `next_edge`,
    `s_m` goes on growing along the movement beyond the edge's length; on `next_edge` it starts from 0 again.
    """

    edge: int
    s_m: float
    next_edge: int | None = None


class DriveMode(StrEnum):
    """What a car is doing, as it says itself."""

    LOCALISING = "localising"  # does not know where it is; stands, or creeps when a Search allows it
    IDLE = "idle"  # knows where it is, has no order
    DRIVING = "driving"
    WAITING = "waiting"  # at the end of the released road
    BLOCKED = "blocked"  # something stands in the lane ahead
    ARRIVED = "arrived"  # at the order's stop point
    STOPPED = "stopped"  # by a fault or by silence; `faults` says why
    MANUAL = "manual"  # an operator's hand is on it


class HandLimit(StrEnum):
    """What keeps a car slower than an operator's hand asks for."""

    SPEED = "speed"  # it drives no faster by hand
    ROAD = "road"  # the road that it holds ends
    CAR = "car"  # there is a car ahead
    OFF_LANE = "off_lane"  # it is out of its lane: it creeps, and only while all others stand
    LATE = "late"  # what the hand says comes too late


class Hello(Message):
    """First message of a car on each connection."""

    type: Literal["hello"] = "hello"
    protocol: int = PROTOCOL_VERSION
    car_id: Identifier
    device_id: Identifier
    stream_url: str | None = Field(default=None, max_length=200)  # http://host:port/stream.mjpg
    software: str = Field(default="", max_length=64)


class Report(Message):
    """The state of a car, every `REPORT_PERIOD_S` and at once when `mode` changes."""

    type: Literal["report"] = "report"
    sequence: int
    mode: DriveMode
    position: Position | None
    speed_mps: float
    order_id: str | None = None
    order_index: int = 0  # the edge of the order on which the axle is (or whose end node it crosses)
    command: Command = Command.FOLLOW
    battery_percent: float = Field(ge=0, le=100)
    battery_v: float
    battery_left_s: float | None = Field(default=None, ge=0)  # at the present use; None while it cannot be told
    battery_low: bool = False  # it ends the ride that it is on and takes no other until the pack is swapped
    faults: tuple[str, ...] = ()
    frame_age_s: float | None = None
    control_rate_hz: float | None = None
    signs_seen: tuple[str, ...] = ()  # kinds seen in the newest picture, for the operator
    limited_by: HandLimit | None = None  # only while an operator's hand is on it

    @model_serializer(mode="wrap")
    def _without_unused(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Servers that know no hand know no `limited_by` either."""
        written: dict[str, Any] = write(self)
        if self.limited_by is None:
            del written["limited_by"]
        return written


class OrderStep(Message):
    """One edge of an order and what to do at the node at its end."""

    edge: int
    node: int
    sign: str | None  # the kind of sign to expect at the end of the edge
    command: Command  # at that node, towards the next step's edge; FOLLOW on the last step


class Order(Message):
    """Where to go. Sent again whenever a report does not name its id. Replaces any earlier order.

    The first step is the edge on which the car is (or which it is leaving through a node).
    """

    type: Literal["order"] = "order"
    order_id: Identifier
    steps: tuple[OrderStep, ...] = Field(min_length=1, max_length=1000)
    stop_s_m: float | None = None  # on the last step's edge; None: the order is a roaming one and ends at the stop line
    place: str | None = None  # id of the place, for the picture's overlay


class Release(Message):
    """How far the car may drive now: up to station `s_m` of step `index`'s edge (drive axle), never beyond.

    `s_m` equal to the edge's length or more means the stop line: the car stops with its bumper before it.
    A release never takes back road on which the car cannot stop any more.
    """

    type: Literal["release"] = "release"
    order_id: str
    index: int
    s_m: float
    hold: bool = False  # an operator's stop: stand still wherever you are
    reason: str | None = Field(default=None, max_length=80)  # why not farther, in a word for the operator


class Search(Message):
    """To a car that does not know where it is: it may creep on along its lane for so far in all."""

    type: Literal["search"] = "search"
    distance_m: float


class Manual(Message):
    """What an operator's hand asks of a car that is held: passed on as it comes, never repeated. Who hears none stops.

    A car obeys the newest by `drive` and `sequence`, while its `Release` says `hold`, within the road of that release.
    """

    type: Literal["manual"] = "manual"
    drive: int  # one operator's time at the wheel; rises
    sequence: int  # within it
    answers: int  # `sequence` of the newest report that the server had; when it was made, the car knows
    steering: float = Field(ge=-1, le=1)  # right positive, full scale as in `fleet.steering`
    speed_mps: float = Field(ge=0, le=1)
    may_leave_lane: bool = False  # all other cars stand
    released: bool = False  # the hand has let go


class Welcome(Message):
    """Answer to `Hello`: what the server remembers of this car, as a hint for finding its place again."""

    type: Literal["welcome"] = "welcome"
    city: str
    last_position: Position | None = None


class Refusal(Message):
    """The server does not take this car; it closes the connection afterwards."""

    type: Literal["refusal"] = "refusal"
    reason: str


FromCar = Annotated[Hello | Report, Field(discriminator="type")]
ToCar = Welcome | Order | Release | Search | Manual | Refusal
FromServer = Annotated[ToCar, Field(discriminator="type")]

FROM_CAR: TypeAdapter[Hello | Report] = TypeAdapter(FromCar)
FROM_SERVER: TypeAdapter[ToCar] = TypeAdapter(FromServer)
