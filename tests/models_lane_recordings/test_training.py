"""A network learns from recordings, from damaged ones too."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from models.lane.dataset import read_split
from models.lane.recordings.importing import import_recording
from models.lane.recordings.read_tub import read_tub
from models.lane.recordings.read_udacity import read_udacity
from models.lane.training.train import TrainingPlan, predictions, train
from models.lane.variants import BLOG, CONDITIONED, Variant
from tests.models_lane_recordings.tub_by_hand import Tub, record
from tests.models_lane_recordings.udacity_by_hand import Log

pytestmark = pytest.mark.filterwarnings("ignore")  # Keras and TensorFlow warn about each other


def shaded(steering: float, width_px: int, height_px: int) -> bytes:
    """A picture that is brighter where to steer: something to learn."""
    columns = np.linspace(-1, 1, width_px)
    row = np.clip(128 + 100 * steering * columns, 0, 255).astype(np.uint8)
    return cv2.imencode(".jpg", np.tile(row[None, :, None], (height_px, 1, 3)))[1].tobytes()


def damaged_tub(folder: Path, count: int) -> Path:
    """Mixed sizes, a broken picture, a lost line."""
    records = [record(k) for k in range(count)]
    sizes = [(160, 120) if k % 3 else (320, 240) for k in range(count)]
    pictures = {k: shaded(float(records[k]["user/angle"]), *sizes[k]) for k in range(count)}
    pictures[7] = pictures[7][:-30]
    tub = Tub(folder, records, pictures).write()
    catalog = tub / "catalog_0.catalog"
    lines = catalog.read_bytes().splitlines(keepends=True)
    catalog.write_bytes(b"".join(lines[:20] + lines[21:]))
    return tub


@pytest.mark.parametrize("variant", [BLOG, CONDITIONED], ids=["blog", "conditioned"])
def test_a_damaged_tub_of_mixed_sizes_trains(tmp_path: Path, variant: Variant) -> None:
    recording = read_tub(damaged_tub(tmp_path / "tub", 98))
    import_recording(tmp_path / "data", recording)
    assert recording.problems.count("picture is cut off") == 1
    assert recording.problems.count("catalog line is missing") == 1
    assert recording.problems.count("picture is of another size than most, but used") == 33
    training, validation = read_split([tmp_path / "data"], variant)
    assert len(training) + len(validation) == 96
    plan = TrainingPlan(variant.name, seed=3, epochs=1, batch_size=16)
    result = train(variant, [tmp_path / "data"], tmp_path / "run", plan, quiet=True)
    assert np.isfinite(result.history["loss"]).all()
    assert np.isfinite(result.history["val_loss"]).all()
    assert np.isfinite(predictions(result.model, variant, validation)["steering"]).all()


def test_a_log_with_three_cameras_splits_without_mixing_drives(tmp_path: Path) -> None:
    import_recording(tmp_path / "data", read_udacity(Log(tmp_path / "log", 48).write()))
    training, validation = read_split([tmp_path / "data"], BLOG)
    assert (len(training), len(validation)) == (132, 12)
    same = training.drive[1:] == training.drive[:-1]
    assert np.array_equal(training.camera[1:][same], training.camera[:-1][same])
