"""Makes the real, tiny TFLite models beside this file: `python tests/car/tiny_models/make.py`; needs TensorFlow."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any, TypeAlias

Untyped: TypeAlias = Any  # TensorFlow has no types

LANE_HEIGHT, LANE_WIDTH = 20, 40
DETECTOR_HEIGHT, DETECTOR_WIDTH = 48, 80
# (centre y, centre x, height, width) of the two anchors, as fractions of what the detector sees.
ANCHORS = ((0.5, 0.25, 0.5, 0.25), (0.5, 0.75, 0.5, 0.25))
LABELS = ["Hand", "Car"]


def write_models(out: Path) -> None:
    """lane.tflite (uint8, command, lateral), plain.tflite (float32), memory.tflite (recurrent), detector.tflite."""
    import tensorflow as tf

    _write_lane(tf, out)
    _write_plain(tf, out)
    _write_memory(tf, out)
    _write_detector(tf, out)


def _convert(tf: Untyped, module: Untyped, function: Untyped) -> bytes:
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function.get_concrete_function()], module)
    model: bytes = converter.convert()
    return model


def _write_lane(tf: Untyped, out: Path) -> None:
    """Steering is the picture's brightness from -0.5 to 0.5, and 0.3 to the side of the command."""

    @tf.function(  # type: ignore[untyped-decorator]  # TensorFlow has no types
        input_signature=[
            tf.TensorSpec((1, LANE_HEIGHT, LANE_WIDTH, 3), tf.uint8, name="image"),
            tf.TensorSpec((1, 4), tf.float32, name="command"),
        ]
    )
    def look(image: Untyped, command: Untyped) -> dict[str, Untyped]:
        bright = tf.reduce_mean(tf.cast(image, tf.float32), axis=(1, 2, 3))[:, None] / 255.0 - 0.5
        side = tf.matmul(command, tf.constant([[0.0], [0.0], [-0.3], [0.3]]))
        return {"steering": bright + side, "lateral": bright * 0.1}

    (out / "lane.tflite").write_bytes(_convert(tf, tf.Module(), look))
    sidecar = {
        "input": {"crop_top_fraction": 0.25, "height_px": LANE_HEIGHT, "width_px": LANE_WIDTH, "colour": "rgb"},
        "inputs": {"image": "image", "command": "command"},
        "outputs": {"steering": "steering", "lateral_m": "lateral"},
        "seed": 1,
    }
    (out / "lane.json").write_text(json.dumps(sidecar, indent=2) + "\n")


def _write_plain(tf: Untyped, out: Path) -> None:
    """Steering is the first channel's mean, -1 to 1, doubled so that it can leave the range."""

    @tf.function(input_signature=[tf.TensorSpec((1, 10, 30, 3), tf.float32, name="image")])  # type: ignore[untyped-decorator]  # TensorFlow has no types
    def look(image: Untyped) -> dict[str, Untyped]:
        return {"steering": (tf.reduce_mean(image[..., :1], axis=(1, 2, 3))[:, None] / 127.5 - 1.0) * 2.0}

    (out / "plain.tflite").write_bytes(_convert(tf, tf.Module(), look))
    sidecar = {
        "input": {"crop_top_fraction": 0.75, "height_px": 10, "width_px": 30, "colour": "yuv"},
        "inputs": {"image": "image", "command": None},
        "outputs": {"steering": "steering"},
    }
    (out / "plain.json").write_text(json.dumps(sidecar, indent=2) + "\n")


