"""Passing requests, streams and WebSockets on to the server that leads."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager

import httpx
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from server.api.errors import error_answer

CONNECT_TIMEOUT_S = 1.0
HEAD_TIMEOUT_S = 10.0  # until an answer begins; the leader's own database may be slow
FORWARDED_BY = "x-pixelopolis-forwarded-by"
TRY_AGAIN_LATER = 1013
MAX_MESSAGE_BYTES = 64 * 1024

# Of one connection only (RFC 9110, 7.6.1); the rest belongs to whoever is at its ends.
_OWN_OF_A_CONNECTION = frozenset(
    ("connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade")
)
_MADE_ANEW = frozenset(
    ("content-length", "host", "sec-websocket-key", "sec-websocket-version", "sec-websocket-extensions")
)

_log = logging.getLogger(__name__)


async def answer_no_leader(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request or WebSocket while there is nobody to ask."""
    if scope["type"] == "websocket":
        await WebSocket(scope, receive, send).send_denial_response(_no_leader("no server leads"))
    else:
        await _no_leader("no server leads")(scope, receive, send)


def _no_leader(reason: str) -> Response:
    answer = error_answer(503, "no_leader", f"{reason}; try again in a moment")
    answer.headers["Retry-After"] = "1"
    return answer


async def _break_off(near: WebSocket) -> None:
    """End a link whose other side is gone; one that is not open yet gets an answer that says so."""
    if near.application_state is WebSocketState.CONNECTING:
        await near.send_denial_response(_no_leader("the leading server does not answer"))
    else:
        await near.close(TRY_AGAIN_LATER)


class Forwarder:
    """Connections from this server process to the one that leads."""

    def __init__(self, member: str) -> None:
        """`member` is this process."""
        self._member = member
        self._open: set[httpx.Response | ClientConnection] = set()
        timeout = httpx.Timeout(None, connect=CONNECT_TIMEOUT_S)  # a stream may be quiet for as long as it likes
        # The other server is on this network: proxies of the environment are for elsewhere.
        self._client = httpx.AsyncClient(timeout=timeout, trust_env=False, limits=httpx.Limits(max_connections=None))
        self._client.headers.clear()  # what the caller did not ask for, we do not ask for either

    async def forward(self, base_url: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Have one request or WebSocket answered by the server at `base_url`."""
        if scope["type"] == "websocket":
            await self._link(base_url, WebSocket(scope, receive, send))
            return
        request = Request(scope, receive)
        if FORWARDED_BY in request.headers:  # two that take each other for the leader must not play ping-pong
            answer: Response = _no_leader("the lead is changing hands")
        else:
            answer = await self._answer(base_url, request)
        await answer(scope, receive, send)

    async def _answer(self, base_url: str, request: Request) -> Response:
        path = request.scope.get("raw_path") or request.url.path.encode()
        passed_on = self._client.build_request(
            request.method,
            httpx.URL(base_url).copy_with(raw_path=_with_query(path, request.scope["query_string"])),
            headers=[*_passed(request.headers.items()), *self._added(request)],
            content=await request.body(),
        )
        try:
            async with asyncio.timeout(HEAD_TIMEOUT_S):
                answer = await self._client.send(passed_on, stream=True)
        except (httpx.HTTPError, TimeoutError) as error:
            _log.warning("%s: %s", base_url, error or type(error).__name__)
            return _no_leader("the leading server does not answer")
        passed = StreamingResponse(self._body(answer), answer.status_code)
        passed.raw_headers = [
            (key.lower(), value)
            for key, value in answer.headers.raw
            if key.decode("latin-1").lower() not in _OWN_OF_A_CONNECTION
        ]
        return passed

    async def _link(self, base_url: str, near: WebSocket) -> None:
        url = "ws" + base_url.removeprefix("http") + near.url.path
        try:
            async with connect(
                url,
                additional_headers=[*_passed(near.headers.items()), *self._added(near)],
                max_size=MAX_MESSAGE_BYTES,
                open_timeout=CONNECT_TIMEOUT_S,
                proxy=None,
            ) as far:
                await near.accept()
                with self._kept(far):
                    await _both_ways(near, far)
        except InvalidStatus as error:
            _log.info("%s refused a link: %s", base_url, error)
            await near.send_denial_response(Response(bytes(error.response.body), error.response.status_code))
        except (OSError, TimeoutError, WebSocketException) as error:
            _log.warning("%s: %s", base_url, error or type(error).__name__)
            await _break_off(near)

    def _added(self, connection: HTTPConnection) -> list[tuple[str, str]]:
        """Who passes it on, for whom, and by which name and scheme the caller reached us."""
        client = connection.client.host if connection.client else "unknown"
        return [
            (FORWARDED_BY, self._member),
            ("x-forwarded-for", client),
            ("x-forwarded-proto", connection.url.scheme.replace("ws", "http")),
            ("host", connection.headers.get("host", "")),
        ]

    async def _body(self, answer: httpx.Response) -> AsyncIterator[bytes]:
        """The body as it comes; it ends early when the leader does, so that its reader tries again."""
        try:
            with self._kept(answer):
                async for data in answer.aiter_raw():
                    yield data
        except (httpx.HTTPError, httpx.StreamError) as error:
            _log.info("an answer of the leading server broke off: %s", error or type(error).__name__)
        finally:
            await answer.aclose()

    @contextmanager
    def _kept(self, stream: httpx.Response | ClientConnection) -> Iterator[None]:
        self._open.add(stream)
        try:
            yield
        finally:
            self._open.discard(stream)

    async def close(self) -> None:
        """End all connections."""
        for stream in tuple(self._open):
            await (stream.aclose() if isinstance(stream, httpx.Response) else stream.close())
        await self._client.aclose()


def _with_query(path: bytes, query: bytes) -> bytes:
    return path + b"?" + query if query else path


def _passed(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    left_out = _OWN_OF_A_CONNECTION | _MADE_ANEW
    return [(key, value) for key, value in headers if key not in left_out]


async def _both_ways(near: WebSocket, far: ClientConnection) -> None:
    """Pass messages on until one side hangs up; the other is told so."""
    async with asyncio.TaskGroup() as group:
        hearing = group.create_task(_hear(near, far))
        await _tell(near, far)
        hearing.cancel()


async def _hear(near: WebSocket, far: ClientConnection) -> None:
    try:
        while True:
            await far.send(await near.receive_text())
    except (WebSocketDisconnect, ConnectionClosed):
        await far.close()


async def _tell(near: WebSocket, far: ClientConnection) -> None:
    try:
        async for message in far:
            await near.send_text(str(message))
        await near.close(far.close_code or TRY_AGAIN_LATER)
    except ConnectionClosed:
        await near.close(TRY_AGAIN_LATER)
    except (WebSocketDisconnect, RuntimeError):  # the near side has hung up already
        await far.close()
