"""The recurrent variant: fed with rows of frames, run step by step, and the same both ways."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from car.perception.lane import LaneModel
from car.perception.sidecar import ModelError
from city.city import Command
from models.lane.dataset import Frames, Manifest, open_for_writing, read_split, write_shard
from models.lane.make import Rounds, make_model
from models.lane.training.architecture import SEQUENCE_FRAMES, begin_with, build, build_for_training, copy_weights
from models.lane.training.export import exported_steering, float_model
from models.lane.training.feeding import batches, in_rows, rows_of
from models.lane.training.train import TrainingPlan, known_squared_error
from models.lane.variants import BLOG, CONDITIONED, RECURRENT
from tests.models_lane.frames import random_frames, slanted_frames

pytestmark = pytest.mark.filterwarnings("ignore")  # Keras and TensorFlow warn about each other


def in_drives(frames: Frames, length: int) -> Frames:
    return replace(frames, drive=(np.arange(len(frames)) // length).astype(np.int32))


def test_rows_never_cross_from_one_drive_to_another() -> None:
    frames = in_drives(random_frames(100), 33)  # 33, 33, 33, 1
    rows = rows_of(frames, RECURRENT)
    assert rows.shape == (3 * (33 - SEQUENCE_FRAMES + 1), SEQUENCE_FRAMES)
    assert all(len(set(frames.drive[row])) == 1 for row in rows)
    assert rows_of(frames, CONDITIONED).shape == (100, 1)


def test_single_pictures_cannot_teach_it_and_the_way_out_is_said() -> None:
    with pytest.raises(ValueError, match="--driver expert"):
        rows_of(random_frames(40), RECURRENT)


def test_frames_in_rows_share_nothing_and_start_anew() -> None:
    frames = in_drives(random_frames(100), 50)
    rows = in_rows(frames, RECURRENT)
    assert len(rows) == 4 * SEQUENCE_FRAMES
    assert list(np.bincount(rows.drive)) == [SEQUENCE_FRAMES] * 4
    fed = np.concatenate(
        [targets["steering"].numpy().ravel() for _, targets in batches(frames, RECURRENT, 48, seed=0, augment=False)]
    )
    assert np.array_equal(fed, rows.steering)


def test_shards_with_the_same_drive_numbers_stay_apart(tmp_path: Path) -> None:
    for shard in open_for_writing(tmp_path, Manifest(1, 12 * 30, 30, "expert drives")):
        write_shard(tmp_path, shard, in_drives(random_frames(30, seed=shard), 30), "pixelopolis")
    training, validation = read_split([tmp_path], RECURRENT)
    assert len(set(training.drive)) == 11
    assert not set(training.drive) & set(validation.drive)


def test_step_by_step_it_says_what_it_says_about_a_row() -> None:
    trained, stepwise = build_for_training(RECURRENT), build(RECURRENT, batch_size=1)
    copy_weights(trained, stepwise)
    frames = random_frames(SEQUENCE_FRAMES).seen_by(RECURRENT)
    image = frames.picture.astype(np.float32)
    command = np.eye(4, dtype=np.float32)[frames.command]
    row = trained.predict({"image": image[None], "command": command[None]}, verbose=0)
    memory = {name: np.zeros((1, RECURRENT.memory_units), np.float32) for name in ("memory_h", "memory_c")}
    for k in range(SEQUENCE_FRAMES):
        said = stepwise.predict({"image": image[k : k + 1], "command": command[k : k + 1], **memory}, verbose=0)
        memory = {name: said[name] for name in memory}
        for name in RECURRENT.outputs:
            assert said[name][0, 0] == pytest.approx(row[name][0, k, 0], abs=1e-5)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data, out = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("out")
    for shard in open_for_writing(data, Manifest(1, 12 * 24, 24, "expert drives")):
        write_shard(data, shard, in_drives(slanted_frames(24, seed=shard), 24), "pixelopolis")
    plan = TrainingPlan("recurrent", seed=2, epochs=2, batch_size=96, learning_rate=3e-3)
    return make_model([data], out, out / "run", plan, quiet=True)


def test_the_exported_files_remember_and_forget(model: Path) -> None:
    for path in (model, float_model(model)):
        lane = LaneModel(path, memory_every=1)
        frame = slanted_frames(1).picture[0]
        fresh = lane.look(frame, Command.FOLLOW).steering
        later = lane.look(frame, Command.FOLLOW).steering
        assert later != fresh
        lane.reset()
        assert lane.look(frame, Command.FOLLOW).steering == fresh


def test_a_car_takes_up_every_second_frame_only(model: Path) -> None:
    lane = LaneModel(model)
    frame = slanted_frames(1).picture[0]
    first, second, third = (lane.look(frame, Command.FOLLOW).steering for _ in range(3))
    assert first != second
    assert second == third


def test_it_can_begin_with_the_eyes_of_one_without_memory() -> None:
    seeing, both = build(CONDITIONED), build_for_training(RECURRENT)
    begin_with(seeing, both)
    stepwise = build(RECURRENT)
    copy_weights(both, stepwise)
    assert np.array_equal(stepwise.get_layer("conv0").get_weights()[0], seeing.get_layer("conv0").get_weights()[0])
    with pytest.raises(ValueError, match="no layer in common"):
        begin_with(build(BLOG), stepwise)


def test_int8_and_float_agree_along_drives(model: Path) -> None:
    frames = in_drives(slanted_frames(48, seed=50), 24).seen_by(RECURRENT)
    both = [exported_steering(path, frames) for path in (model, float_model(model))]
    assert np.abs(both[0] - both[1]).mean() < 0.06


def test_a_sidecar_whose_memories_do_not_fit_is_refused(model: Path, tmp_path: Path) -> None:
    copy = tmp_path / "lane.tflite"
    copy.write_bytes(model.read_bytes())
    text = model.with_suffix(".json").read_text()
    copy.with_suffix(".json").write_text(text[: text.rindex('"memory"')] + '"other": []}, "commands": []}')
    with pytest.raises(ModelError, match="memories"):
        LaneModel(copy)


def test_unknown_targets_count_for_nothing() -> None:
    target = np.array([[0.5], [np.nan]], np.float32)
    assert np.allclose(known_squared_error(target, np.array([[0.0], [9.0]], np.float32)), [0.25, 0.0])


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_it_learns_to_see_then_to_remember_from_its_own_drives(tmp_path: Path) -> None:
    data = tmp_path / "pictures"
    for shard in open_for_writing(data, Manifest(1, 12 * 32, 32, "expert")):
        write_shard(data, shard, slanted_frames(32, seed=shard), "made up")
    run = tmp_path / "run"
    plan = TrainingPlan("recurrent", seed=2, epochs=1, batch_size=96)
    make_model([data], tmp_path, run, plan, rounds=Rounds(1, frames=12 * 256), quiet=True)
    plans = [json.loads((run / f"stage-{k}" / "plan.json").read_text()) for k in (0, 1)]
    assert [plan["variant"] for plan in plans] == ["conditioned", "recurrent"]
    assert (run / "stage-0" / "driver" / "lane.tflite").exists()
    assert LaneModel(tmp_path / "lane_recurrent.tflite").memory
