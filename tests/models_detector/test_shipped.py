"""The files that cars load."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest

from car.perception.detector import Detector
from car.perception.sidecar import DetectorSidecar, read_sidecar
from models.detector.evaluation.evaluate import Report, evaluate
from models.detector.pictures.collect import examples
from models.detector.pictures.labels import CROP, LABELS
from models.detector.pictures.staging import HELD_OUT_SEED
from models.detector.shipped import SHIPPED_DETECTOR as SHIPPED

FRAME = np.full((240, 320, 3), 120, np.uint8)


@pytest.fixture(scope="module")
def report() -> Report:
    return evaluate(Detector(SHIPPED), examples(64, HELD_OUT_SEED + 7))


def test_the_sidecar_says_what_the_detector_was_trained_for() -> None:
    sidecar = read_sidecar(SHIPPED, DetectorSidecar)
    assert sidecar.labels == LABELS
    assert sidecar.crop == CROP
    assert 0.2 <= sidecar.score_threshold <= 0.7
    assert json.loads(SHIPPED.with_suffix(".json").read_text(encoding="utf-8"))["crop"]["bottom_fraction"] == 0.8


def test_an_empty_road_shows_nothing() -> None:
    assert Detector(SHIPPED).look(FRAME) == ()


def test_a_picture_takes_a_few_milliseconds_of_one_core() -> None:
    detector = Detector(SHIPPED, threads=1)
    times_s = []
    for _ in range(30):
        started = time.process_time()
        detector.look(FRAME)
        times_s.append(time.process_time() - started)
    assert np.median(times_s) < 0.015


def test_held_out_pictures_are_read(report: Report) -> None:
    assert report.whole.images == 64
    assert report.whole.map50 > MIN_MAP50


def test_cars_are_seen(report: Report) -> None:
    assert report.whole.per_class["Car"]["ap50"] > MIN_CAR_AP50


MIN_MAP50 = 0.8
MIN_CAR_AP50 = 0.88
