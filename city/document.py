"""The shape of a city file, version 1, as pydantic models. What they cannot say is checked in `city.build`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from city.sign_catalogue import BOARD_M

FORMAT = "pixelopolis-city/1"

Id = Annotated[int, Field(ge=0, le=1_000_000)]
Metres = Annotated[float, Field(ge=-1000, le=1000, allow_inf_nan=False)]
Degrees = Annotated[float, Field(ge=-360, le=360, allow_inf_nan=False)]


class Part(BaseModel):
    """Base: unknown keys are mistakes, and numbers are not taken from strings."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class NodeDocument(Part):
    """A node; its position is for people and maps, the lanes carry the geometry."""

    id: Id
    x_m: Metres
    y_m: Metres


class Straight(Part):
    """A straight piece of lane."""

    straight_m: Annotated[float, Field(gt=0, le=100)]


class Turn(Part):
    """A piece of lane that turns, left positive."""

    turn_deg: Annotated[float, Field(ge=-360, le=360)]
    radius_m: Annotated[float, Field(gt=0.05, le=100)]


class BlendTo(Part):
    """A smooth piece of lane to a given pose."""

    to_x_m: Metres
    to_y_m: Metres
    to_heading_deg: Degrees


class Lane(Part):
    """A lane's centre line: where it starts and the pieces that follow, as with a toy railway."""

    x_m: Metres
    y_m: Metres
    heading_deg: Degrees
    pieces: Annotated[tuple[Straight | Turn | BlendTo, ...], Field(min_length=1, max_length=200, strict=False)]


class EdgeDocument(Part):
    """A one-way lane between two nodes."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)

    id: Id
    start: Annotated[int, Field(alias="from")]
    end: Annotated[int, Field(alias="to")]
    priority: Annotated[int, Field(ge=0, le=1000)] = 0
    cost: Annotated[float, Field(gt=0, le=1e6)]
    lane: Lane


class SignDocument(Part):
    """A sign at the end of an edge; without a pose it stands right of the stop line and faces the lane."""

    kind: Annotated[str, Field(min_length=1, max_length=40)]
    edge: int
    x_m: Metres | None = None
    y_m: Metres | None = None
    facing_deg: Degrees | None = None
    width_m: Annotated[float, Field(gt=0, le=1)] = BOARD_M
    height_m: Annotated[float, Field(gt=0, le=1)] = BOARD_M
    bottom_m: Annotated[float, Field(ge=0, le=1)] = 0.10


class PlaceDocument(Part):
    """A place; a ride to it ends `before_end_m` before the end of its edge (measured to the drive axle)."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    edge: int
    before_end_m: Annotated[float, Field(ge=0, le=100)] = 0.18
    names: Annotated[dict[str, str], Field(min_length=1, max_length=40)]


class CityDocument(Part):
    """A whole city file."""

    format: Literal["pixelopolis-city/1"]
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_:-]{0,63}$")]
    lane_width_m: Annotated[float, Field(ge=0.2, le=2.0)] = 0.36
    nodes: Annotated[tuple[NodeDocument, ...], Field(min_length=1, max_length=20_000, strict=False)]
    edges: Annotated[tuple[EdgeDocument, ...], Field(min_length=1, max_length=60_000, strict=False)]
    signs: Annotated[tuple[SignDocument, ...], Field(max_length=60_000, strict=False)] = ()
    places: Annotated[tuple[PlaceDocument, ...], Field(min_length=1, max_length=1000, strict=False)]
