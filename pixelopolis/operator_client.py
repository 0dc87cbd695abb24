"""An operator at the command line: calls to the server with the key of a session that is kept in a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import httpx

from fleet.key_file import key_path, read_key, write_key

KEY_VARIABLE = "PIXELOPOLIS_OPERATOR_KEY"
TIMEOUT_S = 10.0
_HOLDER = "operator"


class OperatorError(RuntimeError):
    """The server does not do what an operator asks; the message says why, and the way out."""


class OperatorClient:
    """One server as an operator sees it."""

    def __init__(self, server_url: str) -> None:
        self._url = server_url.rstrip("/")

    @property
    def key_file(self) -> Path:
        """Where the session's key is kept."""
        return key_path(_HOLDER, self._url)

    def open_session(self, path: str, body: dict[str, Any]) -> None:
        """Log in, or enrol, and keep the key of the session.

        Raises:
            OperatorError: if the server refuses.
            OSError: if it does not answer, or the key cannot be kept.
        """
        write_key(self.key_file, self._call("POST", path, body, {})["key"])

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:  # noqa: ANN401  # any JSON
        """The answer to a call with the session's key; None where there is nothing to answer.

        Raises:
            OperatorError: if nobody is logged in, or the server refuses.
            OSError: if it does not answer, or the key cannot be read.
        """
        key = os.environ.get(KEY_VARIABLE) or read_key(self.key_file)
        if not key:
            raise OperatorError(f"not logged in at {self._url}: pixelopolis operator login --server {self._url}")
        return self._call(method, path, body, {"Authorization": f"Bearer {key}"})

    def close_session(self) -> None:
        """Log out, and forget the key.

        Raises:
            OperatorError: if nobody is logged in, or the session is over already.
            OSError: if the server does not answer.
        """
        try:
            self.call("DELETE", "/api/me/session")
        finally:
            self.key_file.unlink(missing_ok=True)

    def _call(self, method: str, path: str, body: dict[str, Any] | None, headers: dict[str, str]) -> Any:  # noqa: ANN401
        try:
            answer = httpx.request(method, self._url + path, json=body, headers=headers, timeout=TIMEOUT_S)
        except httpx.HTTPError as error:
            raise OSError(f"server {self._url}: {error or type(error).__name__}") from error
        if not answer.is_success:
            raise OperatorError(f"server {self._url}: {reason_of(answer)}")
        return answer.json() if answer.content else None


def reason_of(answer: httpx.Response) -> str:
    """What the server says in an error answer."""
    try:
        return str(answer.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return f"status {answer.status_code}; is it a Pixelopolis server?"
