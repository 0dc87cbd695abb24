"""The form of the stream: motion JPEG as `multipart/x-mixed-replace`, which browsers show in an `img` element."""

from __future__ import annotations

BOUNDARY = "pixelopolis-picture"
CONTENT_TYPE = f"multipart/x-mixed-replace; boundary={BOUNDARY}"
TIMESTAMP_HEADER = "X-Timestamp"  # when the picture was taken: seconds since 1970, by the car's clock
NOT_STORED = {"Cache-Control": "no-store"}


def timestamp_text(taken_unix_s: float) -> str:
    """The value of a timestamp header, to the microsecond."""
    return f"{taken_unix_s:.6f}"


def picture_part(jpeg: bytes, headers: dict[str, str]) -> bytes:
    """One picture of the stream, with further headers."""
    head = {"Content-Type": "image/jpeg", "Content-Length": str(len(jpeg)), **headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    return f"--{BOUNDARY}\r\n{lines}\r\n".encode() + jpeg + b"\r\n"
