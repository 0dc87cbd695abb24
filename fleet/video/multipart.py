"""The form of the stream: motion JPEG as `multipart/x-mixed-replace`, which browsers show in an `img` element."""

from __future__ import annotations

BOUNDARY = "pixelopolis-picture"
DELIMITER = f"--{BOUNDARY}\r\n".encode()  # begins a stream; later ones are the ends of parts
CONTENT_TYPE = f"multipart/x-mixed-replace; boundary={BOUNDARY}"
TIMESTAMP_HEADER = "X-Timestamp"  # when the picture was taken: seconds since 1970, by the car's clock
# A header of the next picture, sent ahead of it, so that the viewer acknowledges something and tells how far it is.
PROBE = b"X-Waiting: 1\r\n"
# The first one is longer: Linux announces more room only when much comes in, and less only when it notices.
FIRST_PROBE = 20 * (b"X-Waiting: " + 100 * b"." + b"\r\n")
NOT_STORED = {"Cache-Control": "no-store"}


def timestamp_text(taken_unix_s: float) -> str:
    """The value of a timestamp header, to the microsecond."""
    return f"{taken_unix_s:.6f}"


def picture_part(jpeg: bytes, headers: dict[str, str]) -> bytes:
    """One picture of the stream, with further headers. It ends with the next one's boundary.

    Browsers show a picture only once they have seen the boundary behind it; else each would wait for the next.
    """
    head = {"Content-Type": "image/jpeg", "Content-Length": str(len(jpeg)), **headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    return f"{lines}\r\n".encode() + jpeg + b"\r\n" + DELIMITER
