"""Triangle meshes as flat numpy arrays, and the few solids that a toy city is built from."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from sim.render.style import Colour

# One vertex as the shaders read it; `layout` is moderngl's name for the same bytes.
VERTEX = np.dtype(
    [
        ("position", "<f4", 3),
        ("normal", "<f4", 3),
        ("texture", "<f4", 3),  # u, v and the layer of the material array
        ("colour", "u1", 4),  # alpha: 0 lit, 255 shines by itself
        ("id", "<u4"),
    ]
)
VERTEX_LAYOUT = "3f 3f 3f 4f1 1u"
VERTEX_ATTRIBUTES = ("in_position", "in_normal", "in_texture", "in_colour", "in_id")

Mesh = NDArray[np.void]  # (3 * triangles,) of VERTEX; counter-clockwise seen from outside
Points = NDArray[np.float64]

PLAIN = 0  # the white layer of the material array
TILE_M = 0.16  # side of one tile of a repeating material


def empty_mesh() -> Mesh:
    """A mesh without triangles."""
    return np.zeros(0, VERTEX)


def join_meshes(meshes: Iterable[Mesh]) -> Mesh:
    """One mesh from several."""
    return np.concatenate([empty_mesh(), *meshes])


def triangles(
    corners: Points, normals: Points, texture: Points, colour: Colour, layer: int = PLAIN, glow: float = 0.0
) -> Mesh:
    """A mesh from triangle soup: corners (3T, 3), normals (3T, 3), texture (3T, 2); those without a surface go."""
    sides = corners.reshape(-1, 3, 3)
    doubled_areas = np.linalg.norm(np.cross(sides[:, 1] - sides[:, 0], sides[:, 2] - sides[:, 0]), axis=1)
    kept = np.repeat(doubled_areas > 1e-10, 3)
    corners, normals, texture = corners[kept], normals[kept], texture[kept]
    mesh = np.zeros(len(corners), VERTEX)
    mesh["position"], mesh["normal"] = corners, normals
    mesh["texture"][:, :2], mesh["texture"][:, 2] = texture, layer
    mesh["colour"] = np.round(np.clip([*colour, glow], 0.0, 1.0) * 255)
    return mesh


def quad(corners: Sequence[Sequence[float]], colour: Colour, layer: int = PLAIN, glow: float = 0.0) -> Mesh:
    """A flat four-cornered face, counter-clockwise from its lower left corner; repeating materials keep their scale."""
    p = np.asarray(corners, np.float64)
    normal = np.cross(p[1] - p[0], p[3] - p[0])
    normal /= np.linalg.norm(normal)
    width, height = np.linalg.norm(p[1] - p[0]) / TILE_M, np.linalg.norm(p[3] - p[0]) / TILE_M
    texture = np.array([[0, 0], [width, 0], [width, height], [0, height]])
    order = [0, 1, 2, 0, 2, 3]
    return triangles(p[order], np.tile(normal, (6, 1)), texture[order], colour, layer, glow)


def picture_quad(corners: Sequence[Sequence[float]], layer: int, colour: Colour = (1, 1, 1), glow: float = 0.0) -> Mesh:
    """A quad that shows a whole layer once, upright; corners as for `quad`."""
    mesh = quad(corners, colour, layer, glow)
    mesh["texture"][:, :2] = np.array([[0, 1], [1, 1], [1, 0], [0, 0]])[[0, 1, 2, 0, 2, 3]]
    return mesh


def box(
    centre: tuple[float, float, float],
    size: tuple[float, float, float],
    colour: Colour,
    layer: int = PLAIN,
    top_layer: int = PLAIN,
    top_colour: Colour | None = None,
) -> Mesh:
    """A box standing on z = centre[2], without its underside; (length x, width y, height z)."""
    (cx, cy, z0), (sx, sy, sz) = centre, size
    x0, x1, y0, y1, z1 = cx - sx / 2, cx + sx / 2, cy - sy / 2, cy + sy / 2, z0 + sz
    ring = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    faces = [
        quad([(*a, z0), (*b, z0), (*b, z1), (*a, z1)], colour, layer)
        for a, b in zip(ring, ring[1:] + ring[:1], strict=True)
    ]
    faces.append(quad([(x0, y0, z1), (x1, y0, z1), (x1, y1, z1), (x0, y1, z1)], top_colour or colour, top_layer))
    return join_meshes(faces)


def _circle(count: int) -> NDArray[np.float64]:
    angles = np.arange(count + 1) * 2 * math.pi / count
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def lathe(
    centre: tuple[float, float, float],
    profile: Sequence[tuple[float, float]],
    colour: Colour,
    *,
    segments: int = 12,
    layer: int = PLAIN,
    smooth: bool = True,
    glow: float = 0.0,
) -> Mesh:
    """A solid of revolution about the vertical; `profile` goes (radius, height) from bottom to top.

    `smooth` shades across the profile's corners (a ball); otherwise each ring is shaded on its own (a drum).
    """
    rim = _circle(segments)
    outline = np.asarray(profile, np.float64)
    slopes = np.diff(outline, axis=0)
    ring_normals = np.stack([slopes[:, 1], -slopes[:, 0]], axis=1)
    ring_normals /= np.maximum(np.linalg.norm(ring_normals, axis=1, keepdims=True), 1e-9)
    corner_normals = np.vstack([ring_normals[:1], ring_normals[1:] + ring_normals[:-1], ring_normals[-1:]])
    corner_normals /= np.maximum(np.linalg.norm(corner_normals, axis=1, keepdims=True), 1e-9)

    def on_rim(k: int, j: int) -> tuple[float, float, float]:
        radius, height = outline[j]
        return (
            centre[0] + radius * rim[k, 0],
            centre[1] + radius * rim[k, 1],
            centre[2] + height,
        )

    def normal(k: int, j: int, ring: int) -> tuple[float, float, float]:
        out, up = corner_normals[j] if smooth else ring_normals[ring]
        return (out * rim[k, 0], out * rim[k, 1], up)

    corners, normals, texture = [], [], []
    for ring in range(len(outline) - 1):
        for k in range(segments):
            patch = [(k, ring), (k + 1, ring), (k + 1, ring + 1), (k, ring), (k + 1, ring + 1), (k, ring + 1)]
            corners += [on_rim(a, j) for a, j in patch]
            normals += [normal(a, j, ring) for a, j in patch]
            texture += [(3 * a / segments, outline[j][1] / TILE_M) for a, j in patch]
    return triangles(np.array(corners), np.array(normals), np.array(texture), colour, layer, glow)


def cylinder(
    centre: tuple[float, float, float],
    radius: float,
    height: float,
    colour: Colour,
    *,
    segments: int = 12,
    layer: int = PLAIN,
) -> Mesh:
    """An upright cylinder with a lid."""
    profile = [(radius, 0.0), (radius, height), (0.0, height)]
    return lathe(centre, profile, colour, segments=segments, layer=layer, smooth=False)


def ball(centre: tuple[float, float, float], radius: float, colour: Colour, *, segments: int = 12) -> Mesh:
    """A ball about `centre`."""
    angles = np.linspace(-math.pi / 2, math.pi / 2, segments // 2 + 1)
    profile = [(radius * math.cos(a), radius * math.sin(a)) for a in angles]
    return lathe(centre, profile, colour, segments=segments)


def prism(
    outline: Sequence[tuple[float, float]],
    half_width: float,
    colour: Colour,
    layer: int = PLAIN,
) -> Mesh:
    """A slab: a convex outline of (x, z) points, counter-clockwise seen from -y, as thick as 2 * half_width in y."""
    count = len(outline)
    faces = []
    for k in range(count):
        (xa, za), (xb, zb) = outline[k], outline[(k + 1) % count]
        faces.append(
            quad(
                [(xb, -half_width, zb), (xa, -half_width, za), (xa, half_width, za), (xb, half_width, zb)],
                colour,
                layer,
            )
        )
    flat = np.asarray(outline, np.float64)
    for side in (-1.0, 1.0):
        order = [i for k in range(1, count - 1) for i in ((0, k, k + 1) if side < 0 else (0, k + 1, k))]
        corners = np.column_stack([flat[:, 0], np.full(count, side * half_width), flat[:, 1]])[order]
        normals = np.tile([0.0, side, 0.0], (len(order), 1))
        faces.append(triangles(corners, normals, flat[order] / TILE_M, colour, layer))
    return join_meshes(faces)


def placed(mesh: Mesh, x_m: float, y_m: float, heading_rad: float = 0.0, z_m: float = 0.0) -> Mesh:
    """The mesh turned about the vertical, then moved."""
    cos, sin = math.cos(heading_rad), math.sin(heading_rad)
    turn = np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])
    moved = mesh.copy()
    moved["position"] = mesh["position"] @ turn.T + np.array([x_m, y_m, z_m])
    moved["normal"] = mesh["normal"] @ turn.T
    return moved


def with_id(mesh: Mesh, identifier: int) -> Mesh:
    """The mesh with every vertex carrying an id."""
    marked = mesh.copy()
    marked["id"] = identifier
    return marked
