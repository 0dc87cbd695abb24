"""The network with its post-processing as a SavedModel, ready for conversion to TFLite."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorflow as tf

from car.perception.picture_input import NORMALISED_NAME
from models.common.untyped import Network, Tensor
from models.detector.network.anchors import CENTRE_SCALE, SIZE_SCALE, AnchorLayout, make_anchors
from models.detector.network.answers import MAX_DETECTIONS, NMS_IOU_THRESHOLD, SCORE_THRESHOLD
from models.detector.network.architecture import bare_network


def save_detection_graph(model: Network, layout: AnchorLayout, class_count: int, folder: Path) -> None:
    """Write `model` followed by TFLite_Detection_PostProcess as a SavedModel with one signature; it takes -1 … 1.

    The variables hang on a tf.Module because converting a Keras 3 model's concrete function directly leaves
    variable reads in the graph that fail at run time.
    """
    parts = bare_network(model)
    post_process = _post_process(layout.count, class_count)
    anchors = tf.constant(make_anchors(layout))
    picture = tf.TensorSpec((1, layout.height_px, layout.width_px, 3), tf.float32, name=NORMALISED_NAME)

    @tf.function(input_signature=[picture])  # type: ignore[untyped-decorator]  # tensorflow is untyped
    def detect(image: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        boxes, logits = parts(image, training=False)
        codes = tf.reshape(boxes, (1, layout.count, 4))
        scores = tf.reshape(tf.sigmoid(logits), (1, layout.count, class_count))
        boxes, classes, best, count = post_process(codes, scores, anchors)
        return boxes, classes, best, count  # a dict would come out sorted by key

    module = tf.Module()
    module.variables_of_model = [variable.value for variable in model.variables]
    module.detect = detect
    tf.saved_model.save(module, str(folder), signatures=detect.get_concrete_function())


def _post_process(anchor_count: int, class_count: int) -> Tensor:
    """A function that the converter replaces by the custom op; its own body is never run."""
    integers = {
        "max_detections": MAX_DETECTIONS,
        "max_classes_per_detection": 1,
        "detections_per_class": MAX_DETECTIONS,
        "num_classes": class_count,
    }
    floats = {
        "nms_score_threshold": SCORE_THRESHOLD,
        "nms_iou_threshold": NMS_IOU_THRESHOLD,
        "y_scale": CENTRE_SCALE,
        "x_scale": CENTRE_SCALE,
        "h_scale": SIZE_SCALE,
        "w_scale": SIZE_SCALE,
    }
    attributes = [f'attr {{ key: "{key}" value {{ i: {value} }} }}' for key, value in integers.items()]
    attributes += [f'attr {{ key: "{key}" value {{ f: {value} }} }}' for key, value in floats.items()]
    # Per class: the faster class-agnostic kind loses a sign that stands before a car.
    attributes.append('attr { key: "use_regular_nms" value { b: true } }')
    name = 'name: "TFLite_Detection_PostProcess" ' + " ".join(attributes)
    signature = [
        tf.TensorSpec((1, anchor_count, 4), tf.float32),
        tf.TensorSpec((1, anchor_count, class_count), tf.float32),
        tf.TensorSpec((anchor_count, 4), tf.float32),
    ]

    @tf.function(experimental_implements=name, input_signature=signature)  # type: ignore[untyped-decorator]  # tensorflow is untyped
    def post_process(codes: Tensor, scores: Tensor, anchors: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:  # noqa: ARG001  # the op's inputs
        zeros = np.zeros((), np.float32)
        return (
            tf.constant(zeros, name="boxes"),
            tf.constant(zeros, name="classes"),
            tf.constant(zeros, name="scores"),
            tf.constant(zeros, name="count"),
        )

    return post_process
