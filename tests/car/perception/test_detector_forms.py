"""Detectors in every form that converters give, really run, their boxes against those computed by hand."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from car.camera.frame import Picture
from car.perception.detector import Detector
from car.perception.sidecar import ModelError
from tests.car.ssd_files import BOXES, FORMS, LABELS, sidecar_text

HEIGHT_PX, WIDTH_PX = 240, 320
Install = Callable[..., Path]


@pytest.fixture
def install(ssd_files: Path, tmp_path: Path) -> Install:
    """Puts a form into a folder of its own, with a sidecar; returns the model's path."""

    def put(form: str, **changes: object) -> Path:
        path = tmp_path / "mine.tflite"
        shutil.copy(ssd_files / f"{form}.tflite", path)
        path.with_suffix(".json").write_text(sidecar_text(**changes))
        return path

    return put


def quarters(upper_left: int, lower_left: int, right: int) -> Picture:
    """A picture whose parts are as bright as said, 0 … 255."""
    picture = np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.uint8)
    picture[: HEIGHT_PX // 2, : WIDTH_PX // 2] = upper_left
    picture[HEIGHT_PX // 2 :, : WIDTH_PX // 2] = lower_left
    picture[:, WIDTH_PX // 2 :] = right
    return picture


# Each form with what its sidecar has to say for it; a quantised one needs nothing.
READY = [
    ("uint8_portrait", {}),
    ("uint8_portrait", {"input_range": [-1, 1]}),
    ("int8", {}),
    ("int8", {"input_range": [0, 255]}),
    ("int8_portrait", {}),
    ("int8_portrait", {"input_range": [-1, 1]}),
    ("float", {}),
    ("float_normalised", {}),
    ("float_unit", {"input_range": [0, 1]}),
    ("reversed", {}),
    ("numbered", {}),
    ("worded", {}),
    ("ambiguous", {"outputs": {"boxes": "d", "classes": "c", "scores": "b", "count": "a"}}),
    (
        "ambiguous",
        {
            "outputs": {
                "boxes": "PartitionedCall:3",
                "classes": "PartitionedCall:2",
                "scores": "PartitionedCall:1",
                "count": "PartitionedCall:0",
            }
        },
    ),
]


@pytest.mark.parametrize(("form", "sidecar"), READY)
def test_boxes_are_those_computed_by_hand(install: Install, form: str, sidecar: dict[str, object]) -> None:
    found = Detector(install(form, **sidecar)).look(quarters(240, 200, 160))
    assert [detection.label for detection in found] == list(LABELS)
    # Where the brightnesses meet, scaling to the portrait's odd width mixes them by half a column.
    assert [detection.score for detection in found] == pytest.approx([240 / 255, 200 / 255, 160 / 255], abs=0.015)
    for detection, (top, left, bottom, right) in zip(found, BOXES, strict=True):
        box = detection.box
        assert (box.left_px, box.right_px) == pytest.approx((left * WIDTH_PX, right * WIDTH_PX), abs=0.5)
        assert (box.top_px, box.bottom_px) == pytest.approx((top * HEIGHT_PX, bottom * HEIGHT_PX), abs=0.5)


@pytest.mark.parametrize("form", ["float", "int8", "uint8_portrait"])
def test_the_surest_comes_first_and_a_dark_part_shows_nothing(install: Install, form: str) -> None:
    found = Detector(install(form)).look(quarters(40, 150, 250))
    assert [detection.label for detection in found] == ["Car", "Go"]


def test_every_form_is_tried() -> None:
    assert {form for form, _ in READY} | {"int8_dark"} == FORMS.keys()


def test_a_wrong_range_of_a_float_network_shows(install: Install) -> None:
    assert Detector(install("float_unit", input_range=[0, 255])).look(quarters(3, 3, 3))[0].score == 1.0


def test_quantisation_for_dark_pictures_only_is_heeded_once_the_range_is_known(install: Install) -> None:
    picture = quarters(110, 110, 110)
    (first, *_) = Detector(install("int8_dark", input_range=[0, 255], score_threshold=0.1)).look(picture)
    assert first.score == pytest.approx(110 / 255, abs=0.01)
    (first, *_) = Detector(install("int8_dark", score_threshold=0.1)).look(picture)
    assert first.score == pytest.approx(110 / 255 / 2, abs=0.01)


def test_an_all_black_picture_shows_nothing(install: Install) -> None:
    assert Detector(install("float", score_threshold=0)).look(quarters(0, 0, 0)) == ()


def test_only_rows_of_the_crop_are_seen(install: Install) -> None:
    path = install("float", crop={"top_fraction": 0.5, "bottom_fraction": 1.0})
    found = Detector(path).look(quarters(0, 255, 0))
    assert [detection.label for detection in found] == ["Hand", "Go"]
    assert found[1].box.top_px == pytest.approx(HEIGHT_PX * (0.5 + 0.6 / 2), abs=0.5)


def test_outputs_that_cannot_be_told_apart_are_named_with_the_way_out(install: Install) -> None:
    with pytest.raises(ModelError, match=r"mine\.tflite: its outputs .* could each be the classes") as caught:
        Detector(install("ambiguous"))
    assert "PartitionedCall:1 (1, 5), PartitionedCall:2 (1, 5)" in str(caught.value)
    assert "under 'outputs' in mine.json" in str(caught.value)


def test_a_model_that_is_no_detector_is_named(models: Path, tmp_path: Path) -> None:
    shutil.copy(models / "plain.tflite", tmp_path / "lane.tflite")
    (tmp_path / "lane.json").write_text(sidecar_text())
    with pytest.raises(ModelError, match=r"lane\.tflite: has no output for the boxes .*TFLite_Detection_PostProcess"):
        Detector(tmp_path / "lane.tflite")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"input_range": [1, -1]}, "input_range: .*black and then white"),
        ({"input_range": [0, float("inf")]}, "input_range"),
        ({"input_range": [0]}, "input_range"),
        ({"outputs": {"boxes": "d"}}, r"outputs\.classes"),
        ({"outputs": {"boxes": "d", "classes": "c", "scores": "b", "count": "x"}}, "has no output 'x'; it has .*a"),
        (
            {"outputs": {"boxes": "c", "classes": "d", "scores": "b", "count": "a"}},
            r"its output PartitionedCall:2 \(1, 5\) cannot be the boxes",
        ),
        ({"crop": {"top_fraction": 0.7, "bottom_fraction": 0.7}}, "crop: .*less than bottom_fraction"),
        ({"labels": "Hand"}, "labels"),
    ],
)
def test_a_wrong_sidecar_is_named(install: Install, changes: dict[str, object], problem: str) -> None:
    with pytest.raises(ModelError, match=rf"mine\.(json|tflite): {problem}"):
        Detector(install("reversed", **changes))


def test_classes_without_a_label_are_left_out_counted_and_told_once(
    install: Install, caplog: pytest.LogCaptureFixture
) -> None:
    detector = Detector(install("float", labels=["Hand"]))
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert [found.label for found in detector.look(quarters(250, 250, 250))] == ["Hand"]
    assert detector.unknown_classes == 6
    (message,) = caplog.messages
    assert "mine.tflite: gives class number 1, and there are labels for 0 to 0 only" in message


def test_classes_that_labels_leave_open_are_left_out_silently(
    install: Install, caplog: pytest.LogCaptureFixture
) -> None:
    detector = Detector(install("float", labels=["Hand", "???", "Car"]))
    with caplog.at_level(logging.WARNING):
        assert [found.label for found in detector.look(quarters(250, 250, 250))] == ["Hand", "Car"]
    assert detector.unknown_classes == 0
    assert not caplog.messages
