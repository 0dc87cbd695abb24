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

_QUAD_ORDER = [0, 1, 2, 0, 2, 3]
# The four sides and the top of the box from (0, 0, 0) to (1, 1, 1).
_BOX_FACES = np.array(
    [
        [[0, 0, 0], [1, 0, 0], [1, 0, 1], [0, 0, 1]],
        [[1, 0, 0], [1, 1, 0], [1, 1, 1], [1, 0, 1]],
        [[1, 1, 0], [0, 1, 0], [0, 1, 1], [1, 1, 1]],
        [[0, 1, 0], [0, 0, 0], [0, 0, 1], [0, 1, 1]],
        [[0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1]],
    ],
    np.float64,
)


def empty_mesh() -> Mesh:
    """A mesh without triangles."""
    return np.zeros(0, VERTEX)


def join_meshes(meshes: Iterable[Mesh]) -> Mesh:
    """One mesh from several."""
    return np.concatenate([empty_mesh(), *meshes])


def triangles(
    corners: Points, normals: Points, texture: Points, colour: Colour, layer: int = PLAIN, glow: float = 0.0
) -> Mesh:
    """A mesh from triangle soup: corners (3T, 3), normals (3T, 3), texture (3T, 2)."""
    mesh = np.zeros(len(corners), VERTEX)
    mesh["position"], mesh["normal"] = corners, normals
    mesh["texture"][:, :2], mesh["texture"][:, 2] = texture, layer
    mesh["colour"] = [round(255 * min(1.0, max(0.0, part))) for part in (*colour, glow)]
    return mesh


def quads(corners: Points, colour: Colour, layer: int = PLAIN, glow: float = 0.0) -> Mesh:
    """Flat four-cornered faces (Q, 4, 3), each counter-clockwise from its lower left corner.

    Repeating materials keep their scale.
    """
    along, up = corners[:, 1] - corners[:, 0], corners[:, 3] - corners[:, 0]
    normals = np.cross(along, up)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    texture = np.zeros((len(corners), 4, 2))
    texture[:, 1:3, 0] = np.linalg.norm(along, axis=1)[:, None] / TILE_M
    texture[:, 2:4, 1] = np.linalg.norm(up, axis=1)[:, None] / TILE_M
    return triangles(
        corners[:, _QUAD_ORDER].reshape(-1, 3),
        np.repeat(normals, 6, axis=0),
        texture[:, _QUAD_ORDER].reshape(-1, 2),
        colour,
        layer,
        glow,
    )


def picture_quad(corners: Sequence[Sequence[float]], layer: int, colour: Colour = (1, 1, 1), glow: float = 0.0) -> Mesh:
    """A quad that shows a whole layer once, upright; corners as for `quad`."""
    mesh = quads(np.array([corners], np.float64), colour, layer, glow)
    mesh["texture"][:, :2] = np.array([[0, 1], [1, 1], [1, 0], [0, 0]])[_QUAD_ORDER]
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
    low = np.array(centre) - np.array([size[0] / 2, size[1] / 2, 0.0])
    mesh = quads(_BOX_FACES * np.array(size) + low, colour, layer)
    top = mesh[-6:]
    top["texture"][:, 2] = top_layer
    top["colour"][:, :3] = np.round(np.array(top_colour or colour) * 255)
    return mesh


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
    # Six corners for each patch between two rings and two spokes: (rings, segments, 6) indices.
    ring, spoke = np.mgrid[0 : len(slopes), 0:segments]
    at_spoke = spoke[..., None] + np.array([0, 1, 1, 0, 1, 0])
    at_ring = ring[..., None] + np.array([0, 0, 1, 0, 1, 1])
    radius_height = outline[at_ring]
    corners = np.concatenate([rim[at_spoke] * radius_height[..., :1], radius_height[..., 1:]], axis=3)
    out_up = corner_normals[at_ring] if smooth else np.repeat(ring_normals[ring][..., None, :], 6, axis=2)
    normals = np.concatenate([rim[at_spoke] * out_up[..., :1], out_up[..., 1:]], axis=3)
    texture = np.stack([3 * at_spoke / segments, radius_height[..., 1] / TILE_M], axis=3)
    # At a pole one of a patch's two triangles has no surface.
    upper_open, lower_open = outline[1:, 0] > 1e-9, outline[:-1, 0] > 1e-9
    kept = np.repeat(np.stack([lower_open, upper_open], axis=1), 3, axis=1)[ring]
    return triangles(corners[kept] + np.array(centre), normals[kept], texture[kept], colour, layer, glow)


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
    flat = np.asarray(outline, np.float64)
    count, after = len(flat), np.roll(flat, -1, axis=0)
    near, far = np.full(count, -half_width), np.full(count, half_width)
    rim = [(after, near), (flat, near), (flat, far), (after, far)]
    sides = np.stack([np.column_stack([point[:, 0], y, point[:, 1]]) for point, y in rim], axis=1)
    faces = [quads(sides, colour, layer)]
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
