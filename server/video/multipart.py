"""Pictures out of a `multipart/x-mixed-replace` stream, the form in which cameras send motion JPEG. Pure."""

from __future__ import annotations

import re
from typing import NamedTuple

MAX_HEADER_BYTES = 8 * 1024
MAX_PICTURE_BYTES = 4 * 1024 * 1024

_BOUNDARY = re.compile(r"multipart/x-mixed-replace\s*;.*?boundary=\"?([^\";,\s]+)", re.IGNORECASE)
_LENGTH = re.compile(rb"^content-length:\s*(\d{1,9})\s*$", re.IGNORECASE | re.MULTILINE)
_TIMESTAMP = re.compile(rb"^x-timestamp:\s*(\d{1,12}(?:\.\d{1,9})?)\s*$", re.IGNORECASE | re.MULTILINE)


class MultipartError(Exception):
    """The stream is not motion JPEG as a car sends it."""


def boundary_of(content_type: str) -> bytes:
    """The boundary that a Content-Type header names.

    Raises:
        MultipartError: if it is not a motion JPEG stream.
    """
    match = _BOUNDARY.match(content_type)
    if match is None:
        raise MultipartError(f"expected multipart/x-mixed-replace with a boundary, not {content_type!r}")
    return match[1].removeprefix("--").encode()


class SentPicture(NamedTuple):
    """A JPEG file, and when it was taken by the sender's calendar, if it says so."""

    jpeg: bytes
    taken_unix_s: float | None


class PictureSplitter:
    """Takes bytes as they come, gives pictures as they become complete."""

    def __init__(self, boundary: bytes) -> None:
        self._delimiter = b"--" + boundary
        self._buffer = b""

    def feed(self, data: bytes) -> list[SentPicture]:
        """The pictures that `data` completes.

        Raises:
            MultipartError: if a header or picture is too large to be one.
        """
        self._buffer += data
        pictures = []
        while (picture := self._next()) is not None:
            pictures.append(picture)
        return pictures

    def _next(self) -> SentPicture | None:
        start = self._buffer.find(self._delimiter)
        head_end = self._buffer.find(b"\r\n\r\n", max(0, start))
        if start < 0 or head_end < 0:
            if len(self._buffer) > MAX_HEADER_BYTES:
                raise MultipartError(f"no part of the stream begins within {MAX_HEADER_BYTES} bytes")
            return None
        body = head_end + 4
        head = self._buffer[start:head_end].replace(b"\r\n", b"\n")
        length = _LENGTH.search(head)
        end = body + int(length[1]) if length else self._buffer.find(b"\r\n" + self._delimiter, body)
        if max(end, len(self._buffer) if end < 0 else 0) - body > MAX_PICTURE_BYTES:
            raise MultipartError(f"a picture of the stream has more than {MAX_PICTURE_BYTES} bytes")
        if end < 0 or len(self._buffer) < end:
            return None
        jpeg, self._buffer = self._buffer[body:end], self._buffer[end:]
        timestamp = _TIMESTAMP.search(head)
        return SentPicture(jpeg, float(timestamp[1]) if timestamp else None)
