"""The stream's bench: its clock in pictures, what it counts, and a tiny run of the real thing."""

from __future__ import annotations

import os
import time

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from fleet.video.multipart import DELIMITER, TIMESTAMP_HEADER, picture_part
from pixelopolis.bench.processor import busy_s
from pixelopolis.bench.stream.clock_strip import read_clock, write_clock
from pixelopolis.bench.stream.part_meter import LONGEST_HEAD_BYTES, PartMeter
from pixelopolis.bench.stream.run import CRAWL_BYTES_S, StreamBench, bench_stream
from pixelopolis.bench.stream.scene import scene
from pixelopolis.cli import app
from pixelopolis.errors import UsageError


@given(st.floats(1.7e9, 4e9), st.floats(-86_400, 20 * 86_400), st.integers(20, 95))
def test_the_clock_survives_jpeg(taken_s: float, age_s: float, quality: int) -> None:
    picture = np.full((48, 640, 3), 90, np.uint8)
    write_clock(picture, taken_s)
    _, jpeg = cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, quality))
    grey = np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_GRAYSCALE), np.uint8)
    assert read_clock(grey, taken_s + max(0.0, age_s)) == int(taken_s * 1000) / 1000


def test_a_picture_without_a_clock() -> None:
    assert read_clock(np.full((480, 640), 128, np.uint8), 1e9) is None
    assert read_clock(np.zeros((480, 640), np.uint8), 1e9) is None
    spoilt = np.zeros((480, 640), np.uint8)
    write_clock(spoilt, 1.75e9)
    spoilt[:16, 16 * 20 : 16 * 21] = 255 - spoilt[:16, 16 * 20 : 16 * 21]
    assert read_clock(spoilt, 1.75e9) is None
    with pytest.raises(ValueError, match="160 pixels wide"):
        write_clock(np.zeros((20, 100), np.uint8), 1e9)


@settings(max_examples=30)
@given(st.lists(st.integers(1, 100), min_size=1, max_size=4), st.data())
def test_however_the_bytes_are_cut_each_picture_counts_once(sizes: list[int], data: st.DataObject) -> None:
    parts = [picture_part(bytes(size), {TIMESTAMP_HEADER: f"{100 + k}.5"}) for k, size in enumerate(sizes)]
    chunks = [f"{len(part):x}\r\n".encode() + part + b"\r\n" for part in (DELIMITER, *parts, parts[-1])]  # one twice
    stream = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"".join(chunks)
    meter = PartMeter()
    while stream:
        cut = data.draw(st.integers(1, len(stream)))
        meter.feed(stream[:cut], 200.0)
        stream = stream[cut:]
    assert meter.arrivals.count == len(sizes)
    assert meter.arrivals.ages_s == [99.5 - k for k in range(len(sizes))]


def test_a_baseline_without_timestamps_is_looked_at() -> None:
    sent = b"--x\nContent-type: image/jpeg\r\nContent-length: 3\r\n\r\nabc"
    meter = PartMeter(lambda jpeg, now_s: now_s - 1.0 if jpeg == b"abc" else None)
    meter.feed(sent, 10.0)
    assert meter.arrivals.ages_s == [1.0]
    blind = PartMeter()
    blind.feed(sent, 10.0)
    assert (blind.arrivals.count, blind.arrivals.ages_s) == (1, [])


def test_what_is_no_stream() -> None:
    with pytest.raises(ValueError, match="no stream"):
        PartMeter().feed(bytes(LONGEST_HEAD_BYTES + 1), 1.0)


def test_the_scene_moves_and_is_as_heavy_as_a_camera_picture() -> None:
    pictures = scene()
    sizes = [len(cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, 70))[1]) for picture in pictures[:3]]
    assert 18_000 < min(sizes) < max(sizes) < 45_000
    assert np.abs(pictures[0].astype(int) - pictures[5]).mean() > 5


def test_processor_time() -> None:
    before_s, until_s = busy_s(os.getpid()), time.process_time() + 0.1
    while time.process_time() < until_s:
        pass
    assert 0.05 < busy_s(os.getpid()) - before_s < 1.0
    with pytest.raises(RuntimeError, match="cannot read processor times"):
        busy_s(2**30)


@pytest.mark.slow
@pytest.mark.alone
def test_a_tiny_run() -> None:
    notes: list[str] = []
    figures = bench_stream(StreamBench(viewers=(2,), settle_s=2.0, measure_s=3.0), notes.append)
    values = {figure.name: figure.value for figure in figures}
    assert len(notes) == 2
    assert len(values) == len(figures) == 14
    assert values["2 viewers: pictures for each"] == pytest.approx(20, abs=3)
    assert 0 < values["2 viewers: age p50"] < values["2 viewers: age p99"] < 500
    assert 0 < values["2 viewers: server"] < 100
    assert values[f"{len(CRAWL_BYTES_S)} slow viewers: oldest picture"] < 1.5
    assert values[f"{len(CRAWL_BYTES_S)} slow viewers: pictures for one"] > 2
    assert all(figure.baseline is None for figure in figures)


def test_a_baseline_is_for_the_stream() -> None:
    result = CliRunner().invoke(app, ["bench", "lane", "--donkeycar", __file__])
    assert isinstance(result.exception, UsageError)
    assert "bench stream" in str(result.exception)
