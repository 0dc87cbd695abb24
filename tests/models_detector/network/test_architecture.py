from __future__ import annotations

import numpy as np
import pytest

from models.detector.network.anchors import AnchorLayout
from models.detector.network.architecture import PRIOR, VARIANTS, build_detector
from tests.models_detector.drawn_pictures import SMALL_LAYOUT


def test_one_row_per_anchor_with_four_codes_and_a_logit_per_class() -> None:
    network = build_detector("edge-w1.0", SMALL_LAYOUT, 20)
    out = np.asarray(network(np.zeros((2, 64, 96, 3), np.float32)))
    assert out.shape == (2, SMALL_LAYOUT.count, 24)


def test_an_untrained_network_believes_in_nothing() -> None:
    network = build_detector("edge-w1.0", SMALL_LAYOUT, 20)
    logits = np.asarray(network(np.full((1, 64, 96, 3), 90.0, np.float32)))[..., 4:]
    assert 1 / (1 + np.exp(-logits)).mean() == pytest.approx(PRIOR, abs=0.03)


def test_the_shipped_size_stays_small() -> None:
    assert build_detector("edge-w1.0", AnchorLayout(), 20).count_params() < 450_000


def test_wider_variants_are_larger() -> None:
    sizes = [build_detector(name, SMALL_LAYOUT, 20).count_params() for name in VARIANTS]
    assert sizes == sorted(sizes)
    assert sizes[-1] > 3 * sizes[0]


def test_an_unknown_variant_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"edge-w1\.0"):
        build_detector("vgg", SMALL_LAYOUT, 20)
