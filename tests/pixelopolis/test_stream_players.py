"""What people watch a stream with besides browsers: ffmpeg and OpenCV, on a car's own stream and on the relay's."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import cv2
import numpy as np
import pytest

from pixelopolis.bench.stream.clock_strip import read_clock
from pixelopolis.bench.stream.scene import RATE_HZ
from pixelopolis.bench.stream.subjects import Subject, our_relay
from tests.car.stream_double import served_stream

WATCHED_S = 3.0
NO_KEY: Mapping[str, str] = {}
pytestmark = pytest.mark.alone


@pytest.fixture
def car_url() -> Iterator[str]:
    with served_stream() as served:
        yield f"{served.url}/stream.mjpg"


@pytest.fixture
async def relay(tmp_path: Path) -> AsyncIterator[Subject]:
    async with our_relay(tmp_path) as relay:
        yield relay


def header_lines(headers: Mapping[str, str]) -> str:
    """As ffmpeg takes them, on its command line and from OpenCV."""
    return "".join(f"{name}: {text}\r\n" for name, text in headers.items())


def ffmpeg_plays(url: str, watched_s: float, headers: Mapping[str, str] = NO_KEY) -> None:
    """It decodes so many seconds' pictures in about that time, and has nothing to complain of."""
    program = shutil.which("ffmpeg")
    if program is None:
        pytest.fail("no ffmpeg in PATH: install it, on Debian with `apt-get install ffmpeg`")
    before, after = "-v error -xerror -headers", f"-i {url} -frames:v {round(watched_s * RATE_HZ)} -f null -"
    played = subprocess.run(
        [program, *before.split(), header_lines(headers), *after.split()],
        capture_output=True,
        text=True,
        timeout=1.5 * watched_s + 10,
        check=False,
    )
    assert (played.returncode, played.stderr) == (0, "")


def opencv_pictures(url: str, watched_s: float) -> list[np.ndarray]:
    """The last pictures that OpenCV reads, and that it reads without a failure."""
    capture = cv2.VideoCapture(url, cv2.CAP_FFMPEG)
    assert capture.isOpened()
    pictures: list[np.ndarray] = []
    until_s = time.monotonic() + watched_s
    while time.monotonic() < until_s:
        read, picture = capture.read()
        assert read
        pictures = [*pictures[-2:], picture]
    capture.release()
    return pictures


def test_a_car_in_ffmpeg_and_opencv(car_url: str) -> None:
    ffmpeg_plays(car_url, WATCHED_S)
    assert opencv_pictures(car_url, WATCHED_S)[-1].shape == (480, 640, 3)


def assert_fresh(picture: np.ndarray) -> None:
    """By the clock that the camera wrote into it; players keep some pictures back."""
    now_s = time.time()
    taken_s = read_clock(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), now_s)
    assert taken_s is not None
    assert now_s - taken_s < 1.0


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_a_minute_of_the_relay_in_each(relay: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    url = relay.crawl_url  # of the size that the viewer keeps up with
    await asyncio.to_thread(ffmpeg_plays, url, 60.0, relay.headers)
    monkeypatch.setenv("OPENCV_FFMPEG_CAPTURE_OPTIONS", f"headers;{header_lines(relay.headers)}")
    pictures = await asyncio.to_thread(opencv_pictures, url, 60.0)
    assert_fresh(pictures[-1])
