"""The car's web server with real viewers over real connections."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator

import cv2
import httpx
import numpy as np
import pytest

from car.camera.frame import Picture
from car.network_thread import address_towards, listening_socket
from car.video.overlay import draw_overlay, road_pixel
from car.video.stream import stream_app
from car.video.stream_hub import StreamHub
from fleet.vehicle import DEFAULT_CAMERA
from tests.car.stream_double import Served, served_stream, snapshot


@pytest.fixture
def served() -> Iterator[Served]:
    with served_stream() as served:
        yield served


def parts(url: str, count: int) -> list[tuple[dict[str, str], bytes]]:
    """Headers and body of the first pictures of a stream."""
    found: list[tuple[dict[str, str], bytes]] = []
    data = b""
    with httpx.stream("GET", url, timeout=10.0) as response:
        assert response.status_code == 200
        boundary = response.headers["content-type"].partition("boundary=")[2].encode()
        for chunk in response.iter_bytes():
            data += chunk
            *complete, data = data.split(b"--" + boundary + b"\r\n")
            for part in filter(None, complete):
                head, _, body = part.partition(b"\r\n\r\n")
                headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
                found.append((headers, body[: int(headers["Content-Length"])]))
            if len(found) >= count:
                break
    return found


def pictures(url: str, count: int) -> list[Picture]:
    """The first pictures of a stream, decoded."""
    found = []
    for _, jpeg in parts(url, count):
        picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None
        found.append(np.asarray(picture, np.uint8))
    return found


def test_the_stream_moves(served: Served) -> None:
    seen = pictures(f"{served.url}/stream.mjpg?overlay=off&size=full", 4)
    assert len({int(picture.mean()) for picture in seen}) == 4
    assert seen[0].shape == (240, 320, 3)


def test_the_overlay_is_drawn_unless_declined(served: Served) -> None:
    plain = pictures(f"{served.url}/stream.mjpg?overlay=off", 1)[0]
    drawn = pictures(f"{served.url}/stream.mjpg", 1)[0]
    assert plain.std() < 3
    assert drawn.std() > 8


def test_a_picture_is_encoded_once_for_all_and_not_at_all_for_nobody(served: Served) -> None:
    assert served.hub.encoded_count == 0
    seen: list[int] = []
    viewers = [
        threading.Thread(target=lambda: seen.append(len(pictures(f"{served.url}/stream.mjpg", 8)))) for _ in range(4)
    ]
    for viewer in viewers:
        viewer.start()
    for viewer in viewers:
        viewer.join()
    assert sum(seen) >= 32
    assert served.hub.encoded_count < sum(seen)
    deadline_s = time.monotonic() + 5
    while served.hub.watchers and time.monotonic() < deadline_s:
        threading.Event().wait(0.02)
    assert served.hub.watchers == 0
    encoded = served.hub.encoded_count
    threading.Event().wait(0.3)
    assert served.hub.encoded_count <= encoded + 1


def test_a_slow_viewer_holds_nobody_up(served: Served) -> None:
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect(("127.0.0.1", served.port))
        slow.sendall(b"GET /stream.mjpg HTTP/1.1\r\nHost: car\r\n\r\n")
        slow.recv(512)
        started_s = time.monotonic()
        fast = pictures(f"{served.url}/stream.mjpg", 10)
        assert len(fast) >= 10
        assert time.monotonic() - started_s < 6.0
        assert max(served.publish_s) < 0.1


def test_snapshot(served: Served) -> None:
    response = httpx.get(f"{served.url}/snapshot.jpg", timeout=10.0)
    assert response.status_code == 200
    assert response.headers["content-type"] == "image/jpeg"
    picture = cv2.imdecode(np.frombuffer(response.content, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.shape == (480, 640, 3), "enlarged, so that its letters can be read"


def test_pictures_say_when_they_were_taken() -> None:
    begun_s = time.monotonic()
    with served_stream(lambda k: snapshot(k % 256, k, captured_s=begun_s + 0.02 * k)) as served:
        stamps = [float(headers["X-Timestamp"]) for headers, _ in parts(f"{served.url}/stream.mjpg", 10)]
        still = float(httpx.get(f"{served.url}/snapshot.jpg", timeout=10.0).headers["x-timestamp"])
    assert stamps == sorted(set(stamps))
    assert still > stamps[-1] - 0.01, "the same picture, or a later one"
    begun_unix_s = time.time() - time.monotonic() + begun_s
    taken = [(stamp - begun_unix_s) / 0.02 for stamp in (*stamps, still)]
    assert taken == pytest.approx(np.round(taken), abs=0.05), "each is the time of one of the pictures"


@pytest.mark.parametrize(
    ("size", "shape"), [("full", (480, 640, 3)), ("medium", (240, 320, 3)), ("small", (120, 160, 3))]
)
def test_sizes(served: Served, size: str, shape: tuple[int, ...]) -> None:
    assert {picture.shape for picture in pictures(f"{served.url}/stream.mjpg?size={size}", 3)} == {shape}


@pytest.mark.parametrize("path", ["stream.mjpg?size=huge", "snapshot.jpg?overlay=0"])
def test_what_cannot_be_had_is_said(served: Served, path: str) -> None:
    response = httpx.get(f"{served.url}/{path}", timeout=10.0)
    assert response.status_code == 400
    assert "may be" in response.text


def test_viewers_come_and_go_and_leave_nothing_behind(served: Served) -> None:
    for k in range(40):
        with socket.create_connection(("127.0.0.1", served.port)) as viewer:
            viewer.sendall(f"GET /stream.mjpg?load={k} HTTP/1.1\r\nHost: car\r\n\r\n".encode())
            if k % 2:
                viewer.recv(2000)
    deadline_s = time.monotonic() + 10
    while served.hub.watchers and time.monotonic() < deadline_s:
        threading.Event().wait(0.02)
    assert served.hub.watchers == 0


def test_pictures_are_for_those_who_were_told_the_path() -> None:
    with served_stream(hidden_path="/secret") as served:
        for name in ("stream.mjpg", "snapshot.jpg", "recording.mjpg"):
            for path in (f"/{name}", f"/Secret/{name}", f"/secret/../{name}", f"//{name}", f"/secre/{name}"):
                assert httpx.get(served.url + path, timeout=10.0).status_code == 404, path
        assert httpx.get(f"{served.url}/secret/snapshot.jpg", timeout=10.0).status_code == 200
        assert httpx.get(f"{served.url}/metrics.json", timeout=10.0).json() == {"car_id": "car-1"}
        assert len(pictures(f"{served.url}/secret/stream.mjpg", 2)) == 2


def test_metrics(served: Served) -> None:
    assert httpx.get(f"{served.url}/metrics.json", timeout=10.0).json() == {"car_id": "car-1"}


def test_nothing_else(served: Served) -> None:
    assert httpx.get(f"{served.url}/", timeout=10.0).status_code == 404


async def test_a_snapshot_without_a_camera_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("car.video.stream.SNAPSHOT_TIMEOUT_S", 0.1)
    hub = StreamHub()
    hub.attach()
    transport = httpx.ASGITransport(stream_app(hub, dict))
    async with httpx.AsyncClient(transport=transport, base_url="http://car") as client:
        response = await client.get("/snapshot.jpg")
    hub.close()
    await asyncio.sleep(0)
    assert response.status_code == 503
    assert "no picture" in json.loads(response.content)["detail"]


def test_a_port_that_is_taken() -> None:
    with listening_socket("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"127.0.0.1:{port}.*--stream-port"):
            listening_socket("127.0.0.1", port)


def test_address_towards_the_server() -> None:
    assert address_towards("http://127.0.0.1:8000") == "127.0.0.1"
    assert address_towards("http://no-such-host.invalid:8000") == "127.0.0.1"


def test_overlay_leaves_the_picture_itself_alone() -> None:
    shown = snapshot(100, 1)
    drawn = draw_overlay(shown)
    assert shown.frame.picture.std() == 0
    assert drawn.std() > 0


def test_road_pixels_agree_with_the_horizon_and_the_middle() -> None:
    near, far = road_pixel(0.3, 0.0, DEFAULT_CAMERA), road_pixel(50.0, 0.0, DEFAULT_CAMERA)
    assert near is not None
    assert far is not None
    assert near[0] == far[0] == 160
    assert near[1] > far[1] == pytest.approx(120 - 160 * np.tan(DEFAULT_CAMERA.pitch_rad), abs=1.5)
    assert road_pixel(-0.5, 0.0, DEFAULT_CAMERA) is None
