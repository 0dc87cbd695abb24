from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fleet.vehicle import DEFAULT_VEHICLE
from sim.render.buildings import PALETTES, Lot, building, lamp_post, tree
from sim.render.camera import CameraView, Pose3, project_points
from sim.render.car_mesh import car_mesh
from sim.render.chunks import ChunkedMesh
from sim.render.mesh import Mesh, ball, box, cylinder, empty_mesh, join_meshes, placed, prism
from sim.render.scene import Scene
from sim.render.style import BUILDING_PALETTES

WHITE = (1.0, 1.0, 1.0)


def face_normals(mesh: Mesh) -> NDArray[np.float64]:
    corners = mesh["position"].astype(np.float64).reshape(-1, 3, 3)
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return np.asarray(normals / np.linalg.norm(normals, axis=1, keepdims=True))


SOLIDS = {
    "box": box((0, 0, 0), (1, 2, 3), WHITE),
    "cylinder": cylinder((0, 0, 0), 0.5, 1.0, WHITE),
    "ball": ball((0, 0, 0), 0.5, WHITE),
    "prism": prism([(-1, 0), (1, 0), (0, 1)], 0.4, WHITE),
}


@pytest.mark.parametrize("name", SOLIDS)
def test_faces_look_outwards_and_agree_with_their_normals(name: str) -> None:
    mesh = SOLIDS[name]
    middle = mesh["position"].astype(float).mean(axis=0)
    outwards = mesh["position"].astype(float).reshape(-1, 3, 3).mean(axis=1) - middle
    normals = face_normals(mesh)
    assert (np.sum(outwards * normals, axis=1) > 0).all()
    shading = mesh["normal"].astype(float).reshape(-1, 3, 3)
    assert (np.sum(shading * normals[:, None], axis=2) > 0.5).all()
    assert np.linalg.norm(mesh["normal"], axis=1) == pytest.approx(1.0, abs=1e-5)


def test_a_placed_mesh_is_turned_and_moved() -> None:
    mesh = placed(box((1, 0, 0), (0.2, 0.2, 0.2), WHITE), 5, 6, math.pi / 2)
    assert mesh["position"].mean(axis=0)[:2] == pytest.approx([5, 7], abs=1e-5)


def test_the_car_has_the_size_of_a_car() -> None:
    mesh = car_mesh()
    assert 100 <= len(mesh) // 3 <= 1000
    low, high = mesh["position"].min(axis=0), mesh["position"].max(axis=0)
    car = DEFAULT_VEHICLE
    assert low == pytest.approx([-car.rear_overhang_m, -car.width_m / 2, 0], abs=0.004)
    assert high == pytest.approx([car.front_overhang_m, car.width_m / 2, car.height_m], abs=0.004)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 1000),
    st.floats(0.06, 0.4),
    st.floats(0.06, 0.4),
    st.floats(0.06, 0.8),
    st.sampled_from(BUILDING_PALETTES),
)
def test_buildings_stay_on_their_lots(seed: int, width: float, depth: float, height: float, palette: str) -> None:
    mesh = building(np.random.default_rng(seed), Lot(width, depth, height), PALETTES[palette])
    reach = np.abs(mesh["position"]).max(axis=0)
    assert (reach <= np.array([width / 2, depth / 2, height]) * 1.001 + 1e-6).all()
    assert np.isfinite(mesh["normal"]).all()
    assert len(mesh) // 3 < 500


def test_lamp_posts_and_trees_are_small() -> None:
    assert lamp_post(0.19)["position"][:, 2].max() == pytest.approx(0.19, abs=0.002)
    assert len(lamp_post(0.19)) // 3 < 150
    assert tree(np.random.default_rng(0), 0.1)["position"][:, 2].max() == pytest.approx(0.1, abs=0.02)


def test_chunks_hold_the_whole_mesh(scene: Scene) -> None:
    chunked = ChunkedMesh.of(scene.solid)
    assert len(chunked.indices) == len(scene.solid)
    soup = chunked.vertices[chunked.indices]
    assert soup["position"].sum(axis=0) == pytest.approx(scene.solid["position"].sum(axis=0), rel=1e-3)
    assert np.array_equal(np.unique(soup), np.unique(scene.solid))
    assert len(chunked.vertices) < 0.75 * len(soup)


def test_an_empty_mesh_has_no_chunks() -> None:
    chunked = ChunkedMesh.of(empty_mesh())
    assert chunked.seen_by(CameraView(Pose3(0, 0, 1, 0)), 320, 240) == []


@settings(max_examples=80, deadline=None)
@given(st.floats(-4, 4), st.floats(-4, 4), st.floats(-math.pi, math.pi), st.floats(-0.5, 1.2), st.floats(0.5, 2.2))
def test_everything_in_the_picture_is_drawn(x: float, y: float, yaw: float, pitch: float, fov: float) -> None:
    """A triangle with a corner in the picture belongs to a chunk that is drawn."""
    blocks = [box((i * 0.7, j * 0.9, 0), (0.3, 0.2, 0.4), WHITE) for i in range(-4, 5) for j in range(-4, 5)]
    chunked = ChunkedMesh.of(join_meshes([*blocks, box((0, 0, -0.1), (8, 8, 0.05), WHITE)]))
    view = CameraView(Pose3(x, y, 0.15, yaw, pitch), fov)
    drawn = np.zeros(len(chunked.indices), bool)
    for first, count in chunked.seen_by(view, 320, 240):
        drawn[first : first + count] = True
    pixels = project_points(view, chunked.vertices[chunked.indices]["position"].astype(float), 320, 240)
    inside = ((pixels > 0) & (pixels < [320, 240])).all(axis=1)
    assert not (inside & ~drawn).any()
