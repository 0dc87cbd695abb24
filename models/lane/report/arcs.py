"""Steering drawn on a picture: the way that it leads, and where it is on its scale."""

from __future__ import annotations

import math

import numpy as np
from matplotlib import patheffects
from numpy.typing import NDArray

from city.geometry import Pose
from fleet.steering import curvature_from_steering
from fleet.vehicle import DEFAULT_CAMERA
from models.common.plots import Axes
from models.lane.variants import PICTURE_HEIGHT_PX, PICTURE_WIDTH_PX, Variant
from sim.render.camera import CameraView, project_points

ARC_M = (0.16, 0.70)  # the stretch that is drawn, from the axle
ARC_POINTS = 60
SCALE_PX = 9  # height of the strip below the picture with the scale of steering
# White and whole against orange and broken: told apart by any eye, on any road.
TRUE_COLOUR, SAID_COLOUR = "white", "#E69F00"
SCALE_COLOUR = "#333333"
SCALE_REACH = 0.95  # of the picture's half width, for full scale


def arc_pixels(variant: Variant, steering: float) -> NDArray[np.float64]:
    """(n, 2): where the car's arc runs in the picture that a variant sees, for the camera of the drawing.

    The centre of the top left pixel is at (0.5, 0.5). At most a quarter of a circle.
    """
    curvature_per_m = curvature_from_steering(steering)
    length_m = np.linspace(*ARC_M, ARC_POINTS)
    turned_rad = curvature_per_m * length_m
    length_m, turned_rad = length_m[abs(turned_rad) <= math.pi / 2], turned_rad[abs(turned_rad) <= math.pi / 2]
    ahead_m = length_m * np.sinc(turned_rad / np.pi)
    left_m = length_m * turned_rad / 2 * np.sinc(turned_rad / 2 / np.pi) ** 2
    points_m = np.stack([ahead_m, left_m, np.zeros_like(ahead_m)], axis=1)
    camera = DEFAULT_CAMERA
    pixels = project_points(CameraView.on_car(Pose(0.0, 0.0, 0.0)), points_m, camera.width_px, camera.height_px)
    shrunk = pixels * (PICTURE_WIDTH_PX / camera.width_px, PICTURE_HEIGHT_PX / camera.height_px)
    return np.asarray(shrunk - (0, variant.top_row))


def show_picture(axes: Axes, picture: NDArray[np.uint8]) -> None:
    """A picture (h, w, 3) with its own pixels as coordinates, and nothing around it."""
    height, width = picture.shape[:2]
    axes.imshow(picture, extent=(0, width, height, 0), interpolation="lanczos")
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.axis("off")


def shown_shape(variant: Variant) -> float:
    """Height by width of a picture with the scale below it."""
    height, width, _ = variant.picture_shape
    return (height + SCALE_PX) / width


def draw_steering(axes: Axes, variant: Variant, true: float, said: float) -> None:
    """The true and the predicted arc over a picture that is shown, and both on a scale from -1 to 1 below it.

    The scale is there because a sharp turn leaves the picture at its bottom.
    """
    height, width, _ = variant.picture_shape
    axes.set_ylim(height + SCALE_PX, 0)
    axes.fill_between((0, width), height, height + SCALE_PX, color=SCALE_COLOUR, linewidth=0)
    axes.plot((width / 2, width / 2), (height, height + SCALE_PX), color="white", linewidth=0.8)
    for steering, colour, style, marker in (
        (true, TRUE_COLOUR, "-", "o"),
        (said, SAID_COLOUR, (0, (2.2, 1.2)), "D"),
    ):
        arc = arc_pixels(variant, steering)
        inside = arc[:, 1] < height
        (line,) = axes.plot(*arc[inside].T, color=colour, linestyle=style, linewidth=2.2)
        line.set_path_effects([patheffects.withStroke(linewidth=4.0, foreground="black", alpha=0.75)])
        place = width / 2 * (1 + SCALE_REACH * max(-1.0, min(1.0, steering)))
        axes.plot(place, height + SCALE_PX / 2, marker, color=colour, markersize=4.5)
