"""Recording from a car's real web server over real connections."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from car.perception.sidecar import COMMANDS
from car.snapshot import Snapshot
from city.city import Command
from models.lane.dataset import read_frames
from models.lane.recordings.car_stream import CarStream, CarStreamError
from models.lane.recordings.originals import read_originals
from models.lane.recordings.pictures import decoded
from models.lane.recordings.recorder import record_drive
from tests.car.stream_double import served_stream, snapshot

PERIOD_S = 0.02  # of the double's pictures


def turning(k: int) -> Snapshot:
    """A car that turns ever more to the right, and stands at every fifth picture."""
    return snapshot(
        k % 256,
        k,
        captured_s=1000 + PERIOD_S * k,
        speed_mps=0.0 if k % 5 == 0 else 0.1,
        curvature_per_m=-k / 100,
        command=Command.RIGHT,
    )


def test_a_driving_car_is_recorded(tmp_path: Path) -> None:
    with served_stream(turning) as served, CarStream(served.url) as pictures:
        recorded = record_drive(tmp_path, pictures, count=40)
    assert recorded.new_frames == 40
    assert recorded.standing > 0
    frames = read_frames([tmp_path])
    originals = read_originals(tmp_path, 0)
    levels = [round(float(decoded(jpeg).mean())) for jpeg in originals.frame_bytes()]
    # The picture's brightness tells which step it was, so what it must be labelled with.
    assert np.allclose(frames.steering, np.array(levels) / 500, atol=0.005)
    assert all(level % 5 for level in levels)
    assert {COMMANDS[k] for k in frames.command} == {Command.RIGHT}
    assert frames.picture.std(axis=(1, 2)).max() < 2  # nothing is drawn over them


def test_a_car_that_goes_away_ends_the_recording(tmp_path: Path) -> None:
    with served_stream(turning) as served:
        with CarStream(served.url) as pictures:
            killer = threading.Timer(0.5, served.network.stop)
            killer.start()
            recorded = record_drive(tmp_path, pictures)
        killer.join()
    assert recorded.new_frames > 0
    assert "lost" in recorded.ended
    assert len(read_frames([tmp_path])) == recorded.new_frames


def test_a_car_that_falls_silent_ends_the_recording(tmp_path: Path) -> None:
    with served_stream(turning) as served, CarStream(served.url, stalled_s=0.3) as pictures:
        silence = threading.Timer(0.5, served.stopping.set)
        silence.start()
        recorded = record_drive(tmp_path, pictures)
        silence.join()
    assert recorded.new_frames > 0
    assert "lost (timed out)" in recorded.ended


def noisy(k: int) -> Snapshot:
    """A car whose pictures are too big for many of them to wait in the sockets."""
    shown = turning(k)
    noise = np.random.default_rng(k).integers(0, 256, shown.frame.picture.shape, dtype=np.uint8)
    return replace(shown, frame=replace(shown.frame, picture=noise))


def test_a_slow_recorder_gets_newer_pictures_and_counts_what_it_missed(tmp_path: Path) -> None:
    def slowly() -> bool:
        time.sleep(0.15)  # a slow disk
        return False

    with served_stream(noisy) as served, CarStream(served.url) as pictures:
        recorded = record_drive(tmp_path, pictures, count=30, stopping=slowly)
        assert max(served.publish_s) < 0.1
        assert 0 < recorded.missed < len(served.publish_s)


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """A server that says one thing and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread.join()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=x\r\n\r\n"
MOMENT = (
    b'{"sequence":1,"captured_s":1,"captured_unix_ms":1,"steering":0.5,"speed_mps":0.1,"command":"follow","new":[1]}'
)
PART = b"--x\r\nContent-Type: image/jpeg\r\nContent-Length: 3\r\nPixelopolis-Moment: " + MOMENT + b"\r\n\r\nabc\r\n"


def test_keys_of_later_versions_are_passed_over() -> None:
    with answering(HEAD + PART + PART) as url, CarStream(url) as stream:
        pictures = iter(stream)
        assert [next(pictures).jpeg, next(pictures).jpeg] == [b"abc", b"abc"]
        with pytest.raises(CarStreamError, match=r"lost .*has ended the stream"):
            next(pictures)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
            r"no /recording\.mjpg there \(status 404\); give",
        ),
        (b"SSH-2.0-OpenSSH\r\n", "cannot be reached"),
        (b"", "cannot be reached"),
        (HEAD, "lost"),
        (HEAD + PART[:-3], "lost .*ended within a picture"),
        (HEAD + PART.replace(b"Length: 3", b"Length: three"), "sends what is no recording"),
        (HEAD + PART.replace(b"Length: 3", b"Length: 99999999999"), "no recording .*99999999999 bytes"),
        (HEAD + PART.replace(b"Length: 3", b"Length: -1"), "no recording .*-1 bytes"),
        (HEAD + PART.replace(b"Pixelopolis-Moment", b"Moment"), "no recording .*pixelopolis-moment"),
        (HEAD + PART.replace(b'"steering":0.5', b'"steering":5'), "no recording .*Pixelopolis-Moment"),
        (HEAD + PART.replace(MOMENT, b"{"), "no recording .*Pixelopolis-Moment"),
    ],
    ids=range(11),
)
def test_what_is_no_car_is_said(answer: bytes, message: str) -> None:
    with (
        answering(answer) as url,
        pytest.raises(CarStreamError, match=f"^car {url}: .*{message}"),
        CarStream(url) as car,
    ):
        next(iter(car))


def test_no_car_at_an_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(CarStreamError, match=f"car http://127.0.0.1:{port}: cannot be reached"):
        CarStream(f"http://127.0.0.1:{port}")


@pytest.mark.parametrize("url", ["car-1", "https://car", "http://", "tcp://127.0.0.1:5/car-1", "http://car:port"])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(ValueError, match="http://HOST:PORT"):
        CarStream(url)
