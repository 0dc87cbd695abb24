"""Going on from a network that knew other classes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from models.common.untyped import Network
from models.detector.network.architecture import build_detector
from models.detector.network.transfer import begin_with, labels_of
from models.detector.pictures.boxes import DataSetError
from models.detector.pictures.labels import LABELS
from tests.models_detector.drawn_pictures import SMALL_LAYOUT

PICTURE = np.random.default_rng(1).uniform(0, 255, (1, 64, 96, 3)).astype(np.float32)
SHAPES = len(SMALL_LAYOUT.shapes)

# Keras reads its variables in a way that numpy 2 warns about.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword")


def stored(folder: Path, labels: tuple[str, ...], variant: str = "edge-w0.75") -> tuple[Path, Network]:
    network = build_detector(variant, SMALL_LAYOUT, len(labels))
    rng = np.random.default_rng(3)
    network.set_weights([rng.normal(0, 0.1, each.shape) ** 2 for each in network.get_weights()])
    network.save(folder / "model.keras")
    (folder / "progress.json").write_text(json.dumps({"labels": labels}), encoding="utf-8")
    return folder / "model.keras", network


def said(network: Network) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    answer: np.ndarray[tuple[int, ...], np.dtype[np.float32]] = np.asarray(network(PICTURE, training=False))[0]
    return answer


def test_the_same_classes_in_another_order_are_said_the_same(tmp_path: Path) -> None:
    path, before = stored(tmp_path, ("Go", "Slow", "Car"))
    after = build_detector("edge-w0.75", SMALL_LAYOUT, 3)
    begin_with(after, ("Car", "Go", "Slow"), path, SHAPES)
    assert np.allclose(said(after)[:, :4], said(before)[:, :4], atol=1e-5)
    assert np.allclose(said(after)[:, 4:], said(before)[:, [6, 4, 5]], atol=1e-5)


def test_new_classes_begin_as_they_would_and_old_ones_stay(tmp_path: Path) -> None:
    path, before = stored(tmp_path, ("Go", "Car"))
    after = build_detector("edge-w0.75", SMALL_LAYOUT, 3)
    begin_with(after, ("Go", "Giraffe", "Car"), path, SHAPES)
    assert np.allclose(said(after)[:, [4, 6]], said(before)[:, 4:], atol=1e-5)
    assert not np.allclose(said(after)[:, 5], said(before)[:, 4], atol=1e-2)


def test_classes_that_are_not_wanted_any_more_are_forgotten(tmp_path: Path) -> None:
    path, before = stored(tmp_path, ("Go", "Slow", "Car"))
    after = build_detector("edge-w0.75", SMALL_LAYOUT, 1)
    begin_with(after, ("Slow",), path, SHAPES)
    assert np.allclose(said(after)[:, 4], said(before)[:, 5], atol=1e-5)


def test_another_variant_is_refused_and_named(tmp_path: Path) -> None:
    path, _ = stored(tmp_path, ("Go",))
    with pytest.raises(DataSetError, match=r"model\.keras: is of another variant"):
        begin_with(build_detector("edge-w1.0", SMALL_LAYOUT, 1), ("Go",), path, SHAPES)


def test_a_list_of_classes_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    path, _ = stored(tmp_path, ("Go", "Car"))
    (tmp_path / "progress.json").write_text(json.dumps({"labels": ["Go"]}), encoding="utf-8")
    with pytest.raises(DataSetError, match="knows other classes"):
        begin_with(build_detector("edge-w0.75", SMALL_LAYOUT, 1), ("Go",), path, SHAPES)


def test_without_a_list_it_is_the_catalogues(tmp_path: Path) -> None:
    assert labels_of(tmp_path / "model.keras") == LABELS
