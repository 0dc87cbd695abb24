from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import cv2
import numpy as np
import OpenEXR
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim.render.photo import PhotoStyle, distort_points
from sim.render.sky import HEIGHT_PX, WIDTH_PX, PanoramaError, panorama
from sim.render.style import FIRST_HELD_OUT_SKY, SKY_KINDS, SceneStyle, SkyStyle


def picture(seed: int = 0) -> NDArray[np.uint8]:
    small = np.random.default_rng(seed).integers(0, 255, (12, 16, 3)).astype(np.uint8)
    return np.asarray(cv2.resize(small, (320, 240), interpolation=cv2.INTER_CUBIC), np.uint8)


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_samples_are_repeatable_and_within_range(seed: int, hardness: float) -> None:
    style = SceneStyle.sample(np.random.default_rng(seed), hardness)
    assert style == SceneStyle.sample(np.random.default_rng(seed), hardness)
    for group in (style.light, style.road):
        for field in fields(group):
            value = getattr(group, field.name)
            if field.name.endswith("_colour") or field.name == "cast":
                assert len(value) == 3
                assert all(0 <= part <= 1 for part in value)
    assert style.road.left_colour[0] > style.road.left_colour[2]
    assert style.road.right_colour[2] > style.road.right_colour[0]
    assert 0 <= style.road.line_wear < 1
    assert style.sky.seed < FIRST_HELD_OUT_SKY


def test_held_out_skies_are_never_drawn_for_training() -> None:
    rng = np.random.default_rng(0)
    assert all(SceneStyle.sample(rng, held_out=True).sky.seed >= FIRST_HELD_OUT_SKY for _ in range(50))


@pytest.mark.parametrize("hardness", [-0.1, 1.5])
def test_hardness_is_checked(hardness: float) -> None:
    with pytest.raises(ValueError, match="hardness must be within 0 to 1"):
        SceneStyle.sample(np.random.default_rng(0), hardness)


