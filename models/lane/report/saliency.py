"""Which pixels the steering hangs on."""

from __future__ import annotations

import cv2
import matplotlib as mpl
import numpy as np
import tensorflow as tf
from matplotlib.figure import Figure
from numpy.typing import NDArray

from models.common.plots import WIDTH_IN, new_figure
from models.common.untyped import Network
from models.lane.dataset import Frames
from models.lane.report.arcs import draw_steering, show_picture, shown_shape
from models.lane.report.errors import FloatArray
from models.lane.report.insides import Inputs, network_inputs
from models.lane.report.pictures import frame_title
from models.lane.variants import Variant

# SmoothGrad (Smilkov et al. 2017): the mean over copies with noise; a single gradient is mostly speckle.
COPIES = 24
NOISE = 12.0  # of 255
BLUR_PX = 1.5


def saliency(network: Network, frames: Frames, seed: int = 0) -> NDArray[np.float32]:
    """How much the steering changes with each pixel: (n, height, width), 0 … 1, each frame by its own scale.

    Args:
        network: takes one frame at a time; a recurrent one gets an empty memory.
        frames: the frames to look at.
        seed: of the noise.
    """
    inputs = network_inputs(network, frames)
    rng = np.random.default_rng(seed)
    return np.stack([_one({name: rows[k] for name, rows in inputs.items()}, network, rng) for k in range(len(frames))])


def _one(row: Inputs, network: Network, rng: np.random.Generator) -> NDArray[np.float32]:
    copies = {name: tf.repeat(values[None], COPIES, axis=0) for name, values in row.items()}
    image = copies["image"] + rng.normal(0, NOISE, copies["image"].shape).astype(np.float32)
    with tf.GradientTape() as tape:
        tape.watch(image)
        steering = network({**copies, "image": image}, training=False)["steering"]
    gradient = np.abs(tape.gradient(steering, image)).sum(axis=3).mean(axis=0)
    smooth = cv2.GaussianBlur(gradient, (0, 0), BLUR_PX)
    return np.asarray(np.clip(smooth / max(1e-12, float(np.quantile(smooth, 0.995))), 0, 1), np.float32)


def draw_saliency(network: Network, variant: Variant, frames: Frames, said: FloatArray) -> Figure:
    """Frames with their arcs and, beside each, the same frame in grey with the pixels that matter glowing."""
    figure = new_figure(len(frames) * (WIDTH_IN / 2 * shown_shape(variant) + 0.3))
    grid = figure.subplots(len(frames), 2, squeeze=False)
    pictures = frames.picture
    for k, shade in enumerate(saliency(network, frames)):
        left, right = grid[k]
        show_picture(left, pictures[k])
        draw_steering(left, variant, float(frames.steering[k]), float(said[k]))
        left.set_title(frame_title(frames, k, float(said[k])).replace("\n", ": "), fontsize=9)
        show_picture(right, glowing(pictures[k], shade))
        right.set_ylim(left.get_ylim())
    return figure


def glowing(picture: NDArray[np.uint8], shade: NDArray[np.float32]) -> NDArray[np.uint8]:
    """A picture (h, w, 3) in dim grey, coloured where `shade` (h, w), 0 … 1, is high."""
    grey = np.repeat(picture.mean(axis=2, keepdims=True), 3, axis=2) * 0.7
    colour = mpl.colormaps["inferno"](shade)[..., :3] * 255
    return np.asarray(grey * (1 - shade[..., None]) + colour * shade[..., None], np.uint8)
