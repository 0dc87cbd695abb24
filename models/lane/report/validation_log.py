"""What TensorBoard shows of a lane training beside the loss."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from models.common.plots import plotting
from models.common.untyped import Network
from models.lane.dataset import Frames
from models.lane.report.errors import FloatArray, command_errors
from models.lane.report.insides import draw_filters, first_layer
from models.lane.report.scatter import draw_predicted


class ValidationLog(keras.callbacks.Callback):  # type: ignore[misc]  # keras is untyped
    """Writes for TensorBoard, after each epoch, how the network does on the validation frames.

    These are the mean steering error in all and by command, predicted against true as a picture, the filters of the
    first layer, and the learning rate, which goes to the training's history as well.
    """

    def __init__(self, folder: Path, frames: Frames, steering: Callable[[Network], FloatArray]) -> None:
        """Prepare.

        Args:
            folder: where TensorBoard is to find it, a folder of its own beside those for losses.
            frames: the validation frames.
            steering: what the network in training says about them, (n,).
        """
        super().__init__()
        self._writer = tf.summary.create_file_writer(str(folder))
        # Labels are enough; pictures would be held for as long as the training goes on.
        self._frames = replace(frames, picture=np.empty((len(frames), 0, 0, 3), np.uint8))
        self._steering = steering

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Write what this epoch has come to."""
        said = self._steering(self.model)
        rate = float(self.model.optimizer.learning_rate)
        if logs is not None:
            logs["learning_rate"] = rate
        with self._writer.as_default(step=epoch), plotting():
            tf.summary.scalar("learning_rate", rate)
            tf.summary.scalar("steering_error/all", np.abs(said - self._frames.steering).mean())
            for command, error in command_errors(self._frames, said).items():
                tf.summary.scalar(f"steering_error/{command}", error)
            tf.summary.image("predicted_against_true", _pixels(draw_predicted(self._frames.steering, said))[None])
            if (layer := first_layer(self.model)) is not None:
                tf.summary.image("first_layer", _pixels(draw_filters(layer))[None])
        self._writer.flush()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002  # Keras gives it
        """Close the file."""
        self._writer.close()


def _pixels(figure: Figure) -> NDArray[np.uint8]:
    """A figure as (height, width, 4)."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())
