"""A large mesh cut into pieces by place, so that a camera draws only those that it can see."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sim.render.camera import CameraView, camera_axes
from sim.render.mesh import VERTEX, Mesh

CELL_M = 0.6


@dataclass(frozen=True, eq=False)
class ChunkedMesh:
    """A mesh as shared vertices and indices, the indices ordered by chunk.

    Attributes:
        vertices: (V,) of VERTEX, each one different.
        indices: (3T,) uint32.
        starts: (C + 1,) where each chunk begins in `indices`, and the end of the last.
        centres_m: (C, 3) of spheres that hold the chunks.
        radii_m: (C,) of these spheres.
    """

    vertices: Mesh
    indices: NDArray[np.uint32]
    starts: NDArray[np.int64]
    centres_m: NDArray[np.float64]
    radii_m: NDArray[np.float64]

    @classmethod
    def of(cls, mesh: Mesh) -> ChunkedMesh:
        """Cut triangle soup by the ground cell that each triangle's middle lies in."""
        corners = mesh["position"].astype(np.float64).reshape(-1, 3, 3)
        cells = np.floor(corners.mean(axis=1)[:, :2] / CELL_M).astype(np.int64)
        # Triangles that are larger than a cell would widen their chunk's sphere; they make one of their own.
        large = np.ptp(corners, axis=1).max(axis=1, initial=0.0) > CELL_M
        cells[large] = np.iinfo(np.int32).max
        order = np.lexsort((cells[:, 1], cells[:, 0]))
        ordered = cells[order]
        changed = np.any(ordered[1:] != ordered[:-1], axis=1)
        firsts = np.concatenate([[0], np.flatnonzero(changed) + 1, [len(order)]]) if len(order) else np.zeros(1, int)
        soup = mesh.reshape(-1, 3)[order].reshape(-1)
        unique, indices = np.unique(soup.view(f"V{VERTEX.itemsize}"), return_inverse=True)
        centres, radii = [], []
        for first, last in pairwise(firsts):
            points = soup["position"][3 * first : 3 * last].astype(np.float64)
            centre = (points.min(axis=0) + points.max(axis=0)) / 2
            centres.append(centre)
            radii.append(float(np.linalg.norm(points - centre, axis=1).max()))
        return cls(
            unique.view(VERTEX),
            indices.astype(np.uint32),
            np.asarray(firsts * 3, np.int64),
            np.array(centres).reshape(-1, 3),
            np.array(radii),
        )

    def seen_by(self, view: CameraView, width_px: int, height_px: int) -> list[tuple[int, int]]:
        """(first index, count) of the runs of chunks whose spheres reach into the picture."""
        eye = np.array([view.pose.x_m, view.pose.y_m, view.pose.z_m])
        seen = np.abs((self.centres_m - eye) @ camera_axes(view.pose)[:2].T)
        depth = (self.centres_m - eye) @ camera_axes(view.pose)[2]
        inside = depth > -self.radii_m
        tangent_x = math.tan(view.horizontal_fov_rad / 2)
        for axis, tangent in ((0, tangent_x), (1, tangent_x * height_px / width_px)):
            # Distance outside the picture's border plane, whose normal is (1, -tangent) in (across, depth).
            outside_m = (seen[:, axis] - tangent * depth) / math.hypot(1.0, tangent)
            inside &= outside_m < self.radii_m
        steps = np.diff(np.concatenate([[0], inside.astype(np.int8), [0]]))
        first, last = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
        return [(int(self.starts[a]), int(self.starts[b] - self.starts[a])) for a, b in zip(first, last, strict=True)]
