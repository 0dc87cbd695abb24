"""What passes between the world's process and the cameras' process: lines of JSON on one socket, in both directions."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    def line(self) -> bytes:
        """The message as it is sent."""
        return self.model_dump_json().encode() + b"\n"


class CameraJob(_Message):
    """First message to the cameras: what to show and where to listen."""

    city: str
    car_ids: tuple[str, ...]
    seed: int
    host: str
    port: int


class CamerasReady(_Message):
    """First message from the cameras: the port, or why there is none."""

    port: int = 0
    error: str = ""


class Snapshot(_Message):
    """Where the cars are at a moment of CLOCK_MONOTONIC, by car in the order of the job.

    Beside it whose camera hangs, and who is off the road.
    """

    time_s: float
    poses: tuple[tuple[float, float, float], ...]
    frozen: tuple[str, ...] = ()
    lifted: tuple[str, ...] = ()


class CameraReport(_Message):
    """Pictures taken so far, by car, and the time spent on them."""

    frames: dict[str, int] = {}
    busy_s: float = 0.0
