"""An operator's session that a program keeps, with calls to the server."""

from __future__ import annotations

import os
from http import HTTPStatus
from typing import Any

import httpx

from pixelopolis.commands.operator import PASSWORD_VARIABLE
from pixelopolis.commands.server import OPERATOR_CODE_VARIABLE
from pixelopolis.errors import UsageError
from pixelopolis.operator_client import OperatorError, reason_of

TIMEOUT_S = 10.0


class StaffSession:
    """An operator by name and password, enrolled with the server's own code where it is not known yet."""

    def __init__(self, server_url: str, name: str) -> None:
        """Take password and code from the environment.

        Raises:
            UsageError: if there is no password.
        """
        self._url = server_url.rstrip("/")
        self._name = name
        self._password = os.environ.get(PASSWORD_VARIABLE, "")
        self._code = os.environ.get(OPERATOR_CODE_VARIABLE)
        if not self._password:
            raise UsageError(f"set {PASSWORD_VARIABLE}, or {PASSWORD_VARIABLE}_FILE to a file that holds it")
        self._http = httpx.AsyncClient(base_url=self._url, timeout=TIMEOUT_S)
        self._key: str | None = None

    async def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:  # noqa: ANN401  # any JSON
        """The answer to an operator's call; logs in where that is needed.

        Raises:
            OperatorError: if the server refuses.
            OSError: if it does not answer.
        """
        if self._key is None:
            self._key = await self._log_in()
        answer = await self._send(method, path, body, self._key)
        if answer.status_code == HTTPStatus.UNAUTHORIZED:  # the session is over
            self._key = await self._log_in()
            answer = await self._send(method, path, body, self._key)
        return self._content(answer)

    async def is_valid(self, key: str) -> bool:
        """Whether the server knows a device's key.

        Raises:
            OperatorError: if the server says something else.
            OSError: if it does not answer.
        """
        answer = await self._send("GET", "/api/me", None, key)
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            return False
        self._content(answer)
        return True

    async def enrol_car(self, car_id: str) -> str:
        """A new key for a car.

        Raises:
            OperatorError: if the server refuses.
            OSError: if it does not answer.
        """
        device = {"role": "car", "name": car_id}
        issued = await self.call("POST", "/api/operator/codes", device)
        answer = await self._send("POST", "/api/enrolments", device | {"code": issued["code"]}, None)
        return str(self._content(answer)["key"])

    async def close(self) -> None:
        """End the session and all connections."""
        try:
            if self._key is not None:
                await self._send("DELETE", "/api/me/session", None, self._key)
        finally:
            await self._http.aclose()

    async def _log_in(self) -> str:
        who = {"name": self._name, "password": self._password}
        answer = await self._send("POST", "/api/sessions", who, None)
        if answer.is_client_error and answer.status_code != HTTPStatus.TOO_MANY_REQUESTS and self._code:
            answer = await self._send("POST", "/api/operators", who | {"code": self._code}, None)
        return str(self._content(answer)["key"])

    async def _send(self, method: str, path: str, body: dict[str, Any] | None, key: str | None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        try:
            return await self._http.request(method, path, json=body, headers=headers)
        except httpx.HTTPError as error:
            raise OSError(f"server {self._url}: {error or type(error).__name__}") from error

    def _content(self, answer: httpx.Response) -> Any:  # noqa: ANN401  # any JSON
        if answer.is_success:
            return answer.json() if answer.content else None
        raise OperatorError(f"server {self._url}: {reason_of(answer)}")
