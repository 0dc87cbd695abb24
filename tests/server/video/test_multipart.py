"""Pictures out of a byte stream, however it is cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.video.multipart import CONTENT_TYPE, DELIMITER, TIMESTAMP_HEADER, picture_part, timestamp_text
from server.video.multipart import (
    MAX_HEADER_BYTES,
    MAX_PICTURE_BYTES,
    MultipartError,
    PictureSplitter,
    SentPicture,
    boundary_of,
)


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
    assert [picture.jpeg for picture in found] == pictures
    assert all(picture.taken_unix_s is None for picture in found)


def test_parts_without_length_end_at_the_next_boundary() -> None:
    splitter = PictureSplitter(b"frame")
    assert splitter.feed(part(b"one", with_length=False)) == []
    assert splitter.feed(part(b"two", with_length=False)) == [SentPicture(b"one", None)]


@given(st.binary(min_size=1, max_size=50), st.floats(0, 4e9))
def test_what_a_car_sends_is_understood(jpeg: bytes, taken_unix_s: float) -> None:
    sent = picture_part(jpeg, {TIMESTAMP_HEADER: timestamp_text(taken_unix_s)})
    (picture,) = PictureSplitter(boundary_of(CONTENT_TYPE)).feed(DELIMITER + sent)
    assert picture.jpeg == jpeg
    assert picture.taken_unix_s == pytest.approx(taken_unix_s, abs=1e-6)


@pytest.mark.parametrize("said", ["", "now", "-1", "1e9", "nan", "9" * 13])
def test_a_timestamp_that_is_none(said: str) -> None:
    sent = DELIMITER + picture_part(b"one", {TIMESTAMP_HEADER: said})
    (picture,) = PictureSplitter(boundary_of(CONTENT_TYPE)).feed(sent)
    assert picture == SentPicture(b"one", None)


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
