"""A look into a network: what its first filters are, and what they answer to some frames."""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from car.perception.sidecar import COMMANDS
from models.common.plots import WIDTH_IN, new_figure
from models.common.untyped import Network
from models.lane.dataset import Frames
from models.lane.report.arcs import show_picture

_COLUMNS = 8
_SHEET_SHARE = 2.1  # width of the answers against that of the picture
_ACTIVATION_LAYERS = (keras.layers.BatchNormalization, keras.layers.ReLU, keras.layers.ELU, keras.layers.Activation)

Inputs = dict[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class FirstLayer:
    """The convolution that looks at the picture itself."""

    network: Network  # the network, or the one nested in it, that the layer belongs to
    kernel: NDArray[np.float32]  # (height, width, 3, filters)
    output: Network  # from the inputs of `network` to what the next layer gets


def network_inputs(network: Network, frames: Frames) -> Inputs:
    """Inputs by name for a network that takes one frame at a time; a recurrent one's memory begins empty."""
    known = {
        "image": frames.picture.astype(np.float32),
        "command": np.eye(len(COMMANDS), dtype=np.float32)[frames.command],
    }
    if len(network.inputs) == 1:
        return {network.inputs[0].name: known["image"]}
    return {
        x.name: known[x.name] if x.name in known else np.zeros((len(frames), *x.shape[1:]), np.float32)
        for x in network.inputs
    }


def first_layer(network: Network) -> FirstLayer | None:
    """The first convolution over a colour picture, in nested networks too; None if there is none."""
    for place, layer in enumerate(network.layers):
        inner = getattr(layer, "layer", layer)  # of a TimeDistributed
        if hasattr(inner, "layers") and (found := first_layer(inner)) is not None:
            return found
        if isinstance(inner, keras.layers.Conv2D) and inner.kernel.shape[2] == 3:
            last = layer
            for following in network.layers[place + 1 :]:
                if not isinstance(following, _ACTIVATION_LAYERS):
                    break
                last = following
            output = keras.Model(network.inputs, last.output)
            return FirstLayer(network, np.asarray(inner.kernel), output)
    return None


def filter_tiles(kernel: NDArray[np.float32]) -> NDArray[np.float32]:
    """(filters, height, width, 3) in 0 … 1: each filter as a small picture, grey where a weight is zero."""
    tiles = np.moveaxis(kernel, -1, 0)
    strongest = np.abs(tiles).max(axis=(1, 2, 3), keepdims=True)
    return np.asarray(0.5 + 0.5 * tiles / np.maximum(strongest, 1e-12), np.float32)


def draw_filters(layer: FirstLayer) -> Figure:
    """Every filter as a picture of the colours that it answers to."""
    tiles = filter_tiles(layer.kernel)
    rows = -(-len(tiles) // _COLUMNS)
    figure = new_figure(rows * WIDTH_IN / _COLUMNS + 0.15 * rows)
    grid = figure.subplots(rows, _COLUMNS, squeeze=False)
    for axes in grid.flat:
        axes.axis("off")
    for k, (axes, tile) in enumerate(zip(grid.flat, tiles, strict=False)):
        axes.imshow(tile, interpolation="nearest")
        axes.set_title(str(k + 1), fontsize=8, pad=2)
    return figure


def draw_activations(layer: FirstLayer, frames: Frames) -> Figure:
    """For each of a few frames the picture and, beside it, the answers of all filters, in the filters' order."""
    inputs = network_inputs(layer.network, frames)
    answers = np.asarray(layer.output([inputs[x.name] for x in layer.network.inputs]))
    low, high = answers.min(axis=(0, 1, 2)), np.quantile(answers, 0.998, axis=(0, 1, 2))
    shades = np.clip((answers - low) / np.maximum(high - low, 1e-6), 0, 1)
    sheets = [_montage(shade) for shade in shades]
    share = _SHEET_SHARE / (1 + _SHEET_SHARE)
    figure = new_figure(len(sheets) * share * WIDTH_IN * sheets[0].shape[0] / sheets[0].shape[1])
    grid = figure.subplots(len(sheets), 2, squeeze=False, width_ratios=(1, _SHEET_SHARE))
    for (left, right), picture, sheet, command in zip(grid, frames.picture, sheets, frames.command, strict=True):
        show_picture(left, picture)
        left.set_title(COMMANDS[command].value, fontsize=9)
        right.imshow(sheet, cmap="cividis", vmin=0, vmax=1, interpolation="nearest")
        right.axis("off")
    return figure


def _montage(maps: NDArray[np.float32], columns: int = 4) -> NDArray[np.float32]:
    """(h, w, n) as one picture of n tiles with gaps, which are NaN."""
    height, width, count = maps.shape
    rows = -(-count // columns)
    gap = 2
    sheet = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap), np.nan, np.float32)
    for k in range(count):
        top, left = k // columns * (height + gap), k % columns * (width + gap)
        sheet[top : top + height, left : left + width] = maps[:, :, k]
    return sheet
