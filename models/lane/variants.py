"""The variants of the lane model: what each one sees and puts out, and why it exists."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from car.perception.sidecar import COMMANDS, LaneInput

# A data set keeps each frame once, shrunk to this size; a variant sees all rows from its top row on. Rows shrink by
# three (240 to 80), so that cropping before and after shrinking is the same.
PICTURE_HEIGHT_PX, PICTURE_WIDTH_PX = 80, 120
MEMORY_EVERY = 2  # drives are collected with every second of a camera's frames
WHOLE_PICTURE = LaneInput(crop_top_fraction=0.0, height_px=PICTURE_HEIGHT_PX, width_px=PICTURE_WIDTH_PX, colour="rgb")


@dataclass(frozen=True, slots=True)
class Variant:
    """A lane model: its file's name, its view, and whether it takes a command."""

    name: str
    file_stem: str
    top_row: int  # of the data set's picture; rows above are cut off
    takes_command: bool
    outputs: tuple[str, ...]
    activation: str  # "relu" can be int8 as a whole; "elu" stays float between int8 layers
    summary: str
    standardised: bool = False  # sees pictures freed of the light's colour and strength
    memory_units: int = 0  # of a recurrent cell whose state the caller keeps; 0 for none
    eyes: str | None = None  # the variant with whose weights one with a memory begins, when it learns by driving

    @property
    def input(self) -> LaneInput:
        """How the car has to crop and shrink its picture."""
        return LaneInput(
            crop_top_fraction=self.top_row / PICTURE_HEIGHT_PX,
            height_px=PICTURE_HEIGHT_PX - self.top_row,
            width_px=PICTURE_WIDTH_PX,
            colour="rgb",
            standardised=self.standardised,
        )

    @property
    def picture_shape(self) -> tuple[int, int, int]:
        """(height, width, 3)."""
        return PICTURE_HEIGHT_PX - self.top_row, PICTURE_WIDTH_PX, 3

    def sidecar(self, inputs: dict[str, Any], outputs: dict[str, Any]) -> dict[str, Any]:
        """What the car needs to know to run the model; tensor names by role."""
        return {
            "input": self.input.model_dump(),
            "inputs": inputs,
            "outputs": outputs,
            "commands": [command.value for command in COMMANDS],
            **({"memory_every": MEMORY_EVERY} if self.memory_units else {}),
        }


CONDITIONED = Variant(
    name="conditioned",
    file_stem="lane",
    top_row=24,
    takes_command=True,
    outputs=("steering", "lateral_m", "heading_rad"),
    activation="relu",
    standardised=True,
    summary="steers along the lane and, by the command, through crossings; what a car drives with",
)
RECURRENT = replace(
    CONDITIONED,
    name="recurrent",
    file_stem="lane_recurrent",
    memory_units=64,
    eyes=CONDITIONED.name,
    summary="the same with an LSTM cell after the convolutions, which remembers the frames before",
)
BLOG = Variant(
    name="blog",
    file_stem="lane_blog",
    top_row=40,
    takes_command=False,
    outputs=("steering",),
    activation="elu",
    summary="the 2020 blog's network on the bottom crop; keeps a lane, knows no commands",
)
BLOG_RELU = replace(
    BLOG,
    name="blog-relu",
    file_stem="lane_blog_relu",
    activation="relu",
    summary="its twin with ReLU, which int8 keeps whole",
)
BLOG_WHOLE = replace(
    BLOG,
    name="blog-80",
    file_stem="lane_blog_80",
    top_row=0,
    summary="the 2020 blog's network on the whole frame, 80 x 120, as the blog describes it",
)
BLOG_WHOLE_RELU = replace(
    BLOG_WHOLE,
    name="blog-80-relu",
    file_stem="lane_blog_80_relu",
    activation="relu",
    summary="its twin with ReLU, which int8 keeps whole",
)
VARIANTS: dict[str, Variant] = {
    variant.name: variant for variant in (CONDITIONED, RECURRENT, BLOG, BLOG_RELU, BLOG_WHOLE, BLOG_WHOLE_RELU)
}


def variant_named(name: str) -> Variant:
    """The variant called `name`.

    Raises:
        ValueError: if there is none; lists those that exist.
    """
    if name not in VARIANTS:
        raise ValueError(f"there is no lane variant {name!r}; known are {', '.join(VARIANTS)}")
    return VARIANTS[name]
