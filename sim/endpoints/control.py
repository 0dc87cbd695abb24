"""The control port: ground truth and interference, for evaluators, the demo and tests. Never given to a car.

Each request and each answer is one line of JSON; an answer with `error` says what was wrong with the request.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

from pydantic import ValidationError

from city.geometry import Pose, wrap_angle
from firmware_bridge.emulator.named_faults import set_fault
from sim.endpoints.camera_worker import CameraWorker
from sim.endpoints.control_requests import (
    REQUEST,
    BoardFault,
    FreezeCamera,
    Place,
    PowerCut,
    Request,
    ResetCounts,
    Status,
    Unplug,
)
from sim.endpoints.tcp_endpoint import read_line
from sim.lockstep import Simulation
from sim.world import CarTruth

Answer = dict[str, object]


class ControlDesk:
    """Answers requests about one simulation."""

    def __init__(self, simulation: Simulation, cameras: CameraWorker, lag_s: Callable[[], float]) -> None:
        """`lag_s` tells how much time was given up so far."""
        self._simulation = simulation
        self._cameras = cameras
        self._lag_s = lag_s

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the lines of one client until it goes; the handler of a `TcpEndpoint`."""
        while line := await read_line(reader):
            writer.write(json.dumps(self.answer(line)).encode() + b"\n")
            await writer.drain()

    def answer(self, line: bytes) -> Answer:
        """Do what a line asks."""
        try:
            request = REQUEST.validate_json(line)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            return {"error": f"{where}: {first['msg']}" if where else first["msg"]}
        car_id = getattr(request, "car", None)
        if car_id is not None and car_id not in self._simulation.car_ids:
            return {"error": f"there is no car {car_id!r}; there are {', '.join(self._simulation.car_ids)}"}
        try:
            return self._do(request)
        except ValueError as error:
            return {"error": str(error)}

    def _do(self, request: Request) -> Answer:
        match request:
            case Status():
                return self._status()
            case ResetCounts():
                self._simulation.world.reset_counts()
            case FreezeCamera():
                (self._cameras.frozen.add if request.frozen else self._cameras.frozen.discard)(request.car)
            case Place():
                pose = Pose(request.x_m, request.y_m, wrap_angle(request.heading_rad))
                self._simulation.world.place(request.car, pose)
            case BoardFault():
                set_fault(self._simulation.boards[request.car], request.fault, request.on)
            case Unplug():
                set_fault(self._simulation.boards[request.car], "unplugged", request.unplugged)
            case PowerCut():
                self._simulation.boards[request.car].cut_power()
        return {"ok": True}

    def _status(self) -> Answer:
        world = self._simulation.world
        return {
            "time_s": world.time_s,
            "lag_s": self._lag_s(),
            "render_s": self._cameras.report.busy_s,
            "collisions": world.collisions,
            "lane_departures": world.lane_departures,
            "cars": [self._car(world.truth(car_id)) for car_id in world.car_ids],
        }

    def _car(self, truth: CarTruth) -> Answer:
        return {
            "id": truth.id,
            "x_m": truth.pose.x_m,
            "y_m": truth.pose.y_m,
            "heading_rad": truth.pose.heading_rad,
            "speed_mps": truth.speed_mps,
            "wheel_speeds_rad_s": list(truth.wheel_speeds_rad_s),
            "edge": truth.whereabouts.edge,
            "movement": truth.whereabouts.movement,
            "s_m": truth.whereabouts.s_m,
            "lateral_m": truth.whereabouts.lateral_m,
            "collisions": truth.collisions,
            "lane_departures": truth.lane_departures,
            "outside_lane": truth.outside_lane,
            "frames": self._cameras.report.frames.get(truth.id, 0),
            "camera_frozen": truth.id in self._cameras.frozen,
            "on_road": self._simulation.world.is_on_road(truth.id),
        }
