"""Sixty photos of signs that the shipped detector has never seen, made by another generator than the renderer."""

from __future__ import annotations

from pathlib import Path

import pytest

from car.perception.detector import Detector
from models.detector.evaluation.evaluate import Report, evaluate
from models.detector.exchange.class_map import ClassMap
from models.detector.exchange.importing import import_voc
from models.detector.make import make_detector
from models.detector.network.anchors import AnchorLayout
from models.detector.pictures.collect import collect, examples
from models.detector.pictures.labels import LABELS
from models.detector.pictures.staging import HELD_OUT_SEED
from models.detector.shipped import SHIPPED_DETECTOR
from models.detector.training.frames import shown_frames
from models.detector.training.settings import TrainSettings
from tests.models_detector.other_signs import NEW_SIGNS, write_photos

PHOTOS, UNSEEN_PHOTOS, PICTURES = 60, 200, 400
# docs/signs.md has these.
SETTINGS = TrainSettings(collage_epochs=4, collages=1500, epochs=3, batch_size=16, learning_rate=1e-3)
AP50 = 0.9  # of the new signs
LOST = 0.01  # of mAP50, on the old ones

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(3000),
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword"),
]


def imported(folder: Path, count: int, seed: int) -> Path:
    """A data set of photos, labelled as labelImg does it."""
    write_photos(folder / "photos", count, seed)
    classes = ClassMap(LABELS, {name: name for name in NEW_SIGNS}, tuple(NEW_SIGNS))
    import_voc(folder / "data", folder / "photos", classes)
    return folder / "data"


def of_rendered(detector: Path) -> Report:
    return evaluate(Detector(detector), examples(PICTURES, HELD_OUT_SEED))


def test_new_signs_are_learnt_from_sixty_photos_and_old_ones_are_not_forgotten(tmp_path: Path) -> None:
    photos, unseen = imported(tmp_path / "60", PHOTOS, seed=1), imported(tmp_path / "200", UNSEEN_PHOTOS, seed=2)
    collect(tmp_path / "signs", 2000, seed=31)
    tuned = make_detector(
        [tmp_path / "signs", photos], tmp_path / "run", SETTINGS, "…", SHIPPED_DETECTOR.with_suffix(".keras")
    )
    new = evaluate(Detector(tuned), shown_frames([unseen], AnchorLayout())).whole.per_class
    before, after = of_rendered(SHIPPED_DETECTOR).whole.map50, of_rendered(tuned).whole.map50
    print({name: round(new[name]["ap50"], 3) for name in NEW_SIGNS}, f"old: {before:.3f}, then {after:.3f}")  # noqa: T201
    assert min(new[name]["ap50"] for name in NEW_SIGNS) > AP50
    assert after > before - LOST
