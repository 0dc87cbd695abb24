"""Photos of every kind become upright JPEGs; damaged and hostile ones are told by their kind."""

from __future__ import annotations

import io
import struct
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags, Image

from models.detector.exchange.photo import read_photo
from models.detector.exchange.problems import UnusableError
from models.detector.pictures.voc import EncodedImage
from tests.models_detector.labelimg_by_hand import encoded, photo

PICTURE = photo(1)
JPEG = encoded(PICTURE)
GPS_TAG = 0x8825


def with_exif(orientation: int, picture: Image.Image | None = None, comment: bytes = b"by Eve") -> bytes:
    """A JPEG as a phone makes it: turned by a note, and with the place where it was taken."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Make] = "Phone"
    exif.get_ifd(GPS_TAG)[1] = "N"
    stored = io.BytesIO()
    image = Image.fromarray(PICTURE[..., ::-1]) if picture is None else picture
    image.save(stored, "JPEG", quality=95, exif=exif, comment=comment)
    return stored.getvalue()


def pixels(image: EncodedImage) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    decoded = cv2.imdecode(np.frombuffer(image.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    assert decoded.shape == (image.height_px, image.width_px, 3)
    return np.asarray(decoded, np.int64)


def test_a_plain_jpeg_comes_out_byte_for_byte() -> None:
    assert read_photo(JPEG, (160, 120)) == EncodedImage(JPEG, 160, 120)
    grey = encoded(np.asarray(PICTURE[..., 0]))
    assert read_photo(grey, None) == EncodedImage(grey, 160, 120)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_photo_is_turned_as_it_was_labelled(orientation: int) -> None:
    """Whoever labelled it saw the picture as the camera says, or as it is stored; the size tells which."""
    upright = cv2.resize(PICTURE, (160, 120))
    turned = orientation >= 5
    size = (120, 160) if turned else (160, 120)
    data = with_exif(orientation)
    expected = pixels(EncodedImage(data, *size))  # OpenCV turns as the camera says
    for labelled in (size, None):
        shown = read_photo(data, labelled)
        assert (shown.width_px, shown.height_px) == size
        assert np.abs(pixels(shown) - expected).mean() < 4
    if turned:
        as_stored = read_photo(data, (160, 120))
        assert np.abs(pixels(as_stored) - upright).mean() < 4


def test_nothing_is_kept_of_who_took_it_and_where() -> None:
    data = with_exif(1)
    assert b"by Eve" in data
    image = Image.open(io.BytesIO(read_photo(data, None).jpeg))
    assert not image.getexif()
    assert not {"exif", "comment", "xmp"} & image.info.keys()


def test_a_phones_file_of_several_pictures_gives_the_first() -> None:
    stored = io.BytesIO()
    first, second = (Image.fromarray(photo(k)[..., ::-1]) for k in (1, 2))
    first.save(stored, "MPO", save_all=True, append_images=[second], quality=95)
    image = read_photo(stored.getvalue(), (160, 120))
    assert np.abs(pixels(image) - PICTURE).mean() < 4
    assert Image.open(io.BytesIO(image.jpeg)).format == "JPEG"


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1"])
def test_a_png_of_any_kind_becomes_a_jpeg(mode: str) -> None:
    source = Image.fromarray(PICTURE[..., ::-1]).convert(mode)
    stored = io.BytesIO()
    source.save(stored, "PNG")
    expected = np.asarray(source.convert("RGB"), np.int64)[..., ::-1]
    limit = 20 if mode == "1" else 4  # JPEG does not like dithering
    assert np.abs(pixels(read_photo(stored.getvalue(), (160, 120))) - expected).mean() < limit


def test_sixteen_bits_are_scaled_to_eight() -> None:
    deep = (PICTURE[..., 0].astype(np.uint16) << 8) + 77
    image = read_photo(encoded(deep, ".png"), None)  # type: ignore[arg-type]
    assert np.abs(pixels(image) - PICTURE[..., :1]).mean() < 4


def test_colours_of_printing_are_understood() -> None:
    stored = io.BytesIO()
    Image.fromarray(PICTURE[..., ::-1]).convert("CMYK").save(stored, "JPEG", quality=95)
    assert np.abs(pixels(read_photo(stored.getvalue(), None)) - PICTURE).mean() < 6


def png_of(width: int, height: int) -> bytes:
    """A few bytes that claim to be a PNG of any size."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


GIF = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"
BAD = {
    "empty": (b"", "picture cannot be decoded: it is neither JPEG nor PNG"),
    "text": (b"not a picture", "neither JPEG nor PNG"),
    "gif": (GIF, "neither JPEG nor PNG"),
    "cut off": (JPEG[: len(JPEG) // 2], "picture cannot be decoded: image file is truncated"),
    "png cut off": (encoded(PICTURE, ".png")[:2000], "picture cannot be decoded"),
    "2 gigapixels": (png_of(60_000, 40_000), "picture is too large"),
    "100 megapixels": (png_of(10_000, 10_000), "picture is too large"),
    "long": (png_of(100_000, 2), "picture is too large: 100000x2; at most 16384 a side"),
    "png without pixels": (png_of(100, 100), "picture cannot be decoded"),
}


@pytest.mark.parametrize(("data", "said"), BAD.values(), ids=BAD.keys())
def test_what_is_no_good_picture_is_told(data: bytes, said: str) -> None:
    with pytest.raises(UnusableError) as caught:
        read_photo(data, None)
    assert said in str(caught.value)


def test_a_picture_that_was_scaled_after_it_was_labelled_is_refused() -> None:
    with pytest.raises(UnusableError, match="160x120, not 4000x3000"):
        read_photo(JPEG, (4000, 3000))


@given(st.data())
def test_damaged_bytes_give_a_picture_or_a_problem_and_nothing_else(data: st.DataObject) -> None:
    source = bytearray(data.draw(st.sampled_from([JPEG, encoded(PICTURE, ".png"), with_exif(6)])))
    for _ in range(data.draw(st.integers(1, 8))):
        source[data.draw(st.integers(0, len(source) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(source)))
    for candidate in (bytes(source), bytes(source[:cut])):
        try:
            image = read_photo(candidate, None)
        except UnusableError:
            continue
        pixels(image)
