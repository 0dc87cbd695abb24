from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from city.files import load_city
from city.geometry import Pose
from models.common.workers.processes import Processes
from models.detector.pictures.collect import collect, make_scene, scene_examples, scene_tasks
from models.detector.pictures.labels import LABELS, read_labels
from models.detector.pictures.staging import FRAMES_PER_SCENE
from models.detector.pictures.truth import board_corners_m, frame_boxes
from models.detector.pictures.voc import annotation_path, image_path, read_data_set
from sim.render.camera import CameraView, project_points
from sim.render.car_mesh import CarInstance
from sim.render.renderer import Renderer
from sim.render.scene import Scene
from sim.render.style import SceneStyle, TownStyle


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_scenes_add_up_to_the_count(tmp_path: Path) -> None:
    tasks = scene_tasks(tmp_path, FRAMES_PER_SCENE + 5, seed=1)
    assert [task.frames for task in tasks] == [FRAMES_PER_SCENE, 5]
    assert len({task.name(k) for task in tasks for k in range(task.frames)}) == FRAMES_PER_SCENE + 5


@pytest.mark.parametrize(("count", "seed"), [(0, 1), (1, -1)])
def test_impossible_wishes_are_refused(tmp_path: Path, count: int, seed: int) -> None:
    with pytest.raises(ValueError, match=f"{count} and {seed}"):
        collect(tmp_path, count, seed)


def test_another_process_makes_the_same_files_and_a_second_call_only_what_is_missing(tmp_path: Path) -> None:
    count = FRAMES_PER_SCENE + 2
    assert collect(tmp_path / "pool", count, seed=5, workers=Processes(2)) == count
    whole = contents(tmp_path / "pool")
    assert len(whole) == 2 * count + 1
    assert read_labels(tmp_path / "pool") == LABELS
    last = scene_tasks(tmp_path / "own", count, seed=5)[1]
    make_scene(last).write()
    for frame in range(2):
        for path in (image_path, annotation_path):
            key = str(path(Path(), last.name(frame)))
            assert whole[key] == (tmp_path / "own" / key).read_bytes()
    annotation_path(tmp_path / "pool", last.name(1)).unlink()
    assert collect(tmp_path / "pool", count, seed=5, workers=Processes(2)) == 2
    assert contents(tmp_path / "pool") == whole
    examples = read_data_set(tmp_path / "pool")
    assert {(example.width_px, example.height_px) for example in examples} == {(320, 240)}
    assert {box.label for example in examples for box in example.boxes} <= set(LABELS)


def test_a_stage_shows_its_signs() -> None:
    wanted = [box for example in scene_examples(1, 1, 8) for box in example.boxes if not box.difficult]
    assert len(wanted) >= 8


def test_boxes_are_where_geometry_says() -> None:
    city = load_city("straight")
    sign = replace(city.signs[0], kind="Left", pose=Pose(1.0, -0.1, np.pi))
    bare = replace(SceneStyle.default(), town=TownStyle(density=0.0, lamp_posts=0.0, trees=0.0))
    city = replace(city, signs=(sign,))
    renderer = Renderer()
    renderer.load(Scene.build(city, 1, bare, max_texture_px=512))
    view = CameraView.on_car(Pose(0.45, 0.0, 0.0))
    car = CarInstance("car-1", Pose(0.95, 0.15, 0.0))
    frame = renderer.render([view], [car], ids=True)[0]
    assert frame.ids is not None
    boxes = {box.label: box for box in frame_boxes(frame.ids, view, city.signs, [car.pose])}
    board = boxes["Left"]
    corners = project_points(view, board_corners_m(sign), 320, 240)
    low, high = corners.min(axis=0), corners.max(axis=0)
    assert [board.x_min, board.y_min, board.x_max, board.y_max] == pytest.approx([*low, *high], abs=2.0)
    assert not board.difficult
    rear = project_points(view, np.array([[0.89, 0.15, 0.07]]), 320, 240)[0]
    seen = boxes["Car"]
    assert not board.occluded
    assert not seen.occluded
    assert seen.x_min < rear[0] < seen.x_max
    assert seen.y_min < rear[1] < seen.y_max
    assert seen.width == pytest.approx(160 * 0.15 / 0.36, rel=0.3)
