"""The lane model: a picture and a command in, steering out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from car.camera.frame import Picture
from car.perception.seen import LaneView
from car.perception.sidecar import COMMANDS, LaneInput, LaneSidecar, ModelError, read_sidecar
from car.perception.standardise import standardised
from car.perception.tflite import TfliteModel
from city.city import Command

__all__ = ["LaneModel", "LaneView", "lane_picture"]


def lane_picture(picture_bgr: Picture, wanted: LaneInput) -> Picture:
    """Crop, shrink and recolour a camera picture (h, w, 3) BGR to what a lane model sees.

    Training uses this very function, so that both see the same. Returns (height_px, width_px, 3) uint8.
    """
    top = round(picture_bgr.shape[0] * wanted.crop_top_fraction)
    small = cv2.resize(picture_bgr[top:], (wanted.width_px, wanted.height_px), interpolation=cv2.INTER_AREA)
    code = cv2.COLOR_BGR2RGB if wanted.colour == "rgb" else cv2.COLOR_BGR2YUV
    converted: Picture = cv2.cvtColor(small, code)
    return standardised(converted) if wanted.standardised else converted


class LaneModel:
    """Any lane .tflite with its sidecar."""

    def __init__(self, path: Path, threads: int = 1, memory_every: int | None = None) -> None:
        """Load.

        Args:
            path: the .tflite file.
            threads: that it may use.
            memory_every: of a recurrent model: at each how many looks it takes up what it sees; as the sidecar says,
                which is right for a car's camera, when not given.

        Raises:
            ModelError: if model and sidecar are missing, wrong, or do not fit each other.
        """
        self.sidecar = read_sidecar(path, LaneSidecar)
        self._memory_every = memory_every or self.sidecar.memory_every
        self._model = TfliteModel(path, threads)
        wanted = self.sidecar.input
        self._image = self._model.input(self.sidecar.inputs.image)
        shape = tuple(int(n) for n in self._image["shape"])
        if shape != (1, wanted.height_px, wanted.width_px, 3):
            raise ModelError(path, f"takes a picture {shape}, the sidecar says {wanted.height_px} x {wanted.width_px}")
        if self._image["dtype"] not in (np.uint8, np.float32):
            raise ModelError(path, f"takes {self._image['dtype'].__name__} pictures, not uint8 or float32")
        name = self.sidecar.inputs.command
        self._command = None if name is None else self._model.input(name)
        self._one_hot = {
            command: np.eye(len(COMMANDS), dtype=np.float32)[k : k + 1] for k, command in enumerate(COMMANDS)
        }
        outputs = self.sidecar.outputs
        self._steering = self._model.output(outputs.steering)
        self._lateral = None if outputs.lateral_m is None else self._model.output(outputs.lateral_m)
        self._heading = None if outputs.heading_rad is None else self._model.output(outputs.heading_rad)
        if len(outputs.memory) != len(self.sidecar.inputs.memory):
            raise ModelError(path, "takes another number of memories than it gives; see 'memory' in the sidecar")
        self._memory_in = [self._model.input(name) for name in self.sidecar.inputs.memory]
        self._memory_out = [self._model.output(name) for name in outputs.memory]
        self.memory: list[NDArray[Any]] = []
        self.reset()

    def reset(self) -> None:
        """Forget what a recurrent model remembers: at the start of a drive, and after a gap between frames."""
        self.memory = [np.zeros(detail["shape"], np.float32) for detail in self._memory_in]
        self._looks = 0

    def look(self, picture_bgr: Picture, command: Command) -> LaneView:
        """Steering for a camera picture (h, w, 3) BGR under a command."""
        return self.judge(lane_picture(picture_bgr, self.sidecar.input), command)

    def judge(self, picture: Picture, command: Command) -> LaneView:
        """Steering for a picture that is cropped and shrunk already, as `lane_picture` gives it."""
        self._model.set(self._image, picture[None].astype(self._image["dtype"], copy=False))
        if self._command is not None:
            self._model.set(self._command, self._one_hot[command])
        for detail, value in zip(self._memory_in, self.memory, strict=True):
            self._model.set(detail, value)
        self._model.invoke()
        if self._looks % self._memory_every == 0:
            self.memory = [self._model.get(detail) for detail in self._memory_out]
        self._looks += 1
        steering = float(self._model.get(self._steering).flat[0])
        return LaneView(
            max(-1.0, min(1.0, steering)),
            None if self._lateral is None else float(self._model.get(self._lateral).flat[0]),
            None if self._heading is None else float(self._model.get(self._heading).flat[0]),
        )
