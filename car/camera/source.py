"""What a camera has to offer to be read."""

from __future__ import annotations

from typing import Protocol

from car.camera.frame import Picture


class CameraError(RuntimeError):
    """A camera cannot be opened or read; the message names its URL and the way out."""

    def __init__(self, url: str, problem: str) -> None:
        super().__init__(f"camera {url}: {problem}")


class CameraSource(Protocol):
    """A camera that hands out one picture after another. Used by one thread but for `interrupt`."""

    @property
    def url(self) -> str:
        """The address that it was made from."""
        ...

    def open(self) -> None:
        """Connect.

        Raises:
            CameraError: if that fails.
        """
        ...

    def read(self) -> tuple[Picture, float]:
        """Wait for the next picture; returns it with its capture time on the monotonic clock.

        Raises:
            CameraError: if none comes in time, or the connection broke.
        """
        ...

    def interrupt(self) -> None:
        """From any thread: end a `read` that is waiting, where that is possible."""
        ...

    def close(self) -> None:
        """Disconnect. Harmless when not open."""
        ...
