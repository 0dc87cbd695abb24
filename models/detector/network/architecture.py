"""The SSD: an Edge TPU style backbone of inverted bottlenecks with SSDLite heads on four feature maps.

Most signs are read when they are 14 to 40 pixels high, so most arithmetic is spent at strides 4 and 8; coarse maps
hand down what is around (Lin et al. 2017, "Feature Pyramid Networks for Object Detection").

The backbone follows MobileNet-EdgeTPU: early stages fuse the expansion and the depthwise convolution into one
dense 3x3, which accelerators and vector units run faster than its parts; later ones keep them separate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import keras
from keras import layers

from models.common.untyped import Network, Tensor
from models.detector.network.anchors import AnchorLayout

PRIOR = 0.01  # what an untrained class head believes, so that background does not swamp the first steps


@dataclass(frozen=True, slots=True)
class Stage:
    """Blocks of one resolution; the first halves it."""

    fused: bool
    expansion: int
    channels: int  # at width 1
    blocks: int
    feature: bool  # whether the heads look at it


STEM_CHANNELS = 16
STAGES = (
    Stage(fused=True, expansion=4, channels=24, blocks=1, feature=False),
    Stage(fused=True, expansion=4, channels=32, blocks=3, feature=True),
    Stage(fused=False, expansion=4, channels=64, blocks=3, feature=True),
    Stage(fused=False, expansion=4, channels=96, blocks=2, feature=True),
    Stage(fused=False, expansion=2, channels=96, blocks=1, feature=True),
)
HEAD_CHANNELS = 64
BOXES, LOGITS = "boxes", "logits"  # layers whose outputs are the two parts of the network's

# Name -> width. Anchors and stages are the same for all.
VARIANTS = {"edge-w0.75": 0.75, "edge-w1.0": 1.0, "edge-w1.5": 1.5}


def build_detector(variant: str, layout: AnchorLayout, class_count: int, batch_size: int | None = None) -> Network:
    """The network, with random weights.

    Input: (B, height, width, 3) RGB, 0..255. Output: (B, N, 4 + class_count), box codes then class logits,
    anchors in the order of `make_anchors`.

    Args:
        variant: a key of VARIANTS.
        layout: gives the input size and the anchors.
        class_count: classes without background.
        batch_size: fixed batch for export; free when not given.

    Raises:
        ValueError: if there is no such variant.
    """
    if variant not in VARIANTS:
        raise ValueError(f"there is no detector variant {variant!r}; known are {', '.join(VARIANTS)}")
    width = VARIANTS[variant]
    image = keras.Input((layout.height_px, layout.width_px, 3), batch_size=batch_size, name="image")
    x = layers.Rescaling(1 / 127.5, -1.0)(image)
    x = _convolution(x, _round(STEM_CHANNELS * width), kernel=3, stride=2)
    features = []
    for stage in STAGES:
        for block in range(stage.blocks):
            x = _bottleneck(x, stage, _round(stage.channels * width), stride=2 if block == 0 else 1)
        if stage.feature:
            features.append(x)
    towers = [_tower(feature, _round(HEAD_CHANNELS * width)) for feature in _handed_down(features)]
    shapes, prior_logit = len(layout.shapes), -math.log(1 / PRIOR - 1)
    boxes = layers.Concatenate(axis=1, name=BOXES)(
        [_head(tower, shapes, 4, 0.0, f"{BOXES}_{k}") for k, tower in enumerate(towers)]
    )
    logits = layers.Concatenate(axis=1, name=LOGITS)(
        [_head(tower, shapes, class_count, prior_logit, f"{LOGITS}_{k}") for k, tower in enumerate(towers)]
    )
    output = layers.Concatenate(axis=-1, name="boxes_and_logits")([boxes, logits])
    return keras.Model(image, output, name=f"ssd_{variant.replace('.', '_')}")


def bare_network(model: Network) -> Network:
    """The same network for pictures in -1 … 1, with box codes and logits apart: what suits int8.

    Each of them then has a scale of its own, and a picture's bytes less 128 are what the first convolution takes.
    """
    answers = [model.get_layer(BOXES).output, model.get_layer(LOGITS).output]
    scaled = next(layer for layer in model.layers if isinstance(layer, layers.Rescaling))
    return keras.Model(scaled.output, answers)


def _round(channels: float) -> int:
    return max(8, round(channels / 8) * 8)


def _normalised(x: Tensor, activate: bool = True) -> Tensor:
    x = layers.BatchNormalization(momentum=0.97)(x)
    return layers.ReLU(6.0)(x) if activate else x


def _convolution(x: Tensor, channels: int, kernel: int, stride: int = 1, activate: bool = True) -> Tensor:
    x = layers.Conv2D(channels, kernel, stride, padding="same", use_bias=False)(x)
    return _normalised(x, activate)


def _bottleneck(x: Tensor, stage: Stage, channels: int, stride: int) -> Tensor:
    before = x
    expanded = x.shape[-1] * stage.expansion
    if stage.fused:
        x = _convolution(x, expanded, kernel=3, stride=stride)
    else:
        x = _convolution(x, expanded, kernel=1)
        x = _normalised(layers.DepthwiseConv2D(3, stride, padding="same", use_bias=False)(x))
    x = _convolution(x, channels, kernel=1, activate=False)
    if stride == 1 and before.shape[-1] == channels:
        x = layers.Add()([before, x])
    return x


def _handed_down(features: list[Tensor]) -> list[Tensor]:
    """The two finest maps with what coarser ones know added; the others as they are."""
    finest, fine, coarse, *rest = features
    fine = layers.Add()([fine, _upsampled(coarse, fine)])
    finest = layers.Add()([finest, _upsampled(fine, finest)])
    return [finest, fine, coarse, *rest]


def _upsampled(coarse: Tensor, like: Tensor) -> Tensor:
    x = _convolution(coarse, like.shape[-1], kernel=1, activate=False)
    x = layers.UpSampling2D(2, interpolation="nearest")(x)
    surplus = x.shape[1] - like.shape[1], x.shape[2] - like.shape[2]  # where the finer map's size is odd
    return layers.Cropping2D(((0, surplus[0]), (0, surplus[1])))(x) if any(surplus) else x


def _tower(feature: Tensor, channels: int) -> Tensor:
    """What box and class heads of a map have in common."""
    x = _normalised(layers.DepthwiseConv2D(3, padding="same", use_bias=False)(feature))
    return _convolution(x, channels, kernel=1)


def _head(feature: Tensor, shapes: int, values: int, bias: float, name: str) -> Tensor:
    x = _normalised(layers.DepthwiseConv2D(3, padding="same", use_bias=False)(feature))
    x = layers.Conv2D(shapes * values, 1, bias_initializer=keras.initializers.Constant(bias), name=name)(x)
    return layers.Reshape((-1, values))(x)
