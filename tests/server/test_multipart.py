"""Pictures out of a byte stream, however it is cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.multipart import MAX_HEADER_BYTES, MAX_PICTURE_BYTES, MultipartError, PictureSplitter, boundary_of


def part(picture: bytes, *, with_length: bool = True) -> bytes:
    length = f"Content-Length: {len(picture)}\r\n".encode() if with_length else b""
    return b"--frame\r\nContent-Type: image/jpeg\r\n" + length + b"\r\n" + picture + b"\r\n"


@given(st.lists(st.binary(max_size=200), max_size=8), st.data())
def test_any_cut_gives_the_same_pictures(pictures: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(part(picture) for picture in pictures)
    splitter = PictureSplitter(b"frame")
    found = []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        found += splitter.feed(stream[:size])
        stream = stream[size:]
    assert found == pictures


def test_parts_without_length_end_at_the_next_boundary() -> None:
    splitter = PictureSplitter(b"frame")
    assert splitter.feed(part(b"one", with_length=False)) == []
    assert splitter.feed(part(b"two", with_length=False)) == [b"one"]


def test_what_is_no_stream_is_refused() -> None:
    with pytest.raises(MultipartError, match="no part"):
        PictureSplitter(b"frame").feed(b"x" * (MAX_HEADER_BYTES + 1))
    with pytest.raises(MultipartError, match="more than"):
        PictureSplitter(b"frame").feed(b"--frame\r\nContent-Length: 99999999\r\n\r\n")
    with pytest.raises(MultipartError, match="more than"):
        PictureSplitter(b"frame").feed(b"--frame\r\n\r\n" + b"x" * (MAX_PICTURE_BYTES + 1))


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ("multipart/x-mixed-replace; boundary=frame", b"frame"),
        ('multipart/x-mixed-replace;boundary="a b"', b"a"),
        ("Multipart/X-Mixed-Replace; boundary=--frame", b"frame"),
    ],
)
def test_boundaries(content_type: str, boundary: bytes) -> None:
    assert boundary_of(content_type) == boundary


def test_another_content_type() -> None:
    with pytest.raises(MultipartError, match="image/jpeg"):
        boundary_of("image/jpeg")
