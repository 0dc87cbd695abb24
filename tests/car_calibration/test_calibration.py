"""A camera is found again from pictures of a board that it took."""

from __future__ import annotations

import math

import numpy as np
import pytest

from car.calibration.chessboard import CalibrationError, Chessboard
from car.calibration.lens import LEAST_VIEWS, Lens, lens_of
from car.calibration.mount import mount_of
from car.calibration.views import Views, collect_views
from tests.car_calibration.rendered import HEIGHT_PX, WIDTH_PX, TrueCamera, in_hand, on_the_floor

BOARD = Chessboard(9, 6, 0.018)
AHEAD_M = 0.20


def lens_through(camera: TrueCamera) -> Lens:
    views = Views(BOARD)
    for number in range(16):
        views.take(in_hand(BOARD, camera, number), must_be_still=False)
    return lens_of(BOARD, views.kept, WIDTH_PX, HEIGHT_PX)


@pytest.mark.parametrize("fov_deg", [66.0, 90.0])
def test_the_field_of_view_is_found(fov_deg: float) -> None:
    lens = lens_through(TrueCamera(fov_deg=fov_deg))
    assert math.degrees(lens.horizontal_fov_rad) == pytest.approx(fov_deg, abs=0.7)
    assert lens.error_px < 0.3
    assert lens.corner_shift_px < 2.0


@pytest.mark.parametrize(
    "camera",
    [
        TrueCamera(),
        TrueCamera(height_m=0.11, pitch_deg=24.0, forward_m=0.09),
        TrueCamera(left_m=0.01, roll_deg=2.0, yaw_deg=-3.0),
    ],
)
def test_the_mount_is_found(camera: TrueCamera) -> None:
    focal_px = float(camera.matrix[0, 0])
    view = BOARD.find(on_the_floor(BOARD, camera, AHEAD_M))
    assert view is not None
    mount = mount_of(BOARD, view, Lens(WIDTH_PX, HEIGHT_PX, focal_px, 0.0, 0.1), AHEAD_M)
    assert mount.height_m == pytest.approx(camera.height_m, abs=0.003)
    assert mount.forward_m == pytest.approx(camera.forward_m, abs=0.004)
    assert mount.left_m == pytest.approx(camera.left_m, abs=0.002)
    assert math.degrees(mount.pitch_rad) == pytest.approx(camera.pitch_deg, abs=0.7)
    assert math.degrees(mount.roll_rad) == pytest.approx(camera.roll_deg, abs=0.5)
    assert math.degrees(mount.yaw_rad) == pytest.approx(camera.yaw_deg, abs=0.7)


def test_corners_are_found_where_they_are_whichever_end_is_up() -> None:
    picture = on_the_floor(BOARD, TrueCamera(), AHEAD_M)
    upright = BOARD.find(picture)
    turned = BOARD.find(np.ascontiguousarray(picture[::-1, ::-1]))
    assert upright is not None
    assert turned is not None
    again = np.array([WIDTH_PX - 1, HEIGHT_PX - 1]) - turned[::-1]
    assert np.abs(again - upright).max() < 0.3


def test_a_picture_without_the_board_shows_none() -> None:
    assert BOARD.find(np.full((240, 320, 3), 90, np.uint8)) is None


def test_a_board_that_is_still_is_taken_once_and_a_moving_one_not_at_all() -> None:
    poses = [in_hand(BOARD, TrueCamera(), number) for number in range(8)]
    moving = list(collect_views(BOARD, poses, 20))
    assert moving == []
    still = list(collect_views(BOARD, [picture for picture in poses for _ in range(5)], 20))
    assert 5 <= len(still) <= 8


def test_collecting_ends_when_there_are_enough() -> None:
    poses = (in_hand(BOARD, TrueCamera(), number // 2) for number in range(1000))
    assert len(list(collect_views(BOARD, poses, 4))) == 4


def test_too_few_views_say_what_to_do() -> None:
    with pytest.raises(CalibrationError, match=rf"{LEAST_VIEWS} are needed: hold it still"):
        lens_of(BOARD, [np.zeros((54, 2))] * 3, WIDTH_PX, HEIGHT_PX)


def test_views_that_fit_no_lens_are_refused() -> None:
    rng = np.random.default_rng(1)
    bent = [
        np.asarray(view + rng.normal(0, 4, view.shape))
        for number in range(8)
        if (view := BOARD.find(in_hand(BOARD, TrueCamera(), number))) is not None
    ]
    with pytest.raises(CalibrationError, match="is the print flat"):
        lens_of(BOARD, bent, WIDTH_PX, HEIGHT_PX)


def test_a_floor_picture_of_another_board_is_refused() -> None:
    view = BOARD.find(on_the_floor(BOARD, TrueCamera(), AHEAD_M))
    assert view is not None
    wrong = view * [1.0, 0.8] + [0.0, 30.0]
    wrong[::7] += 9
    with pytest.raises(CalibrationError, match="lay the board flat"):
        mount_of(BOARD, wrong, Lens(WIDTH_PX, HEIGHT_PX, 178.0, 0.0, 0.1), AHEAD_M)


@pytest.mark.parametrize("size", ["9", "9x", "2x5", "9x21", "0x0", "axb", "9x7", "8x6"])
def test_a_board_that_cannot_be_is_refused(size: str) -> None:
    with pytest.raises(CalibrationError, match="board"):
        Chessboard.parse(size, 0.02)
