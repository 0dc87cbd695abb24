"""What a car tells about each picture that it offers to whoever records a drive: one JSON header a picture."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from city.city import Command

RECORDING_PATH = "/recording.mjpg"
MOMENT_HEADER = "Pixelopolis-Moment"


class DrivenMoment(BaseModel):
    """What the car did on one camera picture; later versions may add keys."""

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)

    sequence: int = Field(ge=0)  # counts the camera's pictures; a jump means that some were not sent
    captured_s: float  # on the car's monotonic clock: good for intervals
    captured_unix_ms: int  # the same by the calendar: good for file names
    steering: float = Field(ge=-1, le=1)  # as commanded for this picture, right positive
    speed_mps: float  # as commanded
    command: Command  # that the lane model was given with this picture
