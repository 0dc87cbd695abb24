"""Signs of one's own, on photos that no renderer made, become a data set beside the catalogue's."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models.detector.exchange.class_map import ClassMap
from models.detector.exchange.importing import import_voc
from models.detector.pictures.labels import LABELS, read_labels
from models.detector.pictures.voc import read_data_set
from tests.models_detector.other_signs import NEW_SIGNS, other_photo, write_photos


def test_new_signs_come_over_with_their_boxes(tmp_path: Path) -> None:
    write_photos(tmp_path / "photos", 12, seed=4)
    import_voc(
        tmp_path / "data", tmp_path / "photos", ClassMap(LABELS, {name: name for name in NEW_SIGNS}, tuple(NEW_SIGNS))
    )
    assert read_labels(tmp_path / "data") == (*LABELS, *NEW_SIGNS)
    examples = read_data_set(tmp_path / "data")
    rng = np.random.default_rng(4)
    wanted = [[(d.name, d.xmin - 1, d.ymin - 1, d.xmax, d.ymax) for d in other_photo(rng)[1]] for _ in range(12)]
    found = [[(b.label, b.x_min, b.y_min, b.x_max, b.y_max) for b in example.boxes] for example in examples]
    assert found == wanted
    assert {name for boxes in found for name, *_ in boxes} == set(NEW_SIGNS)