@pytest.mark.parametrize("kind", SKY_KINDS)
def test_every_sky_is_a_seamless_picture(kind: str) -> None:
    sky = panorama(SkyStyle(kind=kind, seed=3))
    assert sky.shape == (HEIGHT_PX, WIDTH_PX, 3)
    assert sky.dtype == np.uint8
    assert sky.std() > 1
    # Left and right borders meet: no more of a step than between columns elsewhere.
    upper = sky[: HEIGHT_PX // 3].astype(int)
    seam = np.abs(upper[:, 0] - upper[:, -1]).mean()
    inside = np.abs(np.diff(upper, axis=1)).mean(axis=(0, 2)).max()
    assert seam <= inside + 2


def test_an_unknown_sky_is_named() -> None:
    with pytest.raises(ValueError, match="no sky 'sea'"):
        panorama(SkyStyle(kind="sea"))


def test_panoramas_come_from_files(tmp_path: Path) -> None:
    file = tmp_path / "sky.png"
    cv2.imwrite(str(file), np.full((50, 100, 3), (200, 100, 50), np.uint8))
    sky = panorama(SkyStyle(panorama=file))
    assert sky[0, 0].tolist() == [50, 100, 200]
    bright = tmp_path / "sky.hdr"
    cv2.imwrite(str(bright), np.full((50, 100, 3), 40.0, np.float32))
    assert panorama(SkyStyle(panorama=bright)).max() < 255


@pytest.mark.parametrize("channels", ["RGB", "RGBA", "planes"])
def test_panoramas_come_from_openexr_too(tmp_path: Path, channels: str) -> None:
    light = np.zeros((50, 100, 4), np.float32)
    light[..., 0], light[:25, :, 0] = 0.4, 4.0  # red, brighter above; no other colour
    light[0, 0, 0] = np.inf  # the sun
    content = {channels: np.ascontiguousarray(light[..., : len(channels)])}
    if channels == "planes":
        content = {name: np.ascontiguousarray(light[..., k]) for k, name in enumerate("RGB")}
    file = tmp_path / "sky.exr"
    OpenEXR.File({"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}, content).write(str(file))
    sky = panorama(SkyStyle(panorama=file))
    assert sky[10, 500, 0] > sky[-10, 500, 0] >= 0
    assert sky[..., 1:].max() == 0


def test_bad_panorama_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(PanoramaError, match=r"missing\.jpg"):
        panorama(SkyStyle(panorama=tmp_path / "missing.jpg"))
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    with pytest.raises(PanoramaError, match=r"broken\.jpg"):
        panorama(SkyStyle(panorama=broken))
    (tmp_path / "broken.exr").write_bytes(b"no picture")
    with pytest.raises(PanoramaError, match=r"broken\.exr: is not an OpenEXR picture"):
        panorama(SkyStyle(panorama=tmp_path / "broken.exr"))


def test_a_faultless_camera_changes_nothing() -> None:
    image = picture()
    assert np.array_equal(PhotoStyle().apply(image, np.random.default_rng(0)), image)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(0, 1), st.booleans())
def test_photos_keep_their_form_and_repeat(seed: int, hardness: float, distort: bool) -> None:
    style = PhotoStyle.sample(np.random.default_rng(seed), hardness, distort=distort)
    image = picture(seed)
    before = image.copy()
    taken = style.apply(image, np.random.default_rng(seed))
    assert taken.shape == image.shape
    assert taken.dtype == np.uint8
    assert np.array_equal(image, before)
    assert np.array_equal(taken, style.apply(image, np.random.default_rng(seed)))


def test_noise_is_as_strong_as_asked() -> None:
    grey = np.full((480, 640, 3), 128, np.uint8)
    noisy = PhotoStyle(noise=0.05).apply(grey, np.random.default_rng(1))
    assert (noisy.astype(float) - 128).std() == pytest.approx(0.05 * 255, rel=0.05)
    assert noisy.mean() == pytest.approx(128, abs=1)


def test_gain_is_red_green_blue() -> None:
    grey = np.full((4, 4, 3), 100, np.uint8)
    assert PhotoStyle(gain=(1.0, 0.5, 0.1)).apply(grey, np.random.default_rng(0))[0, 0].tolist() == [10, 50, 100]


def test_glare_is_white_at_its_middle_and_veils_the_rest() -> None:
    black = np.zeros((240, 320, 3), np.uint8)
    seen = PhotoStyle(glare=0.6, glare_at=(0.3, 0.2)).apply(black, np.random.default_rng(0))[..., 0].astype(float)
    row, column = divmod(int(np.argmax(seen)), seen.shape[1])
    assert row == pytest.approx(48, abs=4)
    assert column == pytest.approx(96, abs=4)
    assert seen.max() == pytest.approx(0.6 * 255, rel=0.05)
    assert 0.1 * 255 < seen[-1, -1] < 0.15 * 255
    white = np.full_like(black, 250)
    assert PhotoStyle(glare=0.6).apply(white, np.random.default_rng(0)).min() == 255  # it never wraps


@pytest.mark.parametrize("distortion", [-0.03, 0.05, 0.12])
def test_points_follow_the_distorted_picture(distortion: float) -> None:
    spots = np.array([[80.5, 60.5], [250.5, 180.5], [160.5, 120.5], [300.5, 120.5]])
    moved = distort_points(spots, 320, 240, distortion)
    for (u, v), (mu, mv) in zip(spots, moved, strict=True):
        image = np.zeros((240, 320, 3), np.uint8)
        cv2.circle(image, (int(u), int(v)), 3, (255, 255, 255), -1)
        seen = PhotoStyle(distortion=distortion).apply(image, np.random.default_rng(0))[..., 0].astype(float)
        rows, columns = np.mgrid[0:240, 0:320] + 0.5
        centre = (columns * seen).sum() / seen.sum(), (rows * seen).sum() / seen.sum()
        assert centre == pytest.approx((mu, mv), abs=0.3)
