"""The JSON file beside each model, `<model>.json`: how to feed it and what its outputs mean."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from city.city import Command

Fraction = Annotated[float, Field(ge=0, le=1)]

# One-hot order of the command input.
COMMANDS: tuple[Command, ...] = (Command.FOLLOW, Command.FORWARD, Command.LEFT, Command.RIGHT)


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


class DetectorSidecar(_Part):
    """Everything about a detector that its file does not say itself."""

    labels: Annotated[tuple[str, ...], Field(min_length=1)]
    class_offset: int = 0  # subtracted from the model's class numbers to index `labels`
    crop: DetectorCrop = DetectorCrop()
    score_threshold: Fraction = 0.5


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
