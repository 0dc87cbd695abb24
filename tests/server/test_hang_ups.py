"""Whoever hangs up in the middle of an answer is no error of the server's; everything else is."""

from __future__ import annotations

import pytest
from anyio import BrokenResourceError
from starlette.types import Message, Receive, Scope, Send

from server.middleware import HangUps


async def _receive() -> Message:
    return {"type": "http.disconnect"}


async def _send(_: Message) -> None:
    return


async def _handle(*errors: Exception) -> None:
    """One connection of an application that fails like that."""

    async def fail(scope: Scope, receive: Receive, send: Send) -> None:
        raise ExceptionGroup("unhandled errors in a TaskGroup", errors)

    await HangUps(fail)({"type": "http", "path": "/api/events"}, _receive, _send)


async def test_a_viewer_may_hang_up() -> None:
    await _handle(BrokenResourceError())


async def test_what_else_goes_wrong_is_told() -> None:
    with pytest.raises(ExceptionGroup) as told:
        await _handle(BrokenResourceError(), ValueError("the server's own"))
    assert [str(error) for error in told.value.exceptions] == ["the server's own"]
