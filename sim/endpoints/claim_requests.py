"""What the claim port can be asked, a line of JSON each."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Claim(_Request):
    """Give me a car, if possible this one."""

    op: Literal["claim"]
    car: str | None = None


class Keep(_Request):
    """I still drive it."""

    op: Literal["keep"]


class Cars(_Request):
    """Which cars are on the road, and which have a driver?"""

    op: Literal["cars"]


Request = Claim | Keep | Cars
REQUEST: TypeAdapter[Request] = TypeAdapter(Annotated[Request, Field(discriminator="op")])
