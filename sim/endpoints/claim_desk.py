"""The claim port: cars of a simulated fleet for drivers that come and go, as containers do.

A driver has its car for as long as its connection lasts and it says `keep` now and then. It is told where that car's
camera and board are, and nothing that a real car would not know.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
from collections.abc import Mapping

from pydantic import ValidationError

from fleet.clock import Clock
from sim.claims import ClaimBook
from sim.endpoints.claim_requests import REQUEST, Claim, Keep
from sim.endpoints.tcp_endpoint import read_line
from sim.placing import Placing

SILENCE_S = 5.0  # a driver that says nothing for so long has gone

Answer = dict[str, object]

_log = logging.getLogger(__name__)


class ClaimDesk:
    """Answers drivers, and has the cars put on the road and lifted off it."""

    def __init__(self, book: ClaimBook, placing: Placing, clock: Clock) -> None:
        self._book = book
        self._placing = placing
        self._clock = clock
        self._ports: Mapping[str, tuple[int, int]] = {}
        self._numbers = itertools.count(1)

    def tell_ports(self, ports: Mapping[str, tuple[int, int]]) -> None:
        """Ports of camera and board, by car; before this every car counts as taken."""
        self._ports = ports

    @property
    def on_road(self) -> frozenset[str]:
        """The cars that are on the road."""
        return self._placing.on_road

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one driver until it goes; the handler of a `TcpEndpoint`."""
        driver = f"driver {next(self._numbers)}"
        try:
            while True:
                async with asyncio.timeout(SILENCE_S):
                    line = await read_line(reader)
                if not line:
                    return
                writer.write(json.dumps(self.answer(driver, line)).encode() + b"\n")
                await writer.drain()
        finally:
            self._end(driver)

    def answer(self, driver: str, line: bytes) -> Answer:
        """Do what a line asks."""
        try:
            request = REQUEST.validate_json(line)
        except ValidationError as error:
            return {"error": error.errors()[0]["msg"]}
        match request:
            case Claim():
                return self._claim(driver, request.car)
            case Keep():
                car_id = self._book.car_of(driver)
                return {"error": "you have no car"} if car_id is None else {"car": car_id}
        return {"cars": [self._car(car_id) for car_id in sorted(self._ports)]}

    def lift_abandoned(self) -> None:
        """Lift cars off the road to which nobody has come back."""
        for car_id in self._book.take_abandoned(self._clock.now_s()):
            self._placing.lift(car_id)
            _log.info("%s: nobody has come back to it; it is lifted off the road", car_id)

    def _claim(self, driver: str, wanted: str | None) -> Answer:
        car_id = self._book.car_of(driver)
        if car_id is None:
            car_id = self._book.choose(wanted)
            if car_id is None or not self._ports:
                return {"wait": f"all {len(self._ports)} simulated cars have a driver"}
            if not self._placing.put(car_id):
                return {"wait": "no place on the road is free now"}
            self._book.claim(driver, car_id)
            _log.info("%s: has a driver", car_id)
        camera_port, board_port = self._ports[car_id]
        return {"car": car_id, "camera_port": camera_port, "board_port": board_port}

    def _end(self, driver: str) -> None:
        car_id = self._book.car_of(driver)
        if car_id is not None:
            self._book.end(driver, self._clock.now_s())
            _log.info("%s: its driver has gone", car_id)

    def _car(self, car_id: str) -> Answer:
        return {"id": car_id, "on_road": car_id in self.on_road, "has_driver": car_id in self._book.claimed}
