"""Pictures for a detector to look at: how long it takes depends on what there is to see."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

COUNT = 64
SEED = 1_000_071  # a world that no training used
SUFFIXES = (".jpg", ".jpeg", ".png")

Pictures = list[NDArray[np.uint8]]


def rendered_pictures() -> Pictures:
    """BGR camera pictures from the simulator, with signs and cars.

    Raises:
        RuntimeError: if nothing can be rendered here.
    """
    from models.detector.pictures.collect import examples
    from sim.render.renderer import RenderError

    try:
        return [example.image for example in examples(COUNT, SEED)]
    except RenderError as error:
        raise RuntimeError(f"{error}; or give pictures of your own with --pictures FOLDER") from error


def pictures_in(folder: Path) -> Pictures:
    """The first pictures of a folder, BGR, in the order of their names.

    Raises:
        ValueError: if there is none, or one that is none.
    """
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)[:COUNT]
    if not paths:
        raise ValueError(f"{folder}: has no picture that ends in {', '.join(SUFFIXES)}")
    pictures = []
    for path in paths:
        picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
        if picture is None:
            raise ValueError(f"{path}: is no picture that can be read")
        pictures.append(np.asarray(picture, np.uint8))
    return pictures
