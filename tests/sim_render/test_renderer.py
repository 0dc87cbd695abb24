from __future__ import annotations

import hashlib
import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from city.city import City
from city.geometry import Pose
from city.sign_catalogue import sign_rgba
from fleet.vehicle import DEFAULT_VEHICLE, CameraGeometry
from sim.render.camera import CameraView, project_points
from sim.render.gpu import MAX_CARS
from sim.render.renderer import CarInstance, Frame, Renderer, RenderError
from sim.render.scene import FIRST_CAR_ID, Scene
from sim.render.style import SceneStyle, TownStyle


def moved(pose: Pose, ahead_m: float, left_m: float = 0.0) -> Pose:
    cos, sin = math.cos(pose.heading_rad), math.sin(pose.heading_rad)
    return Pose(pose.x_m + ahead_m * cos - left_m * sin, pose.y_m + ahead_m * sin + left_m * cos, pose.heading_rad)


def digest(frame: Frame) -> str:
    return hashlib.sha256(frame.image.tobytes()).hexdigest()


def box_of(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    rows, columns = np.nonzero(mask)
    return np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1], float)


def test_a_frame_has_the_promised_form(renderer: Renderer, city: City) -> None:
    view = CameraView.on_car(city.edges[2].curve.pose_at(0.0))
    (plain,) = renderer.render([view], [])
    (marked,) = renderer.render([view], [], ids=True)
    assert plain.image.shape == (240, 320, 3)
    assert plain.image.dtype == np.uint8
    assert plain.image.flags["C_CONTIGUOUS"]
    assert plain.ids is None
    assert marked.ids is not None
    assert marked.ids.shape == (240, 320)
    assert marked.ids.dtype == np.uint16
    assert np.array_equal(plain.image, marked.image)


def test_red_is_left_and_blue_is_right(renderer: Renderer, city: City) -> None:
    """From every edge's start, along straight and bent lanes, in the picture's lower half."""
    for edge in city.edges.values():
        (frame,) = renderer.render([CameraView.on_car(edge.curve.pose_at(0.1))], [])
        near = frame.image[150:].astype(int)
        blue, green, red = near[..., 0], near[..., 1], near[..., 2]
        is_red, is_blue = (red > 2 * blue) & (red > 2 * green), (blue > 1.6 * red) & (blue > 1.6 * green)
        assert is_red[:, :160].sum() > 200, f"edge {edge.id}"
        assert is_blue[:, 160:].sum() > 200, f"edge {edge.id}"
        assert is_red[60:, 160:].sum() == 0, f"edge {edge.id}"
        assert is_blue[60:, :160].sum() == 0, f"edge {edge.id}"


def test_lines_are_where_the_lane_says(renderer: Renderer, city: City) -> None:
    pose = city.edges[2].curve.pose_at(0.05)
    view = CameraView.on_car(pose)
    middle_m = city.lane_width_m / 2 - 0.01
    for side, channel in ((1.0, 2), (-1.0, 0)):
        spots = [moved(pose, ahead, side * middle_m) for ahead in (0.45, 0.5, 0.55)]
        points = np.array([[spot.x_m, spot.y_m, 0.0] for spot in spots])
        (frame,) = renderer.render([view], [])
        for u, v in project_points(view, points, 320, 240):
            pixel = frame.image[int(v), int(u)].astype(int)
            assert pixel[channel] > 1.6 * np.delete(pixel, channel).max(), (side, u, v, pixel)


def test_the_road_ahead_is_light(renderer: Renderer, city: City) -> None:
    (frame,) = renderer.render([CameraView.on_car(city.edges[2].curve.pose_at(0.0))], [])
    assert frame.image[200:, 120:200].min() > 180


