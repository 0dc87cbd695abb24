"""The variants of the lane model: what each one sees and puts out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from car.perception.sidecar import COMMANDS, LaneInput


@dataclass(frozen=True, slots=True)
class Variant:
    """A lane model: its file's name, its view, and whether it takes a command."""

    name: str
    file_stem: str
    input: LaneInput
    takes_command: bool
    outputs: tuple[str, ...]
    int8: bool
    summary: str

    @property
    def picture_shape(self) -> tuple[int, int, int]:
        """(height, width, 3)."""
        return self.input.height_px, self.input.width_px, 3

    def sidecar(self, inputs: dict[str, str | None], outputs: dict[str, str]) -> dict[str, Any]:
        """What the car needs to know to run the model; tensor names by role."""
        return {
            "input": self.input.model_dump(),
            "inputs": inputs,
            "outputs": outputs,
            "commands": [command.value for command in COMMANDS],
        }


CONDITIONED = Variant(
    name="conditioned",
    file_stem="lane",
    input=LaneInput(crop_top_fraction=0.3333, height_px=60, width_px=120, colour="rgb"),
    takes_command=True,
    outputs=("steering", "lateral_m", "heading_rad"),
    int8=True,
    summary="steers along the lane and, by the command, through crossings",
)
BLOG = Variant(
    name="blog",
    file_stem="lane_blog",
    input=LaneInput(crop_top_fraction=0.5, height_px=40, width_px=120, colour="rgb"),
    takes_command=False,
    outputs=("steering",),
    int8=False,
    summary="the original blog's network on the bottom crop; keeps a lane, knows no commands",
)
VARIANTS: dict[str, Variant] = {variant.name: variant for variant in (CONDITIONED, BLOG)}


def variant_named(name: str) -> Variant:
    """The variant called `name`.

    Raises:
        ValueError: if there is none; lists those that exist.
    """
    if name not in VARIANTS:
        raise ValueError(f"there is no lane variant {name!r}; known are {', '.join(VARIANTS)}")
    return VARIANTS[name]
