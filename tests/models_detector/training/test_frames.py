"""Photos of any size become frames of the camera's size, with their boxes where the objects are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.detector.network.anchors import AnchorLayout
from models.detector.pictures.boxes import DataSetError, LabelledBox
from models.detector.pictures.voc import annotation_path, image_path, read_data_set, write_example
from models.detector.training.frames import fit, frame_size_px, read_frames, shown_frames
from models.detector.training.train import train
from tests.models_detector.drawn_pictures import SMALL_LAYOUT, write_data_set
from tests.models_detector.training.test_training import SETTINGS

FRAME = (320, 240)
GO = LabelledBox("Go", 400, 300, 1000, 900)


def with_square(width: int, height: int, box: LabelledBox) -> NDArray[np.uint8]:
    """Black with the box in white."""
    image = np.zeros((height, width, 3), np.uint8)
    image[box.y_min : box.y_max, box.x_min : box.x_max] = 255
    return image


def test_frames_are_those_of_which_the_detector_sees_a_part() -> None:
    assert frame_size_px(AnchorLayout()) == FRAME
    assert frame_size_px(SMALL_LAYOUT) == (96, 80)


@pytest.mark.parametrize(("width", "height"), [(4000, 3000), (3000, 4000), (1920, 1080), (1200, 1200), (1024, 920)])
def test_an_object_is_where_its_box_says(width: int, height: int) -> None:
    frame, (box,) = fit(with_square(width, height, GO), (GO,), FRAME)
    assert frame.shape == (240, 320, 3)
    rows, columns = np.nonzero(frame[..., 0] > 190)
    seen = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    assert (box.x_min, box.y_min, box.x_max, box.y_max) == pytest.approx(seen, abs=1)
    assert box.width / box.height == pytest.approx(1.0, abs=0.05)
    assert not box.difficult


@given(st.integers(1, 900), st.integers(1, 900), st.data())
def test_boxes_stay_in_the_frame(width: int, height: int, data: st.DataObject) -> None:
    x_min, y_min = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    x_max, y_max = data.draw(st.integers(x_min + 1, width)), data.draw(st.integers(y_min + 1, height))
    given_box = LabelledBox("Go", x_min, y_min, x_max, y_max)
    frame, (box,) = fit(np.zeros((height, width, 3), np.uint8), (given_box,), FRAME)
    assert frame.shape == (240, 320, 3)
    assert 0 <= box.x_min < box.x_max <= 320
    assert 0 <= box.y_min < box.y_max <= 240
    assert box.difficult == (min(box.width, box.height) < 8)


def test_frames_are_taken_as_they_are_and_others_fitted_once(tmp_path: Path) -> None:
    write_data_set(tmp_path / "rendered", 2, seed=1)
    photos = tmp_path / "photos"
    write_example(photos, "000000", with_square(1600, 1200, GO), (GO,))  # called as one of the others
    data = [tmp_path / "rendered", photos]
    frames = read_frames(data, SMALL_LAYOUT, tmp_path / "run")
    assert frames[:2] == read_data_set(tmp_path / "rendered")
    assert frames[2].path == image_path(tmp_path / "run" / "fitted-1", "000000")
    assert (frames[2].width_px, frames[2].height_px) == (96, 80)
    written = frames[2].path.stat().st_mtime_ns
    assert read_frames(data, SMALL_LAYOUT, tmp_path / "run") == frames
    assert frames[2].path.stat().st_mtime_ns == written
    other = LabelledBox("Slow", 400, 300, 1000, 900)
    write_example(photos, "000000", with_square(1600, 1200, GO), (other,))
    assert read_frames(data, SMALL_LAYOUT, tmp_path / "run")[2].boxes[0].label == "Slow"


def test_a_photo_that_cannot_be_decoded_is_named(tmp_path: Path) -> None:
    write_example(tmp_path, "a", with_square(1600, 1200, GO), (GO,))
    image_path(tmp_path, "a").write_bytes(b"?")
    with pytest.raises(DataSetError, match=r"a\.jpg: cannot be decoded"):
        read_frames([tmp_path], SMALL_LAYOUT, tmp_path / "run")
    assert not annotation_path(tmp_path / "run" / "fitted-0", "a").exists()


@pytest.mark.timeout(600)
@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword")
def test_frames_and_photos_are_learnt_together(tmp_path: Path) -> None:
    write_data_set(tmp_path / "rendered", 12, seed=1)
    write_data_set(tmp_path / "source", 12, seed=2)
    for k, example in enumerate(read_data_set(tmp_path / "source")):
        scale = 3 + k % 2
        image = cv2.resize(np.asarray(cv2.imread(str(example.path)), np.uint8), None, fx=scale, fy=scale)
        (box,) = example.boxes
        x_min, y_min, x_max, y_max = (scale * corner for corner in (box.x_min, box.y_min, box.x_max, box.y_max))
        larger = LabelledBox(box.label, x_min, y_min, x_max, y_max)
        write_example(tmp_path / "photos", f"{k}", np.asarray(image), (larger,))
    settings = replace(SETTINGS, collage_epochs=1, collages=16, epochs=1)
    assert train([tmp_path / "rendered", tmp_path / "photos"], tmp_path / "run", settings).is_file()


def test_what_is_judged_is_fitted_as_what_was_trained(tmp_path: Path) -> None:
    write_example(tmp_path / "wide", "1", with_square(1200, 1000, GO), (GO,))
    write_example(tmp_path / "frames", "2", with_square(320, 240, small := LabelledBox("Go", 10, 10, 60, 60)), (small,))
    data = [tmp_path / "wide", tmp_path / "frames"]
    shown, trained = list(shown_frames(data, AnchorLayout())), read_frames(data, AnchorLayout(), tmp_path / "scratch")
    assert [each.image.shape for each in shown] == [(240, 320, 3)] * 2
    assert [each.boxes for each in shown] == [each.boxes for each in trained]


def test_a_picture_that_cannot_be_judged_is_named(tmp_path: Path) -> None:
    write_data_set(tmp_path, 1, seed=1)
    path = read_data_set(tmp_path)[0].path
    path.write_bytes(b"?")
    with pytest.raises(DataSetError, match=path.name):
        list(shown_frames([tmp_path], AnchorLayout()))
