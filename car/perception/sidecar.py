"""The JSON file beside each model, `<model>.json`: how to feed it and what its outputs mean."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, FiniteFloat, ValidationError, model_validator

from city.city import Command

Fraction = Annotated[float, Field(ge=0, le=1)]

# One-hot order of the command input.
COMMANDS: tuple[Command, ...] = (Command.FOLLOW, Command.FORWARD, Command.LEFT, Command.RIGHT)

NO_LABEL = "???"  # stands in label lists where a class has no name


class ModelError(RuntimeError):
    """A model or its sidecar cannot be used; the message names the file and the way out."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"model {path}: {problem}")


class _Part(BaseModel):
    # Training adds keys of its own (seed, metrics), which the car has no use for.
    model_config = ConfigDict(extra="ignore", frozen=True)


class LaneInput(_Part):
    """How a lane model wants its picture."""

    crop_top_fraction: Annotated[float, Field(ge=0, lt=1)]
    height_px: Annotated[int, Field(gt=0, le=2048)]
    width_px: Annotated[int, Field(gt=0, le=2048)]
    colour: Literal["rgb", "yuv"]
    standardised: bool = False  # each channel of each picture brought to the same mean and spread


class LaneInputNames(_Part):
    """Names of a lane model's inputs: those of its tensors or of its signature."""

    image: str
    command: str | None = None
    memory: tuple[str, ...] = ()  # of a recurrent model: what it gave as its memory at the frame before


class LaneOutputNames(_Part):
    """Names of a lane model's outputs."""

    steering: str
    lateral_m: str | None = None
    heading_rad: str | None = None
    memory: tuple[str, ...] = ()  # in the order of the inputs' memory


class LaneSidecar(_Part):
    """Everything about a lane model that its file does not say itself."""

    input: LaneInput
    inputs: LaneInputNames
    outputs: LaneOutputNames
    memory_every: Annotated[int, Field(ge=1, le=100)] = 1  # looks; a memory that learnt at a lower frame rate


class DetectorCrop(_Part):
    """The rows of the picture that the detector sees, as fractions of its height."""

    top_fraction: Fraction = 0.0
    bottom_fraction: Fraction = 1.0

    @model_validator(mode="after")
    def _has_rows(self) -> Self:
        if self.top_fraction >= self.bottom_fraction:
            raise ValueError("top_fraction has to be less than bottom_fraction")
        return self


class DetectorOutputNames(_Part):
    """Names of a detector's four outputs, where nothing else tells which is which."""

    boxes: str
    classes: str
    scores: str
    count: str


def _rising(value_range: tuple[float, float]) -> tuple[float, float]:
    if value_range[0] >= value_range[1]:
        raise ValueError("give black and then white, as in [-1, 1]")
    return value_range


class DetectorSidecar(_Part):
    """Everything about a detector that its file does not say itself."""

    labels: tuple[str, ...] = ()  # without any, a label file has to give them
    class_offset: int = 0  # subtracted from the model's class numbers to index `labels`
    crop: DetectorCrop = DetectorCrop()
    standardised: bool = False  # each channel of each picture brought to the same mean and spread
    score_threshold: Fraction = 0.5
    # What black and white are to the model; `picture_input` says what they are when not given.
    input_range: Annotated[tuple[FiniteFloat, FiniteFloat], AfterValidator(_rising)] | None = None
    outputs: DetectorOutputNames | None = None

    def label_of(self, class_number: int) -> str | None:
        """What the model means by a class number; NO_LABEL where the labels leave it out, None beyond them."""
        index = class_number - self.class_offset
        return self.labels[index] if 0 <= index < len(self.labels) else None


SidecarT = TypeVar("SidecarT", bound=_Part)


def read_sidecar(model_path: Path, kind: type[SidecarT]) -> SidecarT:
    """Read the sidecar of a model: the file of the same name that ends in .json.

    Raises:
        ModelError: if it is missing or wrong.
    """
    path = model_path.with_suffix(".json")
    try:
        return kind.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ModelError(path, f"cannot be read ({error.strerror}); each .tflite needs its .json beside it") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise ModelError(path, f"{key or 'content'}: {first['msg']}") from error
