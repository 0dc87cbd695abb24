"""A tiny training, exported, compared, and loaded as the car does."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from car.perception.lane import LaneModel, lane_picture
from car.perception.sidecar import COMMANDS
from car.perception.standardise import standardised
from city.city import Command
from models.common.workers.processes import Processes
from models.lane.card import add_figures
from models.lane.dataset import Manifest, open_for_writing, read_frames, read_manifest, write_shard
from models.lane.make import Rounds, make_model
from models.lane.training.architecture import build
from models.lane.training.export import exported_steering
from models.lane.training.feeding import batches
from models.lane.training.train import TrainingPlan, train
from models.lane.variants import BLOG, CONDITIONED, VARIANTS, WHOLE_PICTURE, variant_named
from tests.models_lane.frames import random_frames, slanted_frames

pytestmark = pytest.mark.filterwarnings("ignore")  # Keras and TensorFlow warn about each other


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    manifest = Manifest(1, 12 * 32, 32, "expert")
    for shard in open_for_writing(folder, manifest):
        write_shard(folder, shard, slanted_frames(32, seed=shard), "made up")
    return folder


@pytest.fixture(scope="module")
def model(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out")
    plan = TrainingPlan("conditioned", seed=2, epochs=4, batch_size=16, learning_rate=3e-3)
    return make_model([data], out, out / "run", plan, quiet=True)


def test_the_exported_model_has_learnt_what_there_was(model: Path) -> None:
    frames = slanted_frames(60, seed=99).seen_by(CONDITIONED)
    said = exported_steering(model, frames)
    assert np.corrcoef(said, frames.steering)[0, 1] > 0.7


def test_the_car_can_load_it(model: Path) -> None:
    lane = LaneModel(model)
    frame = np.full((240, 320, 3), 128, np.uint8)
    seen = [lane.look(frame, command) for command in COMMANDS]
    assert all(-1 <= view.steering <= 1 for view in seen)
    assert len({view.steering for view in seen}) > 1  # each command has a head of its own
    assert seen[0].lateral_m is not None
    assert seen[0].heading_rad is not None


def test_the_body_is_integer(model: Path) -> None:
    lane = LaneModel(model)
    details = lane._model._interpreter.get_tensor_details()
    convolution = [d for d in details if "onvolution" in d["name"] or "Conv2D" in d["name"]]
    assert convolution
    assert all(d["dtype"] in (np.int8, np.int32) for d in convolution)
    assert lane._image["dtype"] is np.uint8


def test_report_and_card_are_written(model: Path) -> None:
    run = model.parent / "run"
    assert "mean absolute error" in (run / "report.md").read_text()
    for picture in ("loss.png", "steering.png", "predicted.png", "worst.png"):
        assert (run / picture).stat().st_size > 1000
    card = model.with_suffix(".md")
    figures = {
        "episodes": 4,
        "departures": 0,
        "wrong_turns": 1,
        "survival_s_median": 60.0,
        "lane_width_m": 0.36,
        "lateral_mean_m": 0.012,
        "lateral_p95_m": 0.03,
    }
    for _ in range(2):
        add_figures(card, {**figures, "conditions": {"normal": figures}}, seed=1)
    text = card.read_text()
    assert text.count("## Closed loop") == text.count("## Limits") == 1
    assert "| normal | 4 | 0 | 1 | 60.0 s | 12.0 mm | 30.0 mm |" in text


def test_a_finished_training_is_not_done_again(model: Path, data: Path) -> None:
    run = model.parent / "run" / "stage-0"
    epochs_before = (run / "history.csv").read_text().count("\n")
    plan = TrainingPlan("conditioned", seed=2, epochs=4, batch_size=16, learning_rate=3e-3)
    assert train(CONDITIONED, [data], run, plan, quiet=True).training_frames == 11 * 32
    assert (run / "history.csv").read_text().count("\n") == epochs_before


def test_a_folder_keeps_to_one_plan(model: Path, data: Path) -> None:
    with pytest.raises(ValueError, match="another training"):
        train(CONDITIONED, [data], model.parent / "run" / "stage-0", TrainingPlan("conditioned", seed=9), quiet=True)


def test_the_blogs_network_has_the_blogs_size() -> None:
    network = build(BLOG)
    assert network.count_params() == 617_019
    assert [tuple(x.shape) for x in network.inputs] == [(None, 40, 120, 3)]


def test_mirrored_batches_swap_sides_colours_and_commands() -> None:
    frames = random_frames(40, seed=5)
    frames.picture[:] = 0
    frames.picture[:, :, :60, 0] = 200  # red on the left
    frames.steering[:] = -0.5
    frames.command[:] = COMMANDS.index(Command.LEFT)
    mirrored = plain = 0
    for inputs, targets in batches(frames, CONDITIONED, 40, seed=1, augment=True):
        for image, command, steering in zip(inputs["image"], inputs["command"], targets["steering"], strict=True):
            left, right = np.mean(image[:, :60], axis=(0, 1)), np.mean(image[:, 60:], axis=(0, 1))
            if steering[0] < 0:
                plain += 1
                assert left[0] > right[0] + 50
                assert np.argmax(command) == COMMANDS.index(Command.LEFT)
            else:
                mirrored += 1
                assert right[2] > left[2] + 50  # blue on the right
                assert np.argmax(command) == COMMANDS.index(Command.RIGHT)
    assert mirrored > 4
    assert plain > 4


def test_an_unknown_variant_is_named() -> None:
    with pytest.raises(ValueError, match=r"'vision'.*conditioned, recurrent, blog"):
        variant_named("vision")


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_model_learns_from_its_own_drives(data: Path, tmp_path: Path) -> None:
    plan = TrainingPlan("conditioned", seed=2, epochs=1, batch_size=64)
    make_model([data], tmp_path, tmp_path / "run", plan, rounds=Rounds(1, frames=24, workers=Processes(1)), quiet=True)
    drives = tmp_path / "run" / "stage-0" / "drives"
    assert len(read_frames([drives])) == 24
    driver = tmp_path / "run" / "stage-0" / "driver" / "lane.tflite"
    assert read_manifest(drives).source == hashlib.sha256(driver.read_bytes()).hexdigest()
    stages = [json.loads((tmp_path / "run" / f"stage-{k}" / "plan.json").read_text()) for k in (0, 1)]
    assert stages[1]["learning_rate"] < stages[0]["learning_rate"]
    assert "drives" in (tmp_path / "lane.md").read_text()


def test_a_model_without_commands_drives_no_rounds(data: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="takes no commands"):
        make_model([data], tmp_path, tmp_path / "run", TrainingPlan("blog"), rounds=Rounds(1), quiet=True)


def test_every_variant_sees_the_lower_rows_of_the_same_picture() -> None:
    frame = np.random.default_rng(1).integers(0, 256, (240, 320, 3), dtype=np.uint8)
    whole = lane_picture(frame, WHOLE_PICTURE)
    for variant in VARIANTS.values():
        rows = np.ascontiguousarray(whole[variant.top_row :])
        assert np.array_equal(lane_picture(frame, variant.input), standardised(rows) if variant.standardised else rows)
        assert build(variant).output_names  # each has a network
