"""What the car offers to whoever records a drive: every picture, undrawn, with what the car did on it."""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import dataclass

import cv2
import httpx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from car.camera.frame import Picture
from car.snapshot import Snapshot
from car.video.stream import driven_moment
from city.city import Command
from fleet.recording import MOMENT_HEADER, RECORDING_PATH, DrivenMoment
from tests.car.stream_double import Served, served_stream, snapshot


@dataclass
class Recorded:
    """One part of the stream."""

    moment: DrivenMoment
    picture: Picture


def recorded(url: str, count: int) -> list[Recorded]:
    """The first pictures of a recording; waits for them."""
    found: list[Recorded] = []
    data = b""
    with httpx.stream("GET", url + RECORDING_PATH, timeout=10.0) as response:
        assert response.status_code == 200
        boundary = response.headers["content-type"].partition("boundary=")[2].encode()
        for chunk in response.iter_bytes():
            data += chunk
            *parts, data = data.split(b"--" + boundary + b"\r\n")
            for part in parts:
                head, _, body = part.partition(b"\r\n\r\n")
                if head:
                    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
                    jpeg = np.frombuffer(body[: int(headers["Content-Length"])], np.uint8)
                    picture = cv2.imdecode(jpeg, cv2.IMREAD_COLOR)
                    assert picture is not None
                    found.append(Recorded(DrivenMoment.model_validate_json(headers[MOMENT_HEADER]), picture))
            if len(found) >= count:
                break
    return found[:count]


def test_every_picture_comes_undrawn_with_what_the_car_did_on_it() -> None:
    now_s = time.monotonic()

    def shown(k: int) -> Snapshot:
        return snapshot(
            k % 256,
            k,
            captured_s=now_s + 0.02 * k,
            speed_mps=0.001 * k,
            curvature_per_m=-0.01 * k,
            command=Command.LEFT,
        )

    with served_stream(shown) as served:
        seen = recorded(served.url, 25)
    for part in seen:
        k = part.moment.sequence
        assert part.picture.shape == (240, 320, 3)
        assert part.picture.std() < 2
        assert part.picture.mean() == pytest.approx(k % 256, abs=2)
        assert part.moment.captured_s == pytest.approx(now_s + 0.02 * k)
        assert abs(part.moment.captured_unix_ms / 1000 - time.time()) < 60
        assert part.moment.speed_mps == pytest.approx(0.001 * k)
        assert part.moment.steering == pytest.approx(0.01 * k / 5)  # curvature is left positive, steering right
        assert part.moment.command is Command.LEFT
    # 50 pictures a second are published; people's streams are held to 15, a recording is not.
    sequences = [part.moment.sequence for part in seen]
    assert sequences == sorted(set(sequences))
    assert sequences[-1] - sequences[0] < 3 * len(sequences)


def test_nobody_records_and_nothing_is_encoded() -> None:
    with served_stream() as served:
        recorded(served.url, 3)
        wait_until_nobody_watches(served)
        encoded = served.hub.encoded_count
        threading.Event().wait(0.2)
        assert served.hub.encoded_count <= encoded + 1


def wait_until_nobody_watches(served: Served) -> None:
    deadline_s = time.monotonic() + 5
    while served.hub.watchers and time.monotonic() < deadline_s:
        threading.Event().wait(0.02)
    assert served.hub.watchers == 0


def test_a_slow_recorder_holds_up_neither_the_car_nor_another() -> None:
    with served_stream() as served, socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect(("127.0.0.1", served.port))
        slow.sendall(f"GET {RECORDING_PATH} HTTP/1.1\r\nHost: car\r\n\r\n".encode())
        slow.recv(512)
        fast = recorded(served.url, 30)
        assert fast[-1].moment.sequence - fast[0].moment.sequence < 90
        assert max(served.publish_s) < 0.1


@given(st.floats(-20, 20), st.floats(0, 0.3), st.sampled_from(Command), st.integers(0, 10**9))
def test_a_moment_is_always_in_terms_of_a_data_set(
    curvature_per_m: float, speed_mps: float, command: Command, sequence: int
) -> None:
    shown = snapshot(
        9, sequence, captured_s=12.5, speed_mps=speed_mps, curvature_per_m=curvature_per_m, command=command
    )
    moment = driven_moment(shown, 1000.0)
    assert moment.steering == pytest.approx(np.clip(-curvature_per_m / 5, -1, 1))
    assert moment.captured_unix_ms == 1_012_500
    assert DrivenMoment.model_validate_json(moment.model_dump_json()) == moment
