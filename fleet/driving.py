"""What an operator's page and the server say while the operator drives a car by hand: JSON text over one WebSocket.

The page sends a `HandCommand` some twenty times a second only while its dead man's switch is held, and `HandReleased`
when it is let go. The server answers with a `DriveView` ten times a second. A command names the newest view that the
page had heard, so that the server knows by its own clock how late the command is.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field, TypeAdapter

from city.city import Command
from fleet.faults import FaultCode
from fleet.messages import DriveMode, HandLimit
from fleet.views import View

DRIVE_VIEW_PERIOD_S = 0.1


class Denial(StrEnum):
    """Why an operator's hand does not move the car. Except for the first, it must let go before it is heard again."""

    OPEN = "open"  # nothing is in the way: the switch is not held
    NOT_HELD = "not_held"  # the car drives by itself: hold it first
    ALL_STOPPED = "all_stopped"
    HELD_AGAIN = "held_again"  # somebody has held it meanwhile
    SILENT = "silent"  # nothing came from the page for too long
    LATE = "late"  # what came was too old
    CAR_SILENT = "car_silent"
    FAULT = "fault"  # the car says why
    OTHER_OUT = "other_out"  # another car is driven outside its lane, and all others have to stand
    TAKEN = "taken"  # another operator, or another page, has the wheel
    SESSION_OVER = "session_over"
    NO_CAR = "no_car"
    INVALID = "invalid"  # what came was no command
    STORE = "store"  # it could not be written into the audit log


class HandCommand(View):
    """What the operator wants while the switch is held."""

    steering: float = Field(ge=-1, le=1)  # right positive, full scale as in `fleet.steering`
    speed_mps: float = Field(ge=0, le=1)
    sequence: int = Field(ge=0)  # rises; what is not newer is ignored
    state: int  # `number` of the newest `DriveView` that the page has heard
    turn: Command | None = None  # wanted at the next node that leaves a choice (`DriveView.choices`)


class HandReleased(View):
    """The switch was let go."""

    released: Literal[True]


class DriveView(View):
    """What becomes of the hand's wishes. The last one says why the connection ends."""

    number: int = 0
    obeyed: bool = False  # the switch is held, and the car does what it is asked for, as far as `limited_by` lets it
    denial: Denial | None  # why not
    message: str = ""  # the same in English, for programs
    mode: DriveMode | None = None
    speed_mps: float = 0.0
    limited_by: HandLimit | None = None
    wait_reason: str | None = None  # why its road goes no farther
    faults: tuple[str, ...] = ()
    fault_codes: tuple[FaultCode, ...] = ()  # one for each of `faults`
    place_known: bool = False
    turn: Command | None = None  # at the next node
    choice: Command | None = None  # at the next node that leaves one, and through which no way is granted yet
    choices: tuple[Command, ...] = ()  # what is possible there


FROM_HAND: TypeAdapter[HandCommand | HandReleased] = TypeAdapter(HandCommand | HandReleased)
