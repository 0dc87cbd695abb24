"""Photos as other people's cameras and programs store them, made fit for a data set."""

from __future__ import annotations

import io
import warnings

import numpy as np
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError
from PIL.JpegImagePlugin import JpegImageFile

from models.detector.exchange.problems import UnusableError
from models.detector.pictures.voc import EncodedImage

MAX_BYTES = 128 * 1024 * 1024
MAX_SIDE_PX = 16_384
JPEG_QUALITY = 95
FORMATS = ("JPEG", "PNG")  # and MPO, a JPEG with more than one picture, as many phones make it

# Parts of a JPEG file that are about its pixels. Others tell who took it, where and how it is to be turned.
_PIXEL_PARTS = {"APP0", "APP2", "APP14"}


def read_photo(data: bytes, labelled_px: tuple[int, int] | None) -> EncodedImage:
    """A JPEG or PNG file as an upright JPEG without metadata; one that is like that comes out byte for byte.

    Args:
        data: the file.
        labelled_px: width and height that its annotation says; None if it says nothing. Some programs show a picture
            turned as the camera says, others do not, and boxes belong to what was shown.

    Raises:
        UnusableError: if it is no such picture, is damaged or too large, or has another size than its annotation says.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of small faults, which do no harm
        # Pillow warns of pictures that take much memory, and refuses those that take very much; both are too large.
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            return _encoded(data, labelled_px)
        except UnusableError:
            raise
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
            raise UnusableError("picture is too large", str(error).partition(",")[0]) from error
        except UnidentifiedImageError as error:
            raise UnusableError("picture cannot be decoded", "it is neither JPEG nor PNG") from error
        except Exception as error:  # damaged bytes make decoders raise nearly anything
            raise UnusableError("picture cannot be decoded", str(error)) from error


def _encoded(data: bytes, labelled_px: tuple[int, int] | None) -> EncodedImage:
    image = Image.open(io.BytesIO(data), formats=FORMATS)
    if max(image.size) > MAX_SIDE_PX:
        raise UnusableError("picture is too large", f"{image.width}x{image.height}; at most {MAX_SIDE_PX} a side")
    image.load()
    shown = _shown(image, labelled_px)
    if shown is image and isinstance(image, JpegImageFile) and _is_plain(image):
        return EncodedImage(data, image.width, image.height)
    stored = io.BytesIO()
    # Signs differ by colour, which JPEG otherwise keeps at half the resolution.
    _as_rgb(shown).save(stored, "JPEG", quality=JPEG_QUALITY, subsampling=0, comment=b"")
    return EncodedImage(stored.getvalue(), shown.width, shown.height)


def _shown(image: Image.Image, labelled_px: tuple[int, int] | None) -> Image.Image:
    """The picture as whoever labelled it saw it."""
    orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    turned_px = image.size[::-1] if orientation in (5, 6, 7, 8) else image.size
    if labelled_px in (None, turned_px):
        return image if orientation == 1 else ImageOps.exif_transpose(image)
    if labelled_px == image.size:
        return image
    raise UnusableError(
        "picture has another size than its annotation says",
        f"{turned_px[0]}x{turned_px[1]}, not {labelled_px[0]}x{labelled_px[1]}",
    )


def _is_plain(image: JpegImageFile) -> bool:
    parts = {name for name, _ in image.applist}
    return image.format == "JPEG" and image.mode in ("RGB", "L") and parts <= _PIXEL_PARTS


def _as_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits a pixel, which `convert` would cut off instead of scaling
        return Image.fromarray((np.asarray(image).astype(np.int32) >> 8).clip(0, 255).astype(np.uint8)).convert("RGB")
    return image.convert("RGB")
