"""Stored pictures of any size and colour, and what is wrong with those that cannot be used."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from car.perception.lane import lane_picture
from models.lane.variants import WHOLE_PICTURE

Picture = NDArray[np.uint8]

_JPEG_BEGINS, _JPEG_SCAN, _JPEG_ENDS = b"\xff\xd8", b"\xff\xda", b"\xff\xd9"
_PNG_BEGINS, _PNG_ENDS = b"\x89PNG", b"IEND"


class PictureError(Exception):
    """A picture that cannot be used; says what kind of problem it is."""


def read_picture(path: Path) -> bytes:
    """The bytes of a picture's file.

    Raises:
        PictureError: if there is no such file, or it cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise PictureError("picture is missing") from error
    except (OSError, ValueError) as error:  # a name that no file can have is a ValueError
        raise PictureError("picture cannot be read") from error


def decoded(data: bytes) -> Picture:
    """A stored picture as (height, width, 3) BGR, whatever its size and colours.

    Raises:
        PictureError: if it is empty, cut off or no picture.
    """
    if not data:
        raise PictureError("picture is empty")
    if _is_cut_off(data):
        raise PictureError("picture is cut off")
    try:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        picture = None
    if picture is None:
        raise PictureError("picture cannot be decoded")
    return np.asarray(picture, np.uint8)


def shrunk(picture: Picture) -> Picture:
    """A picture (height, width, 3) BGR as data sets keep it, (80, 120, 3) RGB; its aspect is not kept."""
    return lane_picture(picture, WHOLE_PICTURE)


def _is_cut_off(data: bytes) -> bool:
    """Whether the end of a JPEG or PNG lacks; some decoders fill up such a picture without a word."""
    if data.startswith(_JPEG_BEGINS):
        return data.rfind(_JPEG_ENDS) < data.rfind(_JPEG_SCAN)
    return data.startswith(_PNG_BEGINS) and _PNG_ENDS not in data[-32:]
