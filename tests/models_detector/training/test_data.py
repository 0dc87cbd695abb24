from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from models.common.workers.processes import Processes
from models.detector.network import targets as target_module
from models.detector.network.anchors import decode, make_anchors
from models.detector.network.matching import BACKGROUND, IGNORED
from models.detector.network.targets import CompactTargets, all_targets, image_targets
from models.detector.pictures.boxes import DataSetError, LabelledBox
from models.detector.pictures.labels import LABELS
from models.detector.pictures.voc import LabelledImage, read_data_set
from models.detector.training.data import Batches, read_crops
from models.detector.training.light import Augmentation
from tests.models_detector.drawn_pictures import SMALL_LAYOUT, write_data_set

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


def test_targets_of_many_are_those_of_each_whoever_makes_them(
    examples: list[LabelledImage], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(target_module, "CHUNK", 2)
    for workers in (Processes(1), Processes(2)):
        for example, compact in zip(examples, all_targets(examples, SMALL_LAYOUT, LABELS, workers), strict=True):
            targets = image_targets(example, ANCHORS)
            assert (compact.dense()[:, :4] == targets.codes).all()
            assert (compact.dense()[:, 4] == targets.labels).all()


def test_targets_without_an_object_are_dense_too(examples: list[LabelledImage]) -> None:
    wanted = CompactTargets.of(image_targets(replace(examples[0], boxes=()), ANCHORS)).dense()
    assert (wanted == np.array([0, 0, 0, 0, BACKGROUND], np.float32)).all()


def test_batches_hold_what_a_car_would_see(examples: list[LabelledImage]) -> None:
    (batch,) = _pass(Batches(examples, SMALL_LAYOUT, 6, 1, None))
    images, wanted = batch
    assert images.shape == (6, 64, 96, 3)
    assert wanted.shape == (6, SMALL_LAYOUT.count, 5)
    assert images.dtype == np.float32
    assert (images == read_crops(examples, SMALL_LAYOUT)).all()


def test_validation_sees_the_short_last_batch_and_training_does_not(examples: list[LabelledImage]) -> None:
    assert [len(images) for images, _ in _pass(Batches(examples, SMALL_LAYOUT, 4, 1, None))] == [4, 2]
    assert [len(images) for images, _ in _pass(Batches(examples, SMALL_LAYOUT, 4, 1, Augmentation()))] == [4]


def test_augmentation_varies_light_and_leaves_targets(examples: list[LabelledImage]) -> None:
    plain = _pass(Batches(examples, SMALL_LAYOUT, 1, 1, None))
    varied = _pass(Batches(examples, SMALL_LAYOUT, 1, 1, Augmentation()))
    assert sorted(wanted.tobytes() for _, wanted in varied) == sorted(wanted.tobytes() for _, wanted in plain)
    assert {images.tobytes() for images, _ in varied}.isdisjoint(images.tobytes() for images, _ in plain)


def test_each_picture_has_its_own_light_in_each_pass_and_all_follow_from_the_seed(
    examples: list[LabelledImage],
) -> None:
    def two_passes(seed: int) -> list[NDArray[np.float32]]:
        alike = Batches(examples[:1] * 6, SMALL_LAYOUT, 6, seed, Augmentation())
        first = alike[0][0]
        alike.on_epoch_end()
        return [first, alike[0][0]]

    first, second = two_passes(1)
    assert np.abs(first[1:] - first[0]).mean(axis=(1, 2, 3)).min() > 1.0
    assert np.abs(first - second).mean(axis=(1, 2, 3)).min() > 1.0
    assert (np.stack(two_passes(1)) == np.stack([first, second])).all()
    assert (two_passes(2)[0] != first).any()


def test_a_run_that_goes_on_sees_the_passes_that_are_left(examples: list[LabelledImage]) -> None:
    whole = Batches(examples, SMALL_LAYOUT, 2, 1, Augmentation())
    first = whole[0][0]
    whole.on_epoch_end()
    resumed = Batches(examples, SMALL_LAYOUT, 2, 1, Augmentation(), first_pass=1)
    assert (resumed[0][0] == whole[0][0]).all()
    assert (resumed[0][0] != first).any()


def _pass(batches: Batches) -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    return [batches[k] for k in range(len(batches))]
