"""One question to the server, with what Python has of its own."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from urllib.parse import urlsplit

TIMEOUT_S = 5.0


def call_server(
    server_url: str, method: str, path: str, *, body: str | None = None, headers: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """Status and text of the answer.

    Raises:
        OSError: if there is none, or it is no text; names the server.
    """
    parts = urlsplit(server_url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT_S)
    try:
        connection.request(method, parts.path.rstrip("/") + path, body, dict(headers or {}))
        response = connection.getresponse()
        return response.status, response.read().decode("utf-8")
    except (OSError, http.client.HTTPException, UnicodeDecodeError) as error:
        raise OSError(f"server {server_url}: {error or type(error).__name__}") from error
    finally:
        connection.close()


def reason_of(answer: str) -> str:
    """What the server says in an error answer; an empty text for an answer of something else."""
    try:
        return str(json.loads(answer)["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return ""
