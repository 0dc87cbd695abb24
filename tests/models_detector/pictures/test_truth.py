from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from city.files import load_city
from city.geometry import Pose
from models.detector.pictures.truth import board_corners_m, facing_cosine, frame_boxes, visible_part
from sim.render.camera import CameraView, project_points
from sim.render.scene import FIRST_CAR_ID

SIGN = replace(load_city("pixelopolis").signs[0], kind="Go", pose=Pose(1.0, 0.0, math.pi))
SHAPE = (240, 320)


def view_from(x_m: float, y_m: float, heading_rad: float = 0.0) -> CameraView:
    return CameraView.on_car(Pose(x_m, y_m, heading_rad))


def painted(view: CameraView, value: int = 1) -> np.ndarray[tuple[int, ...], np.dtype[np.uint16]]:
    """An id picture in which the sign's board is a filled rectangle."""
    corners = project_points(view, board_corners_m(SIGN), SHAPE[1], SHAPE[0])
    (left, top), (right, bottom) = corners.min(axis=0).round().astype(int), corners.max(axis=0).round().astype(int)
    ids = np.zeros(SHAPE, np.uint16)
    ids[max(0, top) : max(0, bottom), max(0, left) : max(0, right)] = value
    return ids


def test_visible_part_is_the_extent_of_the_pixels() -> None:
    mask = np.zeros(SHAPE, np.bool_)
    mask[10:20, 30:45] = True
    part = visible_part(mask)
    assert part is not None
    assert (part.x_min, part.y_min, part.x_max, part.y_max, part.pixels) == (30, 10, 45, 20, 150)


@pytest.mark.parametrize("rows", [slice(0, 0), slice(5, 8)])
def test_specks_are_nothing(rows: slice) -> None:
    mask = np.zeros(SHAPE, np.bool_)
    mask[rows, 3:30] = True
    assert visible_part(mask) is None


def test_a_sign_seen_head_on_is_asked_for() -> None:
    view = view_from(0.4, 0.0)
    (box,) = frame_boxes(painted(view), view, [SIGN], [])
    assert box.label == "Go"
    assert not box.difficult
    assert not box.truncated
    assert box.width == pytest.approx(160 * 0.12 / 0.52, abs=5)


def test_a_far_sign_is_difficult() -> None:
    view = view_from(-1.2, 0.0)
    (box,) = frame_boxes(painted(view), view, [SIGN], [])
    assert box.difficult


def test_a_sign_seen_from_the_side_is_difficult_and_from_behind_nothing() -> None:
    beside = view_from(1.0 - 0.2, 0.6, -math.pi / 2)
    (box,) = frame_boxes(painted(beside), beside, [SIGN], [])
    assert box.difficult
    behind = view_from(1.6, 0.0, math.pi)
    assert facing_cosine(SIGN, behind) == pytest.approx(-1.0)
    assert frame_boxes(painted(behind), behind, [SIGN], []) == ()


def test_a_mostly_hidden_sign_is_difficult() -> None:
    view = view_from(0.4, 0.0)
    ids = painted(view)
    columns = np.flatnonzero(ids.any(axis=0))
    ids[:, columns[5] :] = 0
    (box,) = frame_boxes(ids, view, [SIGN], [])
    assert box.difficult


def test_a_sign_of_which_half_is_hidden_is_occluded_yet_asked_for() -> None:
    view = view_from(0.4, 0.0)
    ids = painted(view)
    assert not frame_boxes(ids, view, [SIGN], [])[0].occluded
    rows = np.flatnonzero(ids.any(axis=1))
    ids[rows[len(rows) // 2] :] = 0
    (box,) = frame_boxes(ids, view, [SIGN], [])
    assert box.occluded
    assert not box.difficult


def test_a_sign_cut_by_the_border_is_truncated_and_not_occluded() -> None:
    view = view_from(0.4, 0.0, math.radians(41))
    (box,) = frame_boxes(painted(view), view, [SIGN], [])
    assert box.truncated
    assert not box.occluded


def test_a_sign_beside_the_camera_does_not_upset_the_projection() -> None:
    view = view_from(0.9, -0.03)
    ids = np.zeros(SHAPE, np.uint16)
    ids[0:60, 0:40] = 1
    (box,) = frame_boxes(ids, view, [SIGN], [])
    assert box.difficult
    assert box.truncated


def test_cars_are_found_by_their_ids_and_hidden_ones_are_difficult() -> None:
    view = view_from(0.0, 0.0)
    car = Pose(0.7, 0.0, 0.0)
    ids = np.zeros(SHAPE, np.uint16)
    ids[70:110, 138:182] = FIRST_CAR_ID
    (box,) = frame_boxes(ids, view, [], [car])
    assert (box.label, box.difficult) == ("Car", False)
    ids[:, 145:] = 0
    assert not frame_boxes(ids, view, [], [car]) or frame_boxes(ids, view, [], [car])[0].difficult
