"""`/api/cars/link`: the WebSocket of each car, with the messages of `fleet.messages`."""

from __future__ import annotations

import asyncio
import logging

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import ValidationError

from fleet.messages import FROM_CAR, PROTOCOL_VERSION, Hello, Refusal, Report
from server.api.context import Context, ServerContext
from server.api.guards import Caller
from server.dispatch.dispatcher import Dispatcher
from server.dispatch.outbox import Outbox
from server.fleet_control.fleet_state import NotWelcomeError
from server.rides.under_way import UnknownError
from server.security.principal import Principal
from server.store.base import StoreError

router = APIRouter()

HELLO_TIMEOUT_S = 5.0
POLICY_VIOLATION = 1008
GOING_AWAY = 1001
MAX_REASON = 300

_log = logging.getLogger(__name__)


class _LinkError(Exception):
    """The car said something that ends the link."""


@router.websocket("/cars/link")
async def link(websocket: WebSocket, context: Context, caller: Caller) -> None:
    """One car, from its Hello until either side is gone, or its key is not valid any more."""
    await websocket.accept()
    outbox = Outbox()
    car_id: str | None = None
    try:
        car_id = await _welcome(websocket, context.dispatcher, outbox, caller)
        await _serve(websocket, context, caller, outbox)
    except (_LinkError, NotWelcomeError, UnknownError, StoreError) as error:
        _log.warning("%s refused: %s", car_id or "a car", error)
        await _refuse(websocket, str(error))
    except WebSocketDisconnect:
        _log.info("%s has hung up", car_id or "a car")
    finally:
        if car_id is not None:
            context.dispatcher.disconnect_car(car_id, outbox)


async def _welcome(websocket: WebSocket, dispatcher: Dispatcher, outbox: Outbox, caller: Principal) -> str:
    try:
        async with asyncio.timeout(HELLO_TIMEOUT_S):
            hello = await _receive(websocket)
    except TimeoutError as error:
        raise _LinkError(f"no Hello within {HELLO_TIMEOUT_S:g} s") from error
    if not isinstance(hello, Hello):
        raise _LinkError("the first message must be a Hello")
    if hello.protocol != PROTOCOL_VERSION:
        raise _LinkError(
            f"the car speaks protocol {hello.protocol}, this server {PROTOCOL_VERSION}: update the older of the two"
        )
    if hello.car_id != caller.name:
        raise _LinkError(f"this key is of {caller}: run the car as --id {caller.name}, or enrol {hello.car_id}")
    if hello.stream_url is not None and not hello.stream_url.startswith(("http://", "https://")):
        raise _LinkError(f"stream_url {hello.stream_url!r} must begin with http:// or https://")
    await dispatcher.connect_car(hello, outbox)
    return hello.car_id


async def _serve(websocket: WebSocket, context: ServerContext, caller: Principal, outbox: Outbox) -> None:
    """Hear and tell until one of the two ends."""
    hearing = asyncio.create_task(_hear(websocket, context, caller, outbox))
    telling = asyncio.create_task(_tell(websocket, outbox))
    try:
        await asyncio.wait((hearing, telling), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (hearing, telling):
            task.cancel()
        results = await asyncio.gather(hearing, telling, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            raise result


async def _hear(websocket: WebSocket, context: ServerContext, caller: Principal, outbox: Outbox) -> None:
    while True:
        message = await _receive(websocket)
        if not context.access.is_still(caller):
            raise _LinkError(f"the key of {caller} has been revoked or replaced: enrol it again")
        if isinstance(message, Report):
            context.dispatcher.report(caller.name, outbox, message)


async def _tell(websocket: WebSocket, outbox: Outbox) -> None:
    while True:
        for message in await outbox.take():
            await websocket.send_text(message.model_dump_json())
        if outbox.is_closed:
            await websocket.close(GOING_AWAY)
            return


async def _receive(websocket: WebSocket) -> Hello | Report:
    try:
        return FROM_CAR.validate_json(await websocket.receive_text())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise _LinkError(f"not a message of a car: {where or 'message'}: {first['msg']}") from error
    except KeyError as error:
        raise _LinkError("messages are text, not binary") from error


async def _refuse(websocket: WebSocket, reason: str) -> None:
    try:
        await websocket.send_text(Refusal(reason=reason[:MAX_REASON]).model_dump_json())
        await websocket.close(POLICY_VIOLATION)
    except (WebSocketDisconnect, RuntimeError) as error:
        _log.debug("the refused car has hung up: %s", error)
