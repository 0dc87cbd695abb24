"""What the control port can be asked."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, TypeAdapter


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Status(_Request):
    """All that is true of every car."""

    op: Literal["status"]


class ResetCounts(_Request):
    """Count collisions and lane departures from zero."""

    op: Literal["reset_counts"]


class FreezeCamera(_Request):
    """A frozen camera sends no picture."""

    op: Literal["freeze_camera"]
    car: str
    frozen: bool


class Place(_Request):
    """Put a car somewhere else."""

    op: Literal["place"]
    car: str
    x_m: FiniteFloat
    y_m: FiniteFloat
    heading_rad: FiniteFloat


class BoardFault(_Request):
    """Switch a fault of a car's board; `firmware_bridge.emulator.named_faults` names them."""

    op: Literal["board_fault"]
    car: str
    fault: str
    on: bool


class Unplug(_Request):
    """A board that is unplugged is silent."""

    op: Literal["unplug"]
    car: str
    unplugged: bool = True


class PowerCut(_Request):
    """The motors of a car lose their supply for a moment."""

    op: Literal["power_cut"]
    car: str


Request = Status | ResetCounts | FreezeCamera | Place | BoardFault | Unplug | PowerCut
REQUEST: TypeAdapter[Request] = TypeAdapter(Annotated[Request, Field(discriminator="op")])
