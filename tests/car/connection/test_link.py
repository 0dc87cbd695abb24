"""The line to the server, over real WebSockets: reconnects, garbage, silence."""

from __future__ import annotations

import asyncio
import http.server
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from car.connection.city_source import fetch_city
from car.connection.device import device_id
from car.connection.link import Link, link_url
from city.city import Command
from city.errors import CityError
from fleet.clock import WallClock
from fleet.messages import DriveMode, Hello, Order, OrderStep, Position, Refusal, Release, Report, Search, Welcome
from tests.car.server_double import ServerDouble, until

HELLO = Hello(car_id="car-1", device_id="d" * 32, stream_url="http://127.0.0.1:1/stream.mjpg")
KEY = "1f0c9a6b2d3e4f50.secret"
ORDER = Order(order_id="o1", steps=(OrderStep(edge=1, node=2, sign="Korean", command=Command.FOLLOW),))


def report(sequence: int, mode: DriveMode = DriveMode.IDLE) -> Report:
    return Report(sequence=sequence, mode=mode, position=None, speed_mps=0.0, battery_percent=50, battery_v=11.0)


@asynccontextmanager
async def linked(server: ServerDouble) -> AsyncIterator[Link]:
    link = Link(server.url, KEY, HELLO, WallClock())
    task = asyncio.create_task(link.run())
    try:
        yield link
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_hello_first_then_reports_then_words() -> None:
    welcome = Welcome(city="c", last_position=Position(edge=4, s_m=0.1))
    async with ServerDouble(welcome=welcome) as server, linked(server) as link:
        await until(lambda: link.words().connected)
        link.publish(report(1))
        await until(server.reports)
        assert server.heard[0] == HELLO
        await server.say(ORDER, Release(order_id="o1", index=0, s_m=0.4), Search(distance_m=0.3))
        await until(lambda: link.words().search)
        words = link.words()
        assert words.order == ORDER
        assert words.release == Release(order_id="o1", index=0, s_m=0.4)
        assert words.release_heard_s <= WallClock().now_s()
        assert words.welcome is not None
        assert words.welcome.last_position == Position(edge=4, s_m=0.1)


async def test_a_change_of_mode_is_told_at_once_and_the_rest_by_the_clock() -> None:
    async with ServerDouble() as server, linked(server) as link:
        await until(lambda: link.words().connected)
        link.publish(report(1))
        await until(server.reports)
        for sequence in range(2, 40):
            link.publish(report(sequence))
            await asyncio.sleep(0.01)
        by_the_clock = len(server.reports())
        assert 2 <= by_the_clock <= 10
        link.publish(report(40, DriveMode.DRIVING))
        await until(lambda: server.reports()[-1].mode is DriveMode.DRIVING, timeout_s=1.0)


async def test_a_control_loop_that_hangs_looks_silent() -> None:
    async with ServerDouble() as server, linked(server) as link:
        await until(lambda: link.words().connected)
        link.publish(report(1))
        await until(server.reports)
        await asyncio.sleep(0.35)
        assert len(server.reports()) == 1


async def test_comes_back_after_the_server_died() -> None:
    server = ServerDouble()
    async with server, linked(server) as link:
        await until(lambda: link.words().connected)
        await server.say(ORDER)
        await until(lambda: link.words().order)
        await server.stop()
        await until(lambda: not link.words().connected, timeout_s=1.0)
        assert link.words().order == ORDER
        async with ServerDouble(port=server.port) as again:
            await until(lambda: link.words().connected)
            link.publish(report(2))
            await until(again.reports)
            assert again.hellos() == [HELLO]


async def test_starts_before_the_server_does() -> None:
    async with ServerDouble() as server:
        port = server.port
    later = ServerDouble(port=port)
    link = Link(later.url, KEY, HELLO, WallClock())
    task = asyncio.create_task(link.run())
    await asyncio.sleep(0.3)
    async with later:
        await until(lambda: link.words().connected)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize(
    "garbage", ["", "{", "[]", '{"type":"order"}', '{"type":"nothing"}', b"\xff\x00", '{"type":"hello"}', "x" * 9999]
)
async def test_garbage_is_dropped_and_the_line_stays(garbage: str | bytes) -> None:
    async with ServerDouble() as server, linked(server) as link:
        await until(lambda: link.words().connected)
        await server.say(garbage, Search(distance_m=0.1))
        await until(lambda: link.words().search)
        assert len(server.connections) == 1


async def test_a_refused_car_keeps_trying_slowly() -> None:
    async with ServerDouble(welcome=Refusal(reason="unknown car")) as server, linked(server) as link:
        await until(server.hellos)
        assert not link.words().connected
        await server.connections[-1].close()
        await until(lambda: len(server.hellos()) == 2)
        assert not link.words().connected


@pytest.mark.parametrize("url", ["", "server:8000", "ftp://server", "http://"])
def test_a_server_address_that_is_none(url: str) -> None:
    with pytest.raises(ValueError, match="must look like http"):
        link_url(url)


def test_link_addresses() -> None:
    assert link_url("http://a:8000") == "ws://a:8000/api/cars/link"
    assert link_url("https://a/town/") == "wss://a/town/api/cars/link"


async def test_the_city_comes_from_the_server() -> None:
    async with ServerDouble() as server:
        city = await asyncio.to_thread(fetch_city, server.url, threading.Event())
    assert city is not None
    assert city.name == "pixelopolis"


async def test_the_city_is_asked_for_until_it_comes() -> None:
    async with ServerDouble() as server:
        port = server.port
    fetching = asyncio.create_task(asyncio.to_thread(fetch_city, f"http://127.0.0.1:{port}", threading.Event()))
    await asyncio.sleep(0.3)
    async with ServerDouble(port=port):
        city = await fetching
    assert city is not None


async def test_asking_for_the_city_can_be_stopped() -> None:
    async with ServerDouble() as server:
        port = server.port
    stopping = threading.Event()
    fetching = asyncio.create_task(asyncio.to_thread(fetch_city, f"http://127.0.0.1:{port}", stopping))
    await asyncio.sleep(0.1)
    stopping.set()
    assert await fetching is None


def test_something_that_is_no_city() -> None:
    class Answers(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.HTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        with pytest.raises(CityError, match=r"/api/city\.yaml"):
            fetch_city(f"http://127.0.0.1:{server.server_port}", threading.Event())
        server.shutdown()
        thread.join()


def test_a_device_keeps_its_identity(tmp_path: Path) -> None:
    first = device_id("car-1", tmp_path)
    assert len(first) == 32
    assert device_id("car-1", tmp_path) == first
    assert device_id("car-2", tmp_path) != first
    (tmp_path / "cars" / "car-1.device").write_text("broken")
    assert device_id("car-1", tmp_path) not in (first, "broken")
