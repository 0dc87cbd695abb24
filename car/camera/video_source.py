"""Cameras that OpenCV reads: a V4L2 device, or a video file played at its own rate."""

from __future__ import annotations

import time
from pathlib import Path

import cv2
import numpy as np

from car.camera.frame import Picture
from car.camera.source import CameraError
from fleet.vehicle import DEFAULT_CAMERA

DEFAULT_FILE_RATE_HZ = 25.0
SIZE_PX = (DEFAULT_CAMERA.width_px, DEFAULT_CAMERA.height_px)
MAX_DRIVER_DELAY_S = 1.0  # a driver's time stamp older than this is not one of the monotonic clock


class V4l2CameraSource:
    """Reads `v4l2:N`, the device /dev/videoN."""

    def __init__(self, url: str) -> None:
        """Take the address apart.

        Raises:
            CameraError: if it does not end in a number.
        """
        self.url = url
        number = url.removeprefix("v4l2:")
        if not number.isdecimal():
            raise CameraError(url, "the address must look like v4l2:0")
        self._index = int(number)
        self._capture: cv2.VideoCapture | None = None

    def open(self) -> None:
        """Open the device with the shortest queue that it offers.

        Raises:
            CameraError: if there is no such device, or it is busy.
        """
        self.close()
        capture = cv2.VideoCapture(self._index, cv2.CAP_V4L2)
        if not capture.isOpened():
            capture.release()
            raise CameraError(self.url, f"cannot open /dev/video{self._index}; is it plugged in, and yours to read?")
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, SIZE_PX[0])
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, SIZE_PX[1])
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        self._capture = capture

    def read(self) -> tuple[Picture, float]:
        """Wait for the next frame.

        Raises:
            CameraError: if the device gives none.
        """
        capture = self._capture
        if capture is None:
            raise CameraError(self.url, "is not open")
        good, picture = capture.read()
        now_s = time.monotonic()
        if not good or picture is None:
            raise CameraError(self.url, "gives no picture; was it unplugged?")
        stamp_s = capture.get(cv2.CAP_PROP_POS_MSEC) / 1e3  # V4L2 drivers stamp buffers on the monotonic clock
        return _fit(picture), stamp_s if 0 <= now_s - stamp_s < MAX_DRIVER_DELAY_S else now_s

    def interrupt(self) -> None:
        """Nothing to do: OpenCV gives up on a silent device by itself."""

    def close(self) -> None:
        """Release the device."""
        capture, self._capture = self._capture, None
        if capture is not None:
            capture.release()


class FileCameraSource:
    """Reads `file:drive.mp4` at its own rate, again from the start when it ends."""

    def __init__(self, url: str) -> None:
        """Take the address apart.

        Raises:
            CameraError: if it names no file.
        """
        self.url = url
        self._path = Path(url.removeprefix("file:"))
        if not self._path.name:
            raise CameraError(url, "the address must look like file:drive.mp4")
        self._capture: cv2.VideoCapture | None = None
        self._period_s = 1 / DEFAULT_FILE_RATE_HZ
        self._due_s = 0.0

    def open(self) -> None:
        """Open the file.

        Raises:
            CameraError: if it is missing or no video.
        """
        self.close()
        if not self._path.is_file():
            raise CameraError(self.url, "there is no such file")
        capture = cv2.VideoCapture(str(self._path))
        if not capture.isOpened():
            capture.release()
            raise CameraError(self.url, "is not a video that OpenCV can read")
        rate_hz = capture.get(cv2.CAP_PROP_FPS)
        self._period_s = 1 / rate_hz if 1 <= rate_hz <= 240 else 1 / DEFAULT_FILE_RATE_HZ
        self._due_s = time.monotonic()
        self._capture = capture

    def read(self) -> tuple[Picture, float]:
        """Wait until the next frame is due; its capture time is then.

        Raises:
            CameraError: if the file holds no frame.
        """
        capture = self._capture
        if capture is None:
            raise CameraError(self.url, "is not open")
        good, picture = capture.read()
        if not good:
            capture.set(cv2.CAP_PROP_POS_FRAMES, 0)
            good, picture = capture.read()
        if not good or picture is None:
            raise CameraError(self.url, "holds no frame")
        self._due_s = max(self._due_s + self._period_s, time.monotonic() - self._period_s)
        time.sleep(max(0.0, self._due_s - time.monotonic()))
        return _fit(picture), time.monotonic()

    def interrupt(self) -> None:
        """Nothing to do: a file never makes one wait longer than a frame."""

    def close(self) -> None:
        """Close the file."""
        capture, self._capture = self._capture, None
        if capture is not None:
            capture.release()


def _fit(picture: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> Picture:
    if (picture.shape[1], picture.shape[0]) == SIZE_PX:
        return picture
    fitted: Picture = cv2.resize(picture, SIZE_PX, interpolation=cv2.INTER_AREA)
    return fitted
