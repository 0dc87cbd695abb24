"""Small but real detection networks in every form that converters give: `python -m tests.car.ssd_files FOLDER`.

Each sees a Hand in the upper left quarter, a Go in the lower left one and a Car in the right half, as surely as that
part is bright. Runs as a process of its own: TensorFlow and the renderer get in each other's way.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

Untyped: TypeAlias = Any  # TensorFlow has no types

LABELS = ("Hand", "Go", "Car")
# (centre y, centre x, height, width) as fractions, and by how much the network moves and stretches them.
ANCHORS = ((0.25, 0.25, 0.4, 0.3), (0.75, 0.25, 0.3, 0.3), (0.5, 0.9, 0.5, 0.4))
CODES = ((1.0, -2.0, 5 * math.log(2), 0.0), (0.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 0.0))
# Top, left, bottom, right. The first: centre 0.25 + 0.1 · 0.4 and 0.25 - 0.2 · 0.3, twice as high as its anchor, so its
# top would be at 0.29 - 0.4. The right border of the last would be at 1.1.
BOXES = ((0.0, 0.04, 0.69, 0.34), (0.6, 0.1, 0.9, 0.4), (0.25, 0.7, 0.75, 1.0))


@dataclass(frozen=True)
class Form:
    """One way in which such a file can be made."""

    height_px: int
    width_px: int
    value_range: tuple[float, float]  # of black and white
    input_name: str = "image"
    input_type: str = "float32"
    # What the outputs are called, in the operation's order; the converter numbers them in their alphabet's.
    output_names: tuple[str, str, str, str] | None = None
    is_operation_hidden: bool = False  # behind others, so that it tells nothing
    brightest: float = 1.0  # of the pictures that it is quantised for; 1 is white


REVERSED = ("d", "c", "b", "a")
FORMS = {
    "uint8_portrait": Form(60, 45, (-1.0, 1.0), input_type="uint8"),
    "int8": Form(48, 80, (0.0, 255.0), input_type="int8"),
    "int8_portrait": Form(60, 45, (-1.0, 1.0), input_type="int8"),
    "int8_dark": Form(48, 80, (0.0, 255.0), input_type="int8", brightest=0.5),
    "float": Form(32, 32, (0.0, 255.0)),
    "float_normalised": Form(60, 45, (-1.0, 1.0), "normalized_input_image_tensor"),
    "float_unit": Form(60, 45, (0.0, 1.0)),
    "reversed": Form(32, 32, (0.0, 255.0), output_names=REVERSED),
    "numbered": Form(32, 32, (0.0, 255.0), is_operation_hidden=True),
    "worded": Form(
        32,
        32,
        (0.0, 255.0),
        output_names=("z_detection_boxes", "y_detection_classes", "x_detection_scores", "a_num_detections"),
        is_operation_hidden=True,
    ),
    "ambiguous": Form(32, 32, (0.0, 255.0), output_names=REVERSED, is_operation_hidden=True),
}


def make_in_subprocess(out: Path) -> None:
    """Write `<form>.tflite` for every form."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    command = [sys.executable, "-m", "tests.car.ssd_files", str(out)]
    made = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert made.returncode == 0, made.stderr[-3000:]


def _post_process(tf: Untyped) -> Callable[..., Untyped]:
    n, c = len(ANCHORS), len(LABELS)
    integers = {"max_detections": 5, "max_classes_per_detection": 1, "num_classes": c, "detections_per_class": 5}
    floats = {"nms_score_threshold": 0.05, "nms_iou_threshold": 0.5, "y_scale": 10.0, "x_scale": 10.0}
    attributes = [f'attr {{ key: "{key}" value {{ i: {value} }} }}' for key, value in integers.items()]
    attributes += [
        f'attr {{ key: "{key}" value {{ f: {value} }} }}'
        for key, value in {**floats, "h_scale": 5.0, "w_scale": 5.0}.items()
    ]
    attributes.append('attr { key: "use_regular_nms" value { b: true } }')

    @tf.function(  # type: ignore[untyped-decorator]  # TensorFlow has no types
        experimental_implements=" ".join(['name: "TFLite_Detection_PostProcess"', *attributes]),
        input_signature=[tf.TensorSpec((1, n, 4)), tf.TensorSpec((1, n, c)), tf.TensorSpec((n, 4))],
    )
    def post(codes: Untyped, scores: Untyped, anchors: Untyped) -> Untyped:
        return tuple(tf.constant(0.0, name=name) for name in ("boxes", "classes", "scores", "count"))

    result: Callable[..., Untyped] = post
    return result


def _module(tf: Untyped, form: Form) -> Untyped:
    post = _post_process(tf)
    spec = tf.TensorSpec((1, form.height_px, form.width_px, 3), tf.float32, name=form.input_name)

    @tf.function(input_signature=[spec])  # type: ignore[untyped-decorator]  # TensorFlow has no types
    def look(image: Untyped) -> Untyped:
        black, white = form.value_range
        bright = (image - black) / (white - black)
        middle_y, middle_x = form.height_px // 2, form.width_px // 2
        parts = (bright[:, :middle_y, :middle_x], bright[:, middle_y:, :middle_x], bright[:, :, middle_x:])
        rows = [
            tf.reduce_mean(part, axis=(1, 2, 3))[:, None, None] * tf.one_hot([[k]], len(LABELS))
            for k, part in enumerate(parts)
        ]
        outputs = post(tf.constant([CODES]), tf.concat(rows, axis=1), tf.constant(ANCHORS))
        if form.is_operation_hidden:
            outputs = tuple(tf.maximum(output, -9.0) for output in outputs)
        return outputs if form.output_names is None else dict(zip(form.output_names, outputs, strict=True))

    module = tf.Module()
    module.look = look
    return module


def _convert(tf: Untyped, form: Form) -> bytes:
    module = _module(tf, form)
    with tempfile.TemporaryDirectory() as saved:
        tf.saved_model.save(module, saved, signatures=module.look.get_concrete_function())
        converter = tf.lite.TFLiteConverter.from_saved_model(saved)
        converter.allow_custom_ops = True
        if form.input_type != "float32":

            def pictures() -> Iterator[list[Any]]:
                for share in np.linspace(0.0, form.brightest, 11):
                    black, white = form.value_range
                    shape = (1, form.height_px, form.width_px, 3)
                    yield [np.full(shape, black + share * (white - black), np.float32)]

            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.representative_dataset = pictures
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
            converter.inference_input_type = tf.as_dtype(form.input_type)
        content: bytes = converter.convert()
    return content


def sidecar_text(**changes: object) -> str:
    """A sidecar for any of the forms."""
    return json.dumps({"labels": LABELS, "score_threshold": 0.4, **changes})


def _main() -> None:
    import tensorflow as tf

    for name, form in FORMS.items():
        (Path(sys.argv[1]) / f"{name}.tflite").write_bytes(_convert(tf, form))


if __name__ == "__main__":
    _main()
