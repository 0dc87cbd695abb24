from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from models.detector.anchors import decode, make_anchors
from models.detector.boxes import DataSetError, LabelledBox
from models.detector.data import batches, image_targets, read_crops
from models.detector.labels import LABELS
from models.detector.light import Augmentation
from models.detector.matching import BACKGROUND, IGNORED
from models.detector.voc import LabelledImage, read_data_set
from tests.models_detector.pictures import SMALL_LAYOUT, write_data_set

ANCHORS = make_anchors(SMALL_LAYOUT)


@pytest.fixture
def examples(tmp_path: Path) -> list[LabelledImage]:
    write_data_set(tmp_path, 6, seed=3)
    return read_data_set(tmp_path)


def test_targets_decode_to_the_box_of_the_cropped_picture(examples: list[LabelledImage]) -> None:
    example = examples[0]
    (box,) = example.boxes
    targets = image_targets(example, ANCHORS)
    own = targets.labels == LABELS.index(box.label)
    assert own.any()
    decoded = decode(targets.codes[own], ANCHORS[own]) * np.array([64, 96, 64, 96], np.float32)
    assert decoded == pytest.approx(np.repeat([[box.y_min, box.x_min, box.y_max, box.x_max]], own.sum(), 0), abs=0.05)


def test_difficult_objects_are_neither_wanted_nor_background(examples: list[LabelledImage]) -> None:
    box = replace(examples[0].boxes[0], difficult=True)
    labels = image_targets(replace(examples[0], boxes=(box,)), ANCHORS).labels
    assert set(labels.tolist()) == {BACKGROUND, IGNORED}


def test_an_unknown_class_names_the_file(examples: list[LabelledImage]) -> None:
    odd = replace(examples[0], boxes=(LabelledBox("Unicorn", 0, 0, 20, 20),))
    with pytest.raises(DataSetError, match=r"000000\.jpg: unknown class 'Unicorn'"):
        image_targets(odd, ANCHORS)


def test_a_data_set_with_labels_of_its_own_numbers_them(examples: list[LabelledImage]) -> None:
    own = replace(examples[0], boxes=(LabelledBox("Unicorn", 0, 0, 20, 20),))
    labels = image_targets(own, ANCHORS, ("Horse", "Unicorn")).labels
    assert set(labels.tolist()) - {BACKGROUND, IGNORED} == {1}


def test_batches_hold_what_a_car_would_see(examples: list[LabelledImage]) -> None:
    images, wanted = next(iter(batches(examples, SMALL_LAYOUT, 6, 1, None)))
    assert images.shape == (6, 64, 96, 3)
    assert wanted.shape == (6, SMALL_LAYOUT.count, 5)
    assert images.dtype == np.float32
    assert (images.numpy() == read_crops(examples, SMALL_LAYOUT)).all()


def test_augmentation_varies_light_and_leaves_targets(examples: list[LabelledImage]) -> None:
    plain = {wanted.numpy().tobytes() for _, wanted in batches(examples, SMALL_LAYOUT, 1, 1, None)}
    varied = list(batches(examples, SMALL_LAYOUT, 1, 1, Augmentation()))
    assert {wanted.numpy().tobytes() for _, wanted in varied} == plain


def test_each_picture_has_its_own_light_in_each_pass_and_all_follow_from_the_seed(
    examples: list[LabelledImage],
) -> None:
    def passes(seed: int) -> list[NDArray[np.float32]]:
        alike = batches(examples[:1] * 6, SMALL_LAYOUT, 6, seed, Augmentation())
        return [next(iter(alike))[0].numpy() for _ in range(2)]

    first, second = passes(1)
    assert np.abs(first[1:] - first[0]).mean(axis=(1, 2, 3)).min() > 1.0
    assert np.abs(first - second).mean(axis=(1, 2, 3)).min() > 1.0
    assert (np.stack(passes(1)) == np.stack([first, second])).all()
    assert (passes(2)[0] != first).any()
