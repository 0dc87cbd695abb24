"""Writes folders of labelled photos byte for byte as labelImg does, by its own code and nothing of ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape

import cv2
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Drawn:
    """A box as labelImg holds it: pixel positions from 0, right and lower ones on the far side of the object."""

    name: str
    xmin: int
    ymin: int
    xmax: int
    ymax: int
    difficult: bool = False

    def written(self, width: int, height: int) -> list[str]:
        """The lines of an object; labelImg never writes 0, and takes what touches the border for truncated."""
        xmin, ymin = max(1, self.xmin), max(1, self.ymin)
        truncated = self.xmax == width or self.ymax == height or xmin == 1 or ymin == 1
        return [
            "\t<object>",
            f"\t\t<name>{escape(self.name)}</name>",
            "\t\t<pose>Unspecified</pose>",
            f"\t\t<truncated>{int(truncated)}</truncated>",
            f"\t\t<difficult>{int(self.difficult)}</difficult>",
            "\t\t<bndbox>",
            f"\t\t\t<xmin>{xmin}</xmin>",
            f"\t\t\t<ymin>{ymin}</ymin>",
            f"\t\t\t<xmax>{self.xmax}</xmax>",
            f"\t\t\t<ymax>{self.ymax}</ymax>",
            "\t\t</bndbox>",
            "\t</object>",
        ]


def photo(seed: int, width: int = 160, height: int = 120) -> NDArray[np.uint8]:
    """A BGR picture with smooth structure, different for every seed."""
    rng = np.random.default_rng(seed)
    return np.asarray(cv2.resize(rng.integers(0, 256, (6, 8, 3), dtype=np.uint8), (width, height)), np.uint8)


def encoded(picture: NDArray[np.uint8], suffix: str = ".jpg") -> bytes:
    """A picture as a file's bytes."""
    return bytes(cv2.imencode(suffix, picture)[1].tobytes())


def annotation(
    filename: str,
    size: tuple[int, int],
    objects: Sequence[Drawn] = (),
    *,
    folder: str = "photos",
    path: str | None = None,
    verified: bool = False,
) -> str:
    """The text of an annotation, tabs and all; labelImg writes UTF-8 without saying so."""
    width, height = size
    lines = [
        '<annotation verified="yes">' if verified else "<annotation>",
        f"\t<folder>{escape(folder)}</folder>",
        f"\t<filename>{escape(filename)}</filename>",
        f"\t<path>{escape(path or f'C:/Users/Günther/Desktop/{folder}/{filename}')}</path>",
        "\t<source>",
        "\t\t<database>Unknown</database>",
        "\t</source>",
        "\t<size>",
        f"\t\t<width>{width}</width>",
        f"\t\t<height>{height}</height>",
        "\t\t<depth>3</depth>",
        "\t</size>",
        "\t<segmented>0</segmented>",
        *(line for each in objects for line in each.written(width, height)),
        "</annotation>",
    ]
    return "\n".join(lines) + "\n"


@dataclass
class Photos:
    """A folder of photos, all 160x120; damage it afterwards."""

    folder: Path
    objects: Mapping[str, Sequence[Drawn]] = field(default_factory=dict)  # by the picture's file name
    apart: bool = False  # Annotations/ and JPEGImages/ instead of all in one folder

    def write(self) -> Path:
        """Write pictures and annotations."""
        for seed, (filename, objects) in enumerate(self.objects.items()):
            self.add(filename, objects, seed)
        return self.folder

    def add(self, filename: str, objects: Sequence[Drawn], seed: int = 0, size: tuple[int, int] = (160, 120)) -> Path:
        """Write one picture and its annotation, whose path comes back."""
        picture = self.picture(filename)
        picture.parent.mkdir(parents=True, exist_ok=True)
        picture.write_bytes(encoded(photo(seed, *size), picture.suffix.lower()))
        return self.annotate(filename, annotation(filename, size, objects))

    def annotate(self, filename: str, text: str) -> Path:
        """Write an annotation alone."""
        path = (self.folder / "Annotations" if self.apart else self.folder) / f"{Path(filename).stem}.xml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))
        return path

    def picture(self, filename: str) -> Path:
        """Where a picture lies."""
        return (self.folder / "JPEGImages" if self.apart else self.folder) / filename
