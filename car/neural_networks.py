"""The car's two networks, as its configuration names them."""

from __future__ import annotations

from car.config import CarConfig
from car.perception.delegate import Delegate
from car.perception.detector import Detector
from car.perception.lane import LaneModel


def open_lane_model(config: CarConfig) -> LaneModel:
    """Load the lane model.

    Raises:
        ModelError: if it cannot be used.
    """
    return LaneModel(config.lane_model, config.model_threads)


def open_detector(config: CarConfig) -> Detector:
    """Load the detector, with its labels and its delegate.

    Raises:
        ModelError: if one of them cannot be used.
    """
    library = config.detector_delegate
    return Detector(
        config.detector_model,
        config.model_threads,
        labels=config.detector_labels,
        delegate=None if library is None else Delegate(library, config.detector_delegate_options),
    )
