"""Pictures of a chessboard through a known camera."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from car.calibration.chessboard import Chessboard

WIDTH_PX, HEIGHT_PX = 320, 240
PAPER_PX_PER_SQUARE = 40


@dataclass(frozen=True)
class TrueCamera:
    """What a calibration has to find."""

    fov_deg: float = 84.0
    forward_m: float = 0.07
    left_m: float = 0.0
    height_m: float = 0.13
    pitch_deg: float = 18.0
    roll_deg: float = 0.0
    yaw_deg: float = 0.0

    @property
    def matrix(self) -> NDArray[np.float64]:
        focal_px = WIDTH_PX / 2 / math.tan(math.radians(self.fov_deg) / 2)
        return np.array([[focal_px, 0, (WIDTH_PX - 1) / 2], [0, focal_px, (HEIGHT_PX - 1) / 2], [0, 0, 1]])

    def floor_pose(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Rotation (3, 3) and translation (3,) from the car's frame into the camera's."""
        pitch, roll, yaw = (math.radians(angle) for angle in (self.pitch_deg, self.roll_deg, self.yaw_deg))
        ahead = np.array([math.cos(yaw) * math.cos(pitch), math.sin(yaw) * math.cos(pitch), -math.sin(pitch)])
        level = np.array([math.sin(yaw), -math.cos(yaw), 0.0])
        down = np.cross(ahead, level)
        right = math.cos(roll) * level + math.sin(roll) * down
        rotation = np.stack([right, np.cross(ahead, right), ahead])
        place = np.array([self.forward_m, self.left_m, self.height_m])
        return rotation, -rotation @ place


def paper(board: Chessboard) -> NDArray[np.uint8]:
    """The print, with a white border of one square."""
    side = PAPER_PX_PER_SQUARE
    picture = np.full(((board.rows + 3) * side, (board.columns + 3) * side), 245, np.uint8)
    for row in range(board.rows + 1):
        for column in range(board.columns + 1):
            if (row + column) % 2 == 0:
                picture[(row + 1) * side : (row + 2) * side, (column + 1) * side : (column + 2) * side] = 15
    return picture


def seen(
    board: Chessboard, camera: TrueCamera, rotation: NDArray[np.float64], translation: NDArray[np.float64]
) -> NDArray[np.uint8]:
    """A BGR picture of a board whose first inner corner is at the origin, x across, y down, z = 0, posed so."""
    side = PAPER_PX_PER_SQUARE
    # From pixels of the print to metres on the board: its first inner corner is two squares in.
    scale = board.square_m / side
    first_m = scale / 2 - 2 * board.square_m
    to_board = np.array([[scale, 0, first_m], [0, scale, first_m], [0, 0, 1]])
    to_picture = camera.matrix @ np.column_stack([rotation[:, 0], rotation[:, 1], translation])
    large = np.diag([4.0, 4.0, 1.0])
    large[0, 2] = large[1, 2] = 1.5  # the middle of a pixel of the small picture is that of its sixteen
    wide = cv2.warpPerspective(
        paper(board),
        large @ to_picture @ to_board,
        (4 * WIDTH_PX, 4 * HEIGHT_PX),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=110,
    )
    grey = cv2.resize(wide, (WIDTH_PX, HEIGHT_PX), interpolation=cv2.INTER_AREA)
    noise = np.random.default_rng(int(wide.sum()) % 2**32).normal(0, 1.5, grey.shape)
    return np.asarray(cv2.cvtColor(np.clip(grey + noise, 0, 255).astype(np.uint8), cv2.COLOR_GRAY2BGR), np.uint8)


def in_hand(board: Chessboard, camera: TrueCamera, number: int) -> NDArray[np.uint8]:
    """One of many ways to hold a board before a camera."""
    rng = np.random.default_rng([7, number])
    turned, _ = cv2.Rodrigues(rng.uniform([-0.6, -0.6, -0.25], [0.6, 0.6, 0.25]))
    middle = np.append(board.points_m.mean(axis=0), 0.0)
    aside = rng.uniform([-0.08, -0.06], [0.08, 0.06])
    distance_m = rng.uniform(0.22, 0.4)
    return seen(board, camera, turned, np.array([*aside, distance_m]) - turned @ middle)


def on_the_floor(board: Chessboard, camera: TrueCamera, ahead_m: float) -> NDArray[np.uint8]:
    """The board lies before the car, its rows across, its far end first."""
    rotation, translation = camera.floor_pose()
    far_m = ahead_m + (board.rows - 1) * board.square_m
    half_m = (board.columns - 1) * board.square_m / 2
    # Board x goes to the right of the car, y towards it, z into the floor.
    to_car = np.array([[0.0, -1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, -1.0]])
    return seen(board, camera, rotation @ to_car, rotation @ np.array([far_m, half_m, 0.0]) + translation)
