"""Many viewers in one process, and what they see. Runs in a process of its own."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import cv2
import numpy as np
import uvloop

from pixelopolis.bench.processor import busy_s
from pixelopolis.bench.stream.clock_strip import read_clock
from pixelopolis.bench.stream.part_meter import Arrivals, PartMeter

READ_PERIOD_S = 0.05  # of those who crawl
CONNECT_PAUSE_S = 0.002
CONNECT_TIMEOUT_S = 10.0
LOOKING_AT_PICTURES = 4  # so many of the viewers decode them, where nothing but the picture tells when it was taken


@dataclass(frozen=True, slots=True)
class Audience:
    """Who watches what."""

    url: str
    count: int
    crawl_url: str = ""
    crawl_bytes_s: tuple[float, ...] = ()  # one who crawls for each
    has_timestamps: bool = True  # otherwise the time is in the pictures, which only some viewers look at
    headers: Mapping[str, str] = field(default_factory=dict)  # with which they ask
    server_process: int | None = None  # whose processor time to measure; None for this one
    settle_s: float = 3.0
    measure_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Seen:
    """What they saw, one of `Arrivals` for each."""

    measured_s: float
    server_busy_s: float
    viewers: list[Arrivals]  # those that know when their pictures were taken
    crawling: list[Arrivals]


def watch(audience: Audience) -> Seen:
    """Connect all, let them settle, measure."""
    return uvloop.run(_watch(audience))


async def _watch(audience: Audience) -> Seen:
    meters = [PartMeter(_look(audience, index)) for index in range(audience.count)]
    crawling = [PartMeter(_look(audience, 0)) for _ in audience.crawl_bytes_s]
    transports = await _connect_all(audience, meters)
    tasks = [
        asyncio.create_task(_crawl(audience, meter, pace))
        for meter, pace in zip(crawling, audience.crawl_bytes_s, strict=True)
    ]
    await asyncio.sleep(audience.settle_s)
    seen = await _measure(audience, meters, crawling)
    for task in tasks:
        task.cancel()
    for transport in transports:
        transport.abort()
    await asyncio.gather(*tasks, return_exceptions=True)
    return seen


async def _measure(audience: Audience, meters: list[PartMeter], crawling: list[PartMeter]) -> Seen:
    """Count for a while. Those who crawl are measured from their first picture on."""
    for meter in meters:
        meter.begin()
    process = audience.server_process or os.getpid()
    begun_s, busy_before_s = time.monotonic(), busy_s(process)
    await asyncio.sleep(audience.measure_s)
    return Seen(
        time.monotonic() - begun_s,
        busy_s(process) - busy_before_s,
        [meter.arrivals for meter in (meters if audience.has_timestamps else meters[:LOOKING_AT_PICTURES])],
        [meter.arrivals for meter in crawling],
    )


def _look(audience: Audience, index: int) -> Callable[[bytes, float], float | None] | None:
    return _taken_by_strip if not audience.has_timestamps and index < LOOKING_AT_PICTURES else None


def _taken_by_strip(jpeg: bytes, now_unix_s: float) -> float | None:
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    return None if picture is None else read_clock(np.asarray(picture, np.uint8), now_unix_s)


class _Fast(asyncio.Protocol):
    """Takes what comes at once."""

    def __init__(self, meter: PartMeter) -> None:
        self._meter = meter

    def data_received(self, data: bytes) -> None:
        self._meter.feed(data, time.time())


async def _connect_all(audience: Audience, meters: list[PartMeter]) -> list[asyncio.Transport]:
    """A server that accepts no more has viewers who see nothing."""
    connecting = []
    for meter in meters:
        connecting.append(asyncio.create_task(_connect(audience, meter)))
        await asyncio.sleep(CONNECT_PAUSE_S)
    await asyncio.wait(connecting, timeout=CONNECT_TIMEOUT_S)
    for task in connecting:
        task.cancel()
    connected = await asyncio.gather(*connecting, return_exceptions=True)
    return [transport for transport in connected if not isinstance(transport, BaseException)]


async def _connect(audience: Audience, meter: PartMeter) -> asyncio.Transport:
    transport, _ = await asyncio.get_running_loop().create_connection(lambda: _Fast(meter), *_address(audience.url))
    transport.write(_request(audience.url, audience.headers))
    return transport


async def _crawl(audience: Audience, meter: PartMeter, bytes_s: float) -> None:
    loop = asyncio.get_running_loop()
    with socket.socket() as connection:
        connection.setblocking(False)
        await loop.sock_connect(connection, _address(audience.crawl_url))
        await loop.sock_sendall(connection, _request(audience.crawl_url, audience.headers))
        while data := await loop.sock_recv(connection, max(1, round(bytes_s * READ_PERIOD_S))):
            meter.feed(data, time.time())
            await asyncio.sleep(READ_PERIOD_S)


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 80


def _request(url: str, headers: Mapping[str, str]) -> bytes:
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    head = [f"GET {path} HTTP/1.1", f"Host: {parts.netloc}", *(f"{name}: {text}" for name, text in headers.items())]
    return "\r\n".join([*head, "", ""]).encode()