@pytest.mark.parametrize("edge_id", [1, 2, 6, 9, 13])
def test_a_sign_covers_the_pixels_that_the_pinhole_says(scene: Scene, city: City, edge_id: int) -> None:
    """Boxes of id pixels against the projected outline of the sign's own picture, within 1.5 px."""
    renderer = Renderer(640, 480)
    renderer.load(scene)
    index = next(k for k, sign in enumerate(city.signs) if sign.edge == edge_id)
    sign = city.signs[index]
    view = CameraView.on_car(moved(city.edges[edge_id].curve.pose_at(9.0), -0.55))
    (frame,) = renderer.render([view], [], ids=True)
    assert frame.ids is not None
    found = box_of(frame.ids == 1 + index)

    rows, columns = np.nonzero(sign_rgba(sign.kind, 240)[..., 3] > 127)
    right_m = ((columns + 0.5) / 240 - 0.5) * sign.width_m
    up_m = sign.bottom_m + (1 - (rows + 0.5) / 240) * sign.height_m
    # Seen from its front, a board's right is to the left of its heading as seen from above, turned by 90 degrees.
    heading = sign.pose.heading_rad
    points = np.column_stack(
        [sign.pose.x_m - right_m * math.sin(heading), sign.pose.y_m + right_m * math.cos(heading), up_m]
    )
    pixels = project_points(view, points, 640, 480)
    expected = np.concatenate([pixels.min(axis=0), pixels.max(axis=0)])
    assert found == pytest.approx(expected, abs=1.5)


