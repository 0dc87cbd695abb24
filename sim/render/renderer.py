"""Renders a scene for many cameras at once.

    renderer = Renderer(slots=3)                       # 320x240, one atlas with room for three pictures
    renderer.load(Scene.build(city, seed=1))           # again with scene.restyled(style): only changes are uploaded
    frames = renderer.render([CameraView.on_car(pose, hide_car="car-1")], [CarInstance("car-1", pose)], ids=True)
    frames[0].image                                    # (240, 320, 3) uint8, blue green red, row 0 on top
    frames[0].ids                                      # (240, 320) uint16: 0 background, 1 + k sign k, 1000 + k car k

Software rendering (Mesa llvmpipe) through EGL, without a display. One context per process, created on first use and
shared by all renderers; never fork after that, and use it from one thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import moderngl
import numpy as np
from numpy.typing import NDArray

from fleet.vehicle import DEFAULT_CAMERA
from sim.render.camera import CameraView
from sim.render.car_mesh import CarInstance
from sim.render.gpu import GpuScene, RenderError, shared_context
from sim.render.scene import Scene

__all__ = ["CameraView", "CarInstance", "Frame", "RenderError", "Renderer"]


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture: (height, width, 3) uint8 BGR, and (height, width) uint16 ids if they were asked for."""

    image: NDArray[np.uint8]
    ids: NDArray[np.uint16] | None = None


class Renderer:
    """Draws pictures of one size. All of a call's pictures share one framebuffer and one read-back."""

    def __init__(
        self,
        width_px: int = DEFAULT_CAMERA.width_px,
        height_px: int = DEFAULT_CAMERA.height_px,
        slots: int = 1,
        supersample: int = 1,
    ) -> None:
        """Prepare for pictures of width_px x height_px.

        Args:
            width_px: width of a picture.
            height_px: height of a picture.
            slots: greatest number of pictures in one call.
            supersample: rays per pixel along each side; 2 gives smooth edges at about four times the cost.

        Raises:
            RenderError: if there is no EGL context to be had.
        """
        self._size = width_px, height_px
        self._slots = slots
        self._supersample = supersample
        self._drawn = width_px * supersample, height_px * supersample
        self._scene = GpuScene()
        self._plain: moderngl.Framebuffer | None = None
        self._with_ids: moderngl.Framebuffer | None = None

    def load(self, scene: Scene) -> None:
        """Render this scene from now on."""
        self._scene.load(scene)

    def render(self, views: Sequence[CameraView], cars: Sequence[CarInstance], *, ids: bool = False) -> list[Frame]:
        """One frame for each view, all of the same moment.

        Raises:
            ValueError: if there are more views than slots, or more cars than `MAX_CARS`.
            RenderError: if no scene is loaded.
        """
        if len(views) > self._slots:
            raise ValueError(f"{len(views)} views, but the renderer was made for {self._slots} (slots=)")
        if not views:
            return []
        width, height = self._drawn
        target = self._target(ids)
        target.use()
        target.viewport = (0, 0, width, height * self._slots)
        target.clear(depth=1.0)
        self._scene.place_cars(cars)
        for slot, view in enumerate(views):
            target.viewport = (0, slot * height, width, height)
            self._scene.draw(view, width, height)
        area = (0, 0, width, height * len(views))
        pixels = np.frombuffer(target.read(area, components=4, alignment=1), np.uint8)
        images = pixels.reshape(len(views), height, width, 4)
        marks: Sequence[NDArray[np.uint16] | None] = [None] * len(views)
        if ids:
            raw = target.read(area, components=1, attachment=1, alignment=1, dtype="u2")
            marks = list(np.frombuffer(raw, np.uint16).reshape(len(views), height, width))
        return [self._frame(image, mark) for image, mark in zip(images, marks, strict=True)]

    def _frame(self, pixels: NDArray[np.uint8], marks: NDArray[np.uint16] | None) -> Frame:
        image = cv2.cvtColor(pixels, cv2.COLOR_BGRA2BGR)
        if self._supersample > 1:
            image = cv2.resize(image, self._size, interpolation=cv2.INTER_AREA)
            if marks is not None:
                middle = self._supersample // 2
                marks = np.ascontiguousarray(marks[middle :: self._supersample, middle :: self._supersample])
        return Frame(image, marks)

    def _target(self, ids: bool) -> moderngl.Framebuffer:
        """The framebuffer to draw into; ids cost time, so they have their own."""
        context = shared_context()
        size = self._drawn[0], self._drawn[1] * self._slots
        if ids:
            if self._with_ids is None:
                marks = context.renderbuffer(size, 1, dtype="u2")
                colour = context.renderbuffer(size, 4)
                self._with_ids = context.framebuffer([colour, marks], context.depth_renderbuffer(size))
            return self._with_ids
        if self._plain is None:
            self._plain = context.framebuffer([context.renderbuffer(size, 4)], context.depth_renderbuffer(size))
        return self._plain
