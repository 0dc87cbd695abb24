"""Hard looks do to a picture what their names say."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from city.files import load_city
from fleet.vehicle import DEFAULT_CAMERA
from models.lane.photographing.looks import LOOKS, look_named
from models.lane.photographing.photographer import Photographer
from sim.render.photo import PhotoStyle
from sim.render.style import SceneStyle

CITY = load_city("square")
POSE = CITY.edges[1].curve.pose_at(0.8)


@pytest.fixture(scope="module")
def photographer() -> Photographer:
    return Photographer()


def picture(photographer: Photographer, look: str | None, seed: int = 4) -> NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    photographer.set_up(CITY, rng, 0.2, look=look, held_out=True)
    return photographer.take(POSE, DEFAULT_CAMERA, [], rng).astype(np.float64)


def test_dark_is_dark_and_glare_is_bright(photographer: Photographer) -> None:
    plain = picture(photographer, None).mean()
    assert picture(photographer, "dark").mean() < 0.55 * plain
    assert picture(photographer, "glare").mean() > 1.15 * plain


def test_a_cast_tips_the_colours(photographer: Photographer) -> None:
    def imbalance(seen: NDArray[np.float64]) -> float:
        means = seen[160:].mean(axis=(0, 1))  # of the road
        return float(means.min() / means.max())

    assert imbalance(picture(photographer, "colour_cast")) < 0.75 < imbalance(picture(photographer, None))


def test_worn_lines_are_less_red_and_blue(photographer: Photographer) -> None:
    def redness(seen: NDArray[np.float64]) -> float:
        return float(np.count_nonzero(seen[..., 2] > 1.6 * seen[..., 1]) / seen[..., 0].size)

    assert redness(picture(photographer, "worn_lines")) < 0.8 * redness(picture(photographer, None))


@pytest.mark.parametrize("name", LOOKS)
def test_without_strength_nothing_is_harder(name: str) -> None:
    rng = np.random.default_rng(1)
    style, photo = SceneStyle.sample(rng, 0.3), PhotoStyle.sample(rng, 0.3)
    look = look_named(name)
    same = look.scene(style, 0.0, rng)
    assert same.light.cast == pytest.approx(style.light.cast)
    assert same.light.sun_strength == pytest.approx(style.light.sun_strength)
    assert same.road == style.road
    assert look.photo(photo, 0.0, rng).glare == 0.0


def test_an_unknown_look_is_named_with_those_that_exist() -> None:
    with pytest.raises(ValueError, match=r"'foggy'; known are dark, glare"):
        look_named("foggy")


def test_a_look_repeats_with_its_seed(photographer: Photographer) -> None:
    assert np.array_equal(picture(photographer, "glare", 8), picture(photographer, "glare", 8))
    assert not np.array_equal(picture(photographer, "glare", 8), picture(photographer, "glare", 9))


def test_repainting_changes_the_paint_and_nothing_that_must_be_drawn_anew(photographer: Photographer) -> None:
    rng = np.random.default_rng(6)
    photographer.set_up(CITY, rng, 0.5, held_out=True)
    before = photographer._scene
    first = photographer.take(POSE, DEFAULT_CAMERA, [], np.random.default_rng(0))
    photographer.repaint(rng, 0.9, look="worn_lines")
    after = photographer._scene
    assert before is not None
    assert after is not None
    assert after.road is before.road
    assert after.ground_light is before.ground_light
    assert after.sky is before.sky
    assert after.style.road.line_wear > before.style.road.line_wear
    assert not np.array_equal(first, photographer.take(POSE, DEFAULT_CAMERA, [], np.random.default_rng(0)))


def test_there_is_nothing_to_repaint_before_a_city() -> None:
    with pytest.raises(RuntimeError, match="set_up"):
        Photographer().repaint(np.random.default_rng(0), 0.5)
