"""Cameras: the pull protocol against real sockets, files, and how they come back."""

from __future__ import annotations

import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from car.camera.camera import Camera, camera_source
from car.camera.source import CameraError
from car.camera.tcp_source import HEADER, MAGIC, TcpCameraSource
from tests.car.camera_double import CameraDouble


def newest_after(camera: Camera, sequence: int, timeout_s: float = 5.0) -> int:
    frame = camera.wait_newer(sequence, timeout_s)
    assert frame is not None, camera.error
    return frame.sequence


def test_frames_come_with_their_capture_time() -> None:
    with CameraDouble(age_s=0.03) as served, Camera(camera_source(served.url)) as camera:
        frame = camera.wait_newer(-1, 5.0)
        assert frame is not None
        assert frame.picture.shape == (240, 320, 3)
        assert 0.03 <= frame.age_s(time.monotonic()) < 1.0
        later = camera.wait_newer(frame.sequence, 5.0)
        assert later is not None
        assert later.captured_s > frame.captured_s
        assert later.picture[0, 0, 0] != frame.picture[0, 0, 0]
        assert camera.error is None
        assert served.greetings == ["HELLO car-1\n"]


def test_capture_time_from_another_machine_is_counted_back_from_now() -> None:
    with CameraDouble(age_s=0.2, same_boot=False) as served:
        source = TcpCameraSource(served.url)
        source.open()
        _, captured_s = source.read()
        source.close()
    assert 0.2 <= time.monotonic() - captured_s < 1.5


def test_a_frame_from_the_future_counts_as_of_now() -> None:
    with CameraDouble(age_s=-60.0) as served:
        served.same_boot = True
        source = TcpCameraSource(served.url)
        source.open()
        served.garbage = HEADER.pack(MAGIC, 1, time.monotonic() + 60, 0, 320 * 240 * 3) + bytes(320 * 240 * 3)
        _, captured_s = source.read()
        source.close()
    assert captured_s <= time.monotonic()


def test_frames_are_pulled_so_that_none_can_queue() -> None:
    with CameraDouble(period_s=0.001) as served:
        source = TcpCameraSource(served.url)
        source.open()
        source.read()
        assert served.requests == 1
        source.close()


def test_nothing_new_gives_nothing() -> None:
    with CameraDouble() as served, Camera(camera_source(served.url)) as camera:
        sequence = newest_after(camera, -1)
        assert camera.wait_newer(sequence + 1000, 0.01) is None


def test_comes_back_when_the_line_is_cut() -> None:
    with CameraDouble() as served, Camera(camera_source(served.url)) as camera:
        sequence = newest_after(camera, -1)
        served.drop()
        newest_after(camera, sequence + 3)
        assert len(served.greetings) == 2
        assert camera.error is None


def test_comes_back_when_the_camera_process_does() -> None:
    with CameraDouble() as served:
        camera = Camera(camera_source(served.url))
        camera.start()
        sequence = newest_after(camera, -1)
        port = served.port
    try:
        while camera.error is None:
            camera.wait_newer(10**9, 0.01)
        with CameraDouble(port=port):
            newest_after(camera, sequence + 1, 10.0)
    finally:
        camera.close()


def test_close_does_not_wait_for_a_camera_that_hangs() -> None:
    with CameraDouble() as served:
        camera = Camera(camera_source(served.url))
        camera.start()
        newest_after(camera, -1)
        served.frozen = True
        started_s = time.monotonic()
        camera.close()
        assert time.monotonic() - started_s < 0.9
        served.frozen = False


@pytest.mark.parametrize(
    ("greeting", "problem"),
    [
        ({"ok": False, "error": "no such car"}, "refused: no such car"),
        ({"ok": True}, "without width and height"),
        ({"ok": True, "width": 0, "height": 240}, "impossible picture size"),
        (b"220 smtp ready\n", "does not greet like a camera"),
        (b"[]\n", "does not greet like a camera"),
        (b"x" * 5000, "does not greet like a camera"),
    ],
)
def test_a_greeting_that_is_none(greeting: dict[str, object] | bytes, problem: str) -> None:
    with CameraDouble(greeting=greeting) as served:
        source = TcpCameraSource(served.url)
        with pytest.raises(CameraError, match=problem) as caught:
            source.open()
        assert served.url in str(caught.value)
        source.close()


def test_something_that_is_no_frame() -> None:
    with CameraDouble(garbage=b"HTTP/1.1 400 Bad Request\r\n\r\n......") as served:
        source = TcpCameraSource(served.url)
        source.open()
        with pytest.raises(CameraError, match="not a frame"):
            source.read()
        source.close()


def test_nobody_there() -> None:
    with CameraDouble() as served:
        port = served.port
    with pytest.raises(CameraError, match="is the camera process running"):
        TcpCameraSource(f"tcp://127.0.0.1:{port}/car-1").open()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://x/1",
        "tcp://host",
        "tcp://host:99999/car",
        "tcp://:5/car",
        "tcp://h:5/a b",
        "v4l2:",
        "v4l2:x",
        "file:",
    ],
)
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(CameraError, match="the address must"):
        camera_source(url)


def test_reading_a_source_that_is_not_open(tmp_path: Path) -> None:
    for url in ("tcp://127.0.0.1:1/car-1", "v4l2:99", f"file:{tmp_path}/x.mp4"):
        with pytest.raises(CameraError, match="is not open"):
            camera_source(url).read()


def test_a_device_that_is_not_there() -> None:
    with pytest.raises(CameraError, match="/dev/video99"):
        camera_source("v4l2:99").open()


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """Three grey pictures of another size, at 50 frames a second."""
    path = tmp_path / "drive.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 50.0, (160, 120))
    for level in (40, 120, 200):
        writer.write(np.full((120, 160, 3), level, np.uint8))
    writer.release()
    return path


def test_a_file_plays_at_its_rate_and_over_again(video: Path) -> None:
    source = camera_source(f"file:{video}")
    source.open()
    frames = [source.read() for _ in range(5)]
    source.close()
    assert [round(int(picture.mean()), -1) for picture, _ in frames] == [40, 120, 200, 40, 120]
    assert frames[0][0].shape == (240, 320, 3)
    assert frames[4][1] - frames[0][1] == pytest.approx(4 / 50, abs=0.06)


def test_files_that_cannot_be_played(tmp_path: Path) -> None:
    with pytest.raises(CameraError, match="no such file"):
        camera_source(f"file:{tmp_path}/none.mp4").open()
    text = tmp_path / "text.mp4"
    text.write_text("this is no video")
    with pytest.raises(CameraError, match="not a video"):
        camera_source(f"file:{text}").open()