def _write_memory(tf: Untyped, out: Path) -> None:
    """Steers a tenth for each frame since it last forgot; what it remembers is that number, twice."""

    @tf.function(  # type: ignore[untyped-decorator]  # TensorFlow has no types
        input_signature=[
            tf.TensorSpec((1, 10, 30, 3), tf.uint8, name="image"),
            tf.TensorSpec((1, 2), tf.float32, name="memory"),
        ]
    )
    def look(image: Untyped, memory: Untyped) -> dict[str, Untyped]:
        after = memory + 1.0 + 0.0 * tf.reduce_mean(tf.cast(image, tf.float32))
        return {"steering": after[:, :1] / 10.0, "after": after}

    (out / "memory.tflite").write_bytes(_convert(tf, tf.Module(), look))
    sidecar = {
        "input": {"crop_top_fraction": 0.75, "height_px": 10, "width_px": 30, "colour": "rgb"},
        "inputs": {"image": "image", "memory": ["memory"]},
        "outputs": {"steering": "steering", "memory": ["after"]},
    }
    (out / "memory.json").write_text(json.dumps(sidecar, indent=2) + "\n")


def _write_detector(tf: Untyped, out: Path) -> None:
    """Sees a Hand in the left half and a Car in the right one, as surely as that half is bright."""
    parameters = {"max_detections": 4, "max_classes_per_detection": 1, "num_classes": 2, "detections_per_class": 4}
    fractions = {"nms_score_threshold": 0.05, "nms_iou_threshold": 0.5}
    scales = {"y_scale": 10.0, "x_scale": 10.0, "h_scale": 5.0, "w_scale": 5.0}
    attributes = [f'attr {{ key: "{key}" value {{ i: {value} }} }}' for key, value in parameters.items()]
    attributes += [f'attr {{ key: "{key}" value {{ f: {value} }} }}' for key, value in {**fractions, **scales}.items()]
    attributes.append('attr { key: "use_regular_nms" value { b: true } }')
    signature = " ".join(['name: "TFLite_Detection_PostProcess"', *attributes])

    @tf.function(  # type: ignore[untyped-decorator]  # TensorFlow has no types
        experimental_implements=signature,
        input_signature=[tf.TensorSpec((1, 2, 4)), tf.TensorSpec((1, 2, 2)), tf.TensorSpec((2, 4))],
    )
    def post(boxes: Untyped, scores: Untyped, anchors: Untyped) -> Untyped:
        return (
            tf.constant(0.0, name="boxes"),
            tf.constant(0.0, name="classes"),
            tf.constant(0.0, name="scores"),
            tf.constant(0.0, name="num"),
        )

    class Detector(tf.Module):  # type: ignore[misc]  # TensorFlow has no types
        @tf.function(input_signature=[tf.TensorSpec((1, DETECTOR_HEIGHT, DETECTOR_WIDTH, 3), tf.uint8)])  # type: ignore[untyped-decorator]  # TensorFlow has no types
        def look(self, image: Untyped) -> Untyped:
            bright = tf.reduce_mean(tf.cast(image, tf.float32), axis=(1, 3)) / 255.0
            half = DETECTOR_WIDTH // 2
            left = tf.reduce_mean(bright[:, :half], axis=1)[:, None, None]
            right = tf.reduce_mean(bright[:, half:], axis=1)[:, None, None]
            first = tf.concat([left, tf.zeros((1, 1, 1))], axis=2)
            second = tf.concat([tf.zeros((1, 1, 1)), right], axis=2)
            return post(tf.zeros((1, 2, 4)), tf.concat([first, second], axis=1), tf.constant(ANCHORS))

    module = Detector()
    with tempfile.TemporaryDirectory() as saved:
        tf.saved_model.save(module, saved, signatures=module.look.get_concrete_function())
        converter = tf.lite.TFLiteConverter.from_saved_model(saved)
        converter.allow_custom_ops = True
        (out / "detector.tflite").write_bytes(converter.convert())
    sidecar = {"labels": LABELS, "crop": {"top_fraction": 0.0, "bottom_fraction": 0.8}, "score_threshold": 0.4}
    (out / "detector.json").write_text(json.dumps(sidecar, indent=2) + "\n")


if __name__ == "__main__":
    write_models(Path(__file__).parent)
