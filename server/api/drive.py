"""`/api/operator/cars/{car_id}/drive`: the WebSocket of an operator who drives a car by hand (`fleet.driving`)."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Path, WebSocket, WebSocketDisconnect
from pydantic import ValidationError

from fleet.driving import DRIVE_VIEW_PERIOD_S, FROM_HAND, Denial, DriveView
from fleet.messages import Identifier
from server.api.context import Context, ServerContext
from server.api.guards import Caller
from server.api.link import GOING_AWAY, MAX_REASON, POLICY_VIOLATION
from server.dispatch.drive_desk import WheelTakenError
from server.fleet_control.hand import Hand
from server.rides.under_way import UnknownError
from server.security.principal import Principal
from server.store.base import StoreError

router = APIRouter()

_log = logging.getLogger(__name__)


class _WheelLostError(Exception):
    """The operator cannot drive any more, or never could; the message says why."""

    def __init__(self, denial: Denial, reason: str) -> None:
        super().__init__(reason)
        self.denial = denial


@router.websocket("/operator/cars/{car_id}/drive")
async def drive(websocket: WebSocket, context: Context, caller: Caller, car_id: Annotated[Identifier, Path()]) -> None:
    """One operator at the wheel of one car, until either side is gone. The car stops with the connection."""
    await websocket.accept()
    wheel: _Wheel | None = None
    try:
        wheel = _Wheel(websocket, context, caller, car_id, await _take_wheel(context, caller, car_id, websocket))
        await wheel.serve()
    except _WheelLostError as error:
        _log.info("%s does not drive %s: %s", caller, car_id, error)
        await _refuse(websocket, error)
    except WebSocketDisconnect:
        _log.info("%s has left the wheel of %s", caller, car_id)
    finally:
        if wheel is not None:
            wheel.leave()


async def _take_wheel(context: ServerContext, caller: Principal, car_id: str, websocket: WebSocket) -> Hand:
    """The wheel, once it is in the audit log who has it."""
    try:
        context.dispatcher.car(car_id)
        await context.access.record(caller.name, f"WebSocket {websocket.url.path}")
        return context.dispatcher.driving.take(car_id, caller.name)
    except UnknownError as error:
        raise _WheelLostError(Denial.NO_CAR, str(error)) from error
    except WheelTakenError as error:
        raise _WheelLostError(Denial.TAKEN, str(error)) from error
    except StoreError as error:
        raise _WheelLostError(Denial.STORE, str(error)) from error


@dataclass(frozen=True, slots=True)
class _Wheel:
    """An operator who has taken the wheel of a car."""

    websocket: WebSocket
    context: ServerContext
    caller: Principal
    car_id: str
    hand: Hand

    async def serve(self) -> None:
        """Hear and tell until one of the two ends."""
        hearing, telling = asyncio.create_task(self._hear()), asyncio.create_task(self._tell())
        try:
            done, _ = await asyncio.wait((hearing, telling), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (hearing, telling):
                task.cancel()
            await asyncio.gather(hearing, telling, return_exceptions=True)
        for task in done:
            task.result()

    def leave(self) -> None:
        """Let go of the car, which stops."""
        self.context.dispatcher.driving.leave(self.car_id, self.hand)
        self.context.access.record_meanwhile(self.caller.name, f"end of WebSocket {self.websocket.url.path}")

    async def _hear(self) -> None:
        while True:
            try:
                said = FROM_HAND.validate_json(await self.websocket.receive_text())
            except ValidationError as error:
                first = error.errors()[0]
                where = ".".join(str(part) for part in first["loc"])
                raise _WheelLostError(Denial.INVALID, f"no command: {where}: {first['msg']}") from error
            except KeyError as error:
                raise _WheelLostError(Denial.INVALID, "messages are text, not binary") from error
            self._check()
            self.context.dispatcher.driving.hear(self.car_id, self.hand, said)

    async def _tell(self) -> None:
        dispatcher = self.context.dispatcher
        while not dispatcher.changed.is_closed:
            self._check()
            dispatcher.driving.watch()
            await self.websocket.send_text(dispatcher.driving.view(self.car_id, self.hand).model_dump_json())
            await asyncio.sleep(DRIVE_VIEW_PERIOD_S)
        await self.websocket.close(GOING_AWAY)

    def _check(self) -> None:
        """See that the operator may still drive."""
        if not self.context.access.is_still(self.caller):
            raise _WheelLostError(Denial.SESSION_OVER, f"the session of {self.caller} is over: log in again")
        if not self.context.dispatcher.driving.has_wheel(self.car_id, self.hand):
            raise _WheelLostError(Denial.TAKEN, f"another page of {self.caller} has the wheel of {self.car_id}")


async def _refuse(websocket: WebSocket, error: _WheelLostError) -> None:
    view = DriveView(denial=error.denial, message=str(error)[:MAX_REASON])
    try:
        await websocket.send_text(view.model_dump_json())
        await websocket.close(POLICY_VIOLATION)
    except (WebSocketDisconnect, RuntimeError) as failure:
        _log.debug("the refused operator has hung up: %s", failure)