def test_a_sign_is_not_mirrored(scene: Scene, city: City) -> None:
    """The one-way arrow's head, the wider white part, points to the right."""
    renderer = Renderer(640, 480)
    renderer.load(scene)
    index = next(k for k, sign in enumerate(city.signs) if sign.kind == "One_way")
    view = CameraView.on_car(moved(city.edges[city.signs[index].edge].curve.pose_at(9.0), -0.5))
    (frame,) = renderer.render([view], [], ids=True)
    assert frame.ids is not None
    x0, y0, x1, y1 = box_of(frame.ids == 1 + index).astype(int)
    # Inside the white rim: the arrow's shaft is on the left, its wider head on the right.
    width, height = x1 - x0, y1 - y0
    white = frame.image[y0 + height // 6 : y1 - height // 6, x0:x1].min(axis=2) > 150
    shaft, head = white[:, width // 5 : width // 2], white[:, width // 2 : -width // 5]
    assert head.any(axis=1).sum() > 1.3 * shaft.any(axis=1).sum()


def test_a_car_stands_where_its_pose_says(renderer: Renderer, city: City) -> None:
    pose = city.edges[2].curve.pose_at(0.0)
    other = CarInstance("car-2", moved(pose, 0.7))
    view = CameraView.on_car(pose)
    (frame,) = renderer.render([view], [CarInstance("car-1", moved(pose, -1)), other], ids=True)
    assert frame.ids is not None
    found = box_of(frame.ids == FIRST_CAR_ID + 1)
    rear_m, half_m = 0.7 - DEFAULT_VEHICLE.rear_overhang_m, DEFAULT_VEHICLE.width_m / 2
    corners = [moved(pose, rear_m, half_m), moved(pose, rear_m, -half_m)]
    points = [[c.x_m, c.y_m, z] for c in corners for z in (0.0, DEFAULT_VEHICLE.height_m)]
    pixels = project_points(view, np.array(points), 320, 240)
    expected = np.concatenate([pixels.min(axis=0), pixels.max(axis=0)])
    assert found == pytest.approx(expected, abs=6)  # the body is rounder than its box


def test_a_cars_own_body_is_not_in_its_picture(renderer: Renderer, city: City) -> None:
    pose = city.edges[3].curve.pose_at(0.2)
    cars = [CarInstance("car-1", pose, 1), CarInstance("car-2", moved(pose, 0.5), 2)]
    # Pitched so far down that its own bonnet would be in the way.
    down = CameraGeometry(pitch_rad=math.radians(40))
    own, seen = CameraView.on_car(pose, down, hide_car="car-1"), CameraView.on_car(pose, down)
    hidden, shown, empty = renderer.render([own, seen, replace(own, hide_car="car-2")], cars, ids=True)
    assert hidden.ids is not None
    assert shown.ids is not None
    assert empty.ids is not None
    assert FIRST_CAR_ID not in hidden.ids
    assert FIRST_CAR_ID + 1 in hidden.ids
    assert FIRST_CAR_ID in shown.ids
    assert FIRST_CAR_ID + 1 not in empty.ids


def test_the_same_views_give_the_same_frames(renderer: Renderer, city: City) -> None:
    views = [CameraView.on_car(city.edges[e].curve.pose_at(0.2)) for e in (1, 5, 12)]
    cars = [CarInstance("a", city.edges[2].curve.pose_at(0.3))]
    first = [digest(frame) for frame in renderer.render(views, cars)]
    assert [digest(frame) for frame in renderer.render(views, cars)] == first
    assert len(set(first)) == 3


def test_a_picture_hardly_depends_on_its_slot(renderer: Renderer, city: City) -> None:
    """Rounding of the slot's offset may move an edge by a fraction of a level, no more."""
    views = [CameraView.on_car(city.edges[e].curve.pose_at(0.2)) for e in (1, 5, 12)]
    last, alone = renderer.render(views, [])[2].image, renderer.render(views[2:], [])[0].image
    difference = np.abs(last.astype(int) - alone)
    assert np.mean(difference > 0) < 0.01
    assert difference.mean() < 0.01


def test_the_same_seed_builds_the_same_pictures(city: City) -> None:
    def picture(seed: int) -> str:
        renderer = Renderer(160, 120)
        style = SceneStyle.sample(np.random.default_rng(seed), 0.7)
        renderer.load(Scene.build(city, seed, style, max_texture_px=512))
        return digest(renderer.render([CameraView.on_car(city.edges[4].curve.pose_at(0.1))], [])[0])

    assert picture(3) == picture(3)
    assert picture(3) != picture(4)


def test_restyling_equals_building_anew(city: City, scene: Scene) -> None:
    style = SceneStyle.sample(np.random.default_rng(5), 0.6)
    view = CameraView.on_car(city.edges[7].curve.pose_at(0.1))
    restyled, anew = Renderer(), Renderer()
    restyled.load(scene)
    restyled.load(scene.restyled(style, seed=9))
    anew.load(Scene.build(city, 9, style, max_texture_px=2048))
    assert digest(restyled.render([view], [])[0]) == digest(anew.render([view], [])[0])
    restyled.load(scene)
    original = Renderer()
    original.load(scene)
    assert digest(restyled.render([view], [])[0]) == digest(original.render([view], [])[0])


def test_supersampling_keeps_size_and_place(scene: Scene, city: City) -> None:
    view = CameraView.on_car(city.edges[2].curve.pose_at(0.0))
    plain, smooth = Renderer(), Renderer(supersample=2)
    plain.load(scene)
    smooth.load(scene)
    (a,), (b,) = plain.render([view], [], ids=True), smooth.render([view], [], ids=True)
    assert b.image.shape == a.image.shape
    assert a.ids is not None
    assert b.ids is not None
    assert np.mean(a.ids != b.ids) < 0.002
    assert np.abs(a.image.astype(int) - b.image).mean() < 6


def test_no_building_hides_a_sign_from_its_lane(city: City) -> None:
    """Every sign is as large among the densest town as without any, from several places of its lane."""
    full, bare = Renderer(), Renderer()
    full_scene = Scene.build(city, 2, SceneStyle(town=TownStyle(1.0, "grey", 0.8, 1.0, 1.0)), max_texture_px=512)
    full.load(full_scene)
    bare.load(full_scene.restyled(SceneStyle(town=TownStyle(density=0, lamp_posts=0, trees=0))))
    for index, sign in enumerate(city.signs):
        curve = city.edges[sign.edge].curve
        for back_m in (0.15, 0.3, 0.5, 0.8):
            if back_m > curve.length_m:
                continue
            view = CameraView.on_car(curve.pose_at(curve.length_m - back_m))
            counts = []
            for renderer in (full, bare):
                ids = renderer.render([view], [], ids=True)[0].ids
                assert ids is not None
                counts.append(int((ids == 1 + index).sum()))
            assert counts[0] == counts[1], (sign.kind, back_m)


def test_camera_geometry_changes_the_picture(renderer: Renderer, city: City) -> None:
    pose = city.edges[2].curve.pose_at(0.0)
    level = CameraView.on_car(pose, CameraGeometry(pitch_rad=0.0))
    wide = CameraView.on_car(pose, CameraGeometry(horizontal_fov_rad=math.radians(110)))
    frames = renderer.render([CameraView.on_car(pose), level, wide], [])
    assert len({digest(frame) for frame in frames}) == 3


def test_mistakes_are_named(renderer: Renderer, city: City) -> None:
    view = CameraView.on_car(city.edges[2].curve.pose_at(0.0))
    with pytest.raises(ValueError, match="4 views, but the renderer was made for 3"):
        renderer.render([view] * 4, [])
    with pytest.raises(ValueError, match="65 cars are too many"):
        renderer.render([view], [CarInstance(str(k), Pose(0, 0, 0)) for k in range(MAX_CARS + 1)])
    with pytest.raises(RenderError, match=r"call load\(\)"):
        Renderer().render([view], [])
    assert renderer.render([], []) == []
