"""Where the buildings, lamp posts and trees of a city stand: off the road, and never before a sign."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from city.city import City, Edge, Sign
from city.geometry import Curve
from sim.render.buildings import PALETTES, Lot, building, lamp_post, tree
from sim.render.mesh import Mesh, join_meshes, placed
from sim.render.road_texture import ground_bounds
from sim.render.style import TownStyle

ROAD_CLEARANCE_M = 0.08  # from a road corridor to anything that stands
LOW_AT_ROAD_M = 0.12  # greatest height at the clearance
RISE = 1.1  # greatest height grows by this with the distance from the road
SIGN_VIEW_M = 0.8  # a sign is seen freely over the last stretch of its own lane
SIGN_VIEW_SIDE_M = 0.08  # also by a car that is this far off the lane's centre
LAMP_SPACING_M = 0.55
LAMP_HEIGHT_M = 0.19
CELLS_PER_M = 100.0
TRIES_PER_M2 = 70.0
TREE_KINDS = 8


@dataclass(frozen=True, slots=True)
class Footprint:
    """The ground that something covers, for shadows: corners (4, 2), counter-clockwise, and its height."""

    corners_m: NDArray[np.float64]
    height_m: float


@dataclass(frozen=True, eq=False)
class Town:
    """Everything that stands beside the road, except signs."""

    mesh: Mesh
    footprints: tuple[Footprint, ...]


def build_town(city: City, seed: int, style: TownStyle) -> Town:
    """Fill the room beside the road; the same seed and style give the same town."""
    rng = np.random.default_rng([seed, 7])
    room = _Room(city)
    palette = PALETTES[style.palette]
    meshes: list[Mesh] = []
    footprints: list[Footprint] = []
    lamp = lamp_post(LAMP_HEIGHT_M)
    for x_m, y_m in _lamp_places(city, room, style.lamp_posts):
        meshes.append(placed(lamp, x_m, y_m))
        footprints.append(Footprint(_rectangle(x_m, y_m, 0.012, 0.012), LAMP_HEIGHT_M))
    for largest_m in (0.34, 0.26, 0.18, 0.12):
        for _ in range(round(room.area_m2 * TRIES_PER_M2 * style.density)):
            width_m, depth_m = rng.uniform(0.6, 1.0, 2) * largest_m
            place = room.take(rng, width_m, depth_m)
            if place is None:
                continue
            x_m, y_m, clearance_m = place
            limit_m = LOW_AT_ROAD_M + RISE * (clearance_m - ROAD_CLEARANCE_M)
            height_m = min(limit_m, style.max_height_m, 2.6 * largest_m) * rng.uniform(0.75, 1.0)
            meshes.append(placed(building(rng, Lot(width_m, depth_m, height_m), palette), x_m, y_m))
            footprints.append(Footprint(_rectangle(x_m, y_m, width_m, depth_m), height_m))
    heights_m = rng.uniform(0.07, 0.13, TREE_KINDS)
    trees = [tree(rng, float(height_m)) for height_m in heights_m]
    for index in range(round(room.area_m2 * TRIES_PER_M2 * style.trees)):
        place = room.take(rng, 0.05, 0.05)
        if place is not None:
            kind = index % TREE_KINDS
            meshes.append(placed(trees[kind], place[0], place[1]))
            footprints.append(Footprint(_rectangle(place[0], place[1], 0.03, 0.03), float(heights_m[kind])))
    return Town(join_meshes(meshes), tuple(footprints))


def _rectangle(x_m: float, y_m: float, width_m: float, depth_m: float) -> NDArray[np.float64]:
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * [width_m / 2, depth_m / 2]
    return np.asarray(corners + np.array([x_m, y_m]))


class _Room:
    """The ground as cells: how far each is from the road, and whether something may stand on it."""

    def __init__(self, city: City) -> None:
        self._x0, self._y0, x1, y1 = ground_bounds(city)
        shape = math.ceil((y1 - self._y0) * CELLS_PER_M), math.ceil((x1 - self._x0) * CELLS_PER_M)
        road = np.zeros(shape, np.uint8)
        width_px = math.ceil(city.lane_width_m * CELLS_PER_M) + 1
        for curve in [e.curve for e in city.edges.values()] + [m.curve for m in city.movements.values()]:
            cv2.polylines(road, [self._cells(curve.points_m)], False, 255, width_px)
        self._clearance_m = cv2.distanceTransform(255 - road, cv2.DIST_L2, 5) / CELLS_PER_M
        taken = (self._clearance_m < ROAD_CLEARANCE_M + 1.0 / CELLS_PER_M).astype(np.uint8)
        for sign in city.signs:
            for outline in sign_view_outlines(city, sign):
                cv2.fillConvexPoly(taken, self._cells(outline), 1)
            pole = tuple(self._cells(np.array([[sign.pose.x_m, sign.pose.y_m]]))[0].tolist())
            cv2.circle(taken, pole, round((sign.width_m / 2 + 0.02) * CELLS_PER_M), 1, -1)
        taken[[0, 1, -2, -1], :] = 1
        taken[:, [0, 1, -2, -1]] = 1
        self._taken = taken

    def _cells(self, points_m: NDArray[np.float64]) -> NDArray[np.int32]:
        return np.floor((points_m - [self._x0, self._y0]) * CELLS_PER_M).astype(np.int32)

    @property
    def area_m2(self) -> float:
        """Of the ground off the road."""
        return float(np.count_nonzero(self._clearance_m > ROAD_CLEARANCE_M)) / CELLS_PER_M**2

    def take(self, rng: np.random.Generator, width_m: float, depth_m: float) -> tuple[float, float, float] | None:
        """Try one random place: (x, y, distance of the footprint from the road) if it was free, and is now taken."""
        rows, columns = self._taken.shape
        wide, deep = math.ceil(width_m * CELLS_PER_M), math.ceil(depth_m * CELLS_PER_M)
        column = int(rng.integers(max(1, columns - wide)))
        row = int(rng.integers(max(1, rows - deep)))
        return self._take_cells(column, row, wide, deep)

    def take_at(self, x_m: float, y_m: float, side_m: float) -> bool:
        """Take a square about a point if it is free."""
        column, row = self._cells(np.array([[x_m - side_m / 2, y_m - side_m / 2]]))[0].tolist()
        side = math.ceil(side_m * CELLS_PER_M)
        return self._take_cells(column, row, side, side) is not None

    def _take_cells(self, column: int, row: int, wide: int, deep: int) -> tuple[float, float, float] | None:
        end_row, end_column = row + deep, column + wide
        rows, columns = self._taken.shape
        if row < 0 or column < 0 or end_row > rows or end_column > columns:
            return None
        if self._taken[row:end_row, column:end_column].any():
            return None
        clearance_m = float(self._clearance_m[row:end_row, column:end_column].min())
        self._taken[max(0, row - 1) : end_row + 1, max(0, column - 1) : end_column + 1] = 1
        x_m = self._x0 + (column + wide / 2) / CELLS_PER_M
        y_m = self._y0 + (row + deep / 2) / CELLS_PER_M
        return x_m, y_m, clearance_m


def sign_view_outlines(city: City, sign: Sign) -> list[NDArray[np.float64]]:
    """Convex outlines (N, 2) that together hold every line of sight to a sign from the end of its own lane."""
    side = np.array([-math.sin(sign.pose.heading_rad), math.cos(sign.pose.heading_rad)])
    middle = np.array([sign.pose.x_m, sign.pose.y_m])
    board = np.array([middle - side * sign.width_m / 2, middle + side * sign.width_m / 2])
    outlines = []
    for eyes in _approach(city, city.edges[sign.edge]):
        for start in range(0, len(eyes) - 1, 8):
            points = np.concatenate([eyes[start : start + 9], board]).astype(np.float32)
            outlines.append(np.asarray(cv2.convexHull(points)[:, 0], np.float64))
    return outlines


def _approach(city: City, edge: Edge) -> list[NDArray[np.float64]]:
    """Left and right rims of the way to an edge's end, over `SIGN_VIEW_M` and by all ways that lead onto it."""
    rims = _rims(edge.curve, SIGN_VIEW_M)
    missing_m = SIGN_VIEW_M - edge.curve.length_m
    if missing_m > 0:
        for way in city.predecessors(edge.id):
            rims += _rims(way.curve, missing_m)
    return rims


def _rims(curve: Curve, last_m: float) -> list[NDArray[np.float64]]:
    near = curve.stations_m >= curve.length_m - last_m
    return [curve.offset(side_m)[near] for side_m in (-SIGN_VIEW_SIDE_M, SIGN_VIEW_SIDE_M)]


def _lamp_places(city: City, room: _Room, share: float) -> list[tuple[float, float]]:
    """Along both sides of every edge, where there is room."""
    places = []
    spacing_m = LAMP_SPACING_M / max(share, 0.05)
    offset_m = city.lane_width_m / 2 + ROAD_CLEARANCE_M + 0.03
    for edge in city.edges.values() if share > 0 else ():
        for side in (1.0, -1.0):
            for s_m in np.arange(0.12, edge.curve.length_m, spacing_m):
                pose = edge.curve.pose_at(float(s_m))
                x_m = pose.x_m - side * offset_m * math.sin(pose.heading_rad)
                y_m = pose.y_m + side * offset_m * math.cos(pose.heading_rad)
                if room.take_at(x_m, y_m, 0.03):
                    places.append((x_m, y_m))
    return places
