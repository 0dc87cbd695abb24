"""The recording stream of a running car, real or simulated."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from urllib.parse import urlsplit

from pydantic import ValidationError

from fleet.recording import MOMENT_HEADER, RECORDING_PATH, DrivenMoment

STALLED_S = 5.0  # a car that sends nothing for so long is lost
LONGEST_LINE = 4096
LARGEST_PICTURE = 16 * 1024 * 1024


class CarStreamError(RuntimeError):
    """The car cannot be reached, or is lost; names its address."""


@dataclass(frozen=True, slots=True)
class DrivenPicture:
    """A camera picture as JPEG and what the car did on it."""

    moment: DrivenMoment
    jpeg: bytes


class CarStream:
    """An open connection to a car; iterating gives pictures until the car is lost."""

    def __init__(self, url: str, stalled_s: float = STALLED_S) -> None:
        """Connect.

        Args:
            url: of the car's live picture, `http://HOST:PORT/SECRET/stream.mjpg`, as its log tells it.
            stalled_s: after how long without a picture the car counts as lost.

        Raises:
            ValueError: if `url` is no such address.
            CarStreamError: if the car cannot be reached, or offers no recording.
        """
        self._url = url
        self._connection = http.client.HTTPConnection(*_host_and_port(url), timeout=stalled_s)
        try:
            self._connection.request("GET", urlsplit(url).path.rpartition("/")[0] + RECORDING_PATH)
            self._response = self._connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise CarStreamError(f"car {url}: cannot be reached ({error or type(error).__name__})") from error
        if self._response.status != http.HTTPStatus.OK:
            status = self._response.status
            self.close()
            raise CarStreamError(
                f"car {url}: offers no {RECORDING_PATH} there (status {status}); give the address that its log tells"
            )

    def __enter__(self) -> CarStream:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[DrivenPicture]:
        """Pictures in the order in which they were taken.

        Raises:
            CarStreamError: when the car is lost.
        """
        while True:
            try:
                yield self._next()
            except (OSError, http.client.HTTPException) as error:
                raise CarStreamError(f"car {self._url}: lost ({error or type(error).__name__})") from error
            except (ValueError, KeyError) as error:
                raise CarStreamError(f"car {self._url}: sends what is no recording ({error})") from error

    def close(self) -> None:
        """Let the car go."""
        self._connection.close()

    def _next(self) -> DrivenPicture:
        headers: dict[str, str] = {}
        while not headers:  # the boundary, and the blank line that ends the picture before
            headers = self._headers()
        length = int(headers["content-length"])
        if not 0 < length <= LARGEST_PICTURE:
            raise ValueError(f"a picture of {length} bytes")
        jpeg = self._response.read(length)
        if len(jpeg) < length:
            raise ConnectionError("the stream ended within a picture")
        try:
            return DrivenPicture(DrivenMoment.model_validate_json(headers[MOMENT_HEADER.lower()]), jpeg)
        except ValidationError as error:
            raise ValueError(f"{MOMENT_HEADER}: {error.errors()[0]['msg']}") from error

    def _headers(self) -> dict[str, str]:
        """Header lines up to a blank one, by their names in small letters."""
        headers: dict[str, str] = {}
        while True:
            line = self._response.readline(LONGEST_LINE)
            if not line:
                raise ConnectionError("the car has ended the stream")
            if not line.strip():
                return headers
            name, colon, value = line.decode("latin-1").partition(":")
            if colon:
                headers[name.strip().lower()] = value.strip()


def _host_and_port(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or http.client.HTTP_PORT
    except ValueError:
        host, port = None, 0
    if host is None or parts.scheme != "http":
        raise ValueError(f"car {url}: the address must be http://HOST:PORT/…, as the car's log tells it")
    return host, port
