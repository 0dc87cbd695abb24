"""A camera that runs by itself: a thread reads it and keeps only the newest frame."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from types import TracebackType

from car.camera.frame import Frame
from car.camera.source import CameraError, CameraSource
from car.camera.tcp_source import TcpCameraSource
from car.camera.video_source import FileCameraSource, V4l2CameraSource

FIRST_RETRY_S = 0.1
LAST_RETRY_S = 2.0

_log = logging.getLogger(__name__)


def camera_source(url: str) -> CameraSource:
    """The source for an address.

    Raises:
        CameraError: if the address is of no known kind.
    """
    kinds: dict[str, Callable[[str], CameraSource]] = {
        "tcp:": TcpCameraSource,
        "v4l2:": V4l2CameraSource,
        "file:": FileCameraSource,
    }
    for prefix, kind in kinds.items():
        if url.startswith(prefix):
            return kind(url)
    raise CameraError(url, "the address must be tcp://host:port/car-1, v4l2:0 or file:drive.mp4")


class Camera:
    """Reads a source in a thread of its own and reconnects for ever; never blocks who asks."""

    def __init__(self, source: CameraSource) -> None:
        self.url = source.url
        self._source = source
        self._fresh = threading.Condition()
        self._newest: Frame | None = None
        self._error: str | None = "not connected yet"
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="camera", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def __enter__(self) -> Camera:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def newest(self) -> Frame | None:
        """The newest frame so far."""
        return self._newest

    @property
    def error(self) -> str | None:
        """Why no frames come; None while they do."""
        return self._error

    def wait_newer(self, sequence: int, timeout_s: float) -> Frame | None:
        """The newest frame once its sequence is above `sequence`; None if none comes in time."""
        with self._fresh:
            self._fresh.wait_for(lambda: self._newest is not None and self._newest.sequence > sequence, timeout_s)
            newest = self._newest
        return newest if newest is not None and newest.sequence > sequence else None

    def close(self) -> None:
        """Stop reading; returns when the thread has ended, or after a second."""
        self._stopping.set()
        self._source.interrupt()
        if self._thread.is_alive():
            self._thread.join(timeout=1.0)

    def _run(self) -> None:
        sequence, retry_s = 0, FIRST_RETRY_S
        while not self._stopping.is_set():
            try:
                self._source.open()
                while not self._stopping.is_set():
                    picture, captured_s = self._source.read()
                    sequence, retry_s = sequence + 1, FIRST_RETRY_S
                    self._publish(Frame(picture, sequence, captured_s))
            except CameraError as error:
                self._fail(str(error))
            self._source.close()
            self._stopping.wait(retry_s)
            retry_s = min(LAST_RETRY_S, 2 * retry_s)

    def _publish(self, frame: Frame) -> None:
        if self._error is not None:
            _log.info("camera %s: connected", self.url)
        with self._fresh:
            self._newest, self._error = frame, None
            self._fresh.notify_all()

    def _fail(self, problem: str) -> None:
        if not self._stopping.is_set() and problem != self._error:
            _log.warning("%s (age of the last frame: %s)", problem, self._age())
        self._error = problem

    def _age(self) -> str:
        return "none yet" if self._newest is None else f"{self._newest.age_s(time.monotonic()):.2f} s"
