"""From a data set on disk to batches: targets are computed once, pictures are decoded and varied on the fly."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import keras
import numpy as np
from numpy.typing import NDArray

from car.perception.detector import detector_picture
from car.perception.standardise import standardised
from models.common.workers.processes import Processes
from models.detector.network.anchors import AnchorLayout, FloatArray
from models.detector.network.targets import all_targets
from models.detector.pictures.boxes import DataSetError
from models.detector.pictures.labels import CROP, LABELS
from models.detector.pictures.voc import LabelledImage
from models.detector.training.light import Augmentation, vary_light

MOST_READERS = 16


def read_crop(
    path: Path, layout: AnchorLayout, augmentation: Augmentation | None = None, seed: int = 0
) -> NDArray[np.uint8]:
    """(height, width, 3) RGB uint8: what a car would feed the detector for a picture, standardised.

    With an augmentation it is in another light, which `seed` decides.

    Raises:
        DataSetError: if it cannot be decoded.
    """
    frame = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if frame is None:
        raise DataSetError(f"{path}: cannot be decoded as a picture")
    crop = detector_picture(np.asarray(frame, np.uint8), CROP, layout.height_px, layout.width_px)
    return standardised(crop if augmentation is None else vary_light(crop, augmentation, seed))


def read_crops(examples: Sequence[LabelledImage], layout: AnchorLayout) -> NDArray[np.uint8]:
    """(n, height, width, 3): `read_crop` of each.

    Raises:
        DataSetError: if a picture cannot be decoded.
    """
    return np.stack([read_crop(example.path, layout) for example in examples])


class Batches(keras.utils.PyDataset):  # type: ignore[misc]  # keras is untyped
    """Batches of (images (B, h, w, 3) float32 RGB 0..255, standardised; targets (B, N, 5) float32).

    With an augmentation the order is shuffled anew in every pass and the last short batch dropped. Order and light
    follow from the seed and the number of the pass, so that a run that was cut off goes on as if it had not been.
    """

    def __init__(
        self,
        examples: Sequence[LabelledImage],
        layout: AnchorLayout,
        batch_size: int,
        seed: int,
        augmentation: Augmentation | None,
        labels: Sequence[str] = LABELS,
        first_pass: int = 0,
    ) -> None:
        """See `image_targets` for what is raised."""
        processes = Processes.one_per_core(MOST_READERS)
        super().__init__(workers=processes.count)
        self._targets = all_targets(examples, layout, labels, processes)
        self._paths = [example.path for example in examples]
        self._layout, self._batch_size, self._augmentation = layout, batch_size, augmentation
        self._seed, self._pass = seed, first_pass
        self._order = self._drawn_order()

    def __len__(self) -> int:
        whole, rest = divmod(len(self._paths), self._batch_size)
        return whole if self._augmentation is not None or rest == 0 else whole + 1

    def __getitem__(self, batch: int) -> tuple[FloatArray, FloatArray]:
        chosen = self._order[batch * self._batch_size : (batch + 1) * self._batch_size]
        images = np.stack([self._picture(int(k)) for k in chosen]).astype(np.float32)
        return images, np.stack([self._targets[k].dense() for k in chosen])

    def on_epoch_end(self) -> None:
        """Begin another pass."""
        self._pass += 1
        self._order = self._drawn_order()

    def _picture(self, k: int) -> NDArray[np.uint8]:
        seed = int(np.random.SeedSequence([self._seed, self._pass, k]).generate_state(1)[0])
        return read_crop(self._paths[k], self._layout, self._augmentation, seed)

    def _drawn_order(self) -> NDArray[np.int64]:
        order = np.arange(len(self._paths))
        if self._augmentation is not None:
            np.random.default_rng([self._seed, self._pass]).shuffle(order)
        return order
