"""The report of a training: its words, its pictures, and what TensorBoard gets."""

import base64
import html.parser
import re
from pathlib import Path

import cv2
import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from numpy.typing import NDArray
from tensorboard.backend.event_processing.event_accumulator import (  # type: ignore[import-untyped]  # as TensorFlow
    EventAccumulator,
)

from car.perception.sidecar import COMMANDS
from models.common.untyped import Network
from models.lane.dataset import Frames
from models.lane.report import SteeringHistogram, ValidationLog, command_errors, mean_errors, write_report
from models.lane.report.arcs import arc_pixels
from models.lane.report.curves import best_epoch
from models.lane.report.errors import STEERING_BINS, by_camera, by_steering
from models.lane.report.insides import filter_tiles, first_layer, network_inputs
from models.lane.report.pictures import best_frames, draw_frames, typical_frames, varied_frames, worst_frames
from models.lane.report.saliency import saliency
from models.lane.training.architecture import build, build_for_training
from models.lane.variants import BLOG, BLOG_WHOLE, CONDITIONED, RECURRENT, VARIANTS, Variant
from tests.models_lane.frames import random_frames, slanted_frames

pytestmark = pytest.mark.filterwarnings("ignore:.*:UserWarning:keras", "ignore::DeprecationWarning")

HISTORY = {
    "loss": [0.9, 0.4, 0.2, 0.1],
    "val_loss": [0.8, 0.3, 0.5, 0.25],
    "steering_mae": [0.5, 0.3, 0.2, 0.1],
    "val_steering_mae": [0.5, 0.35, 0.3, 0.3],
    "learning_rate": [1e-3, 5e-4, 1e-3, 1e-4],
}
ALWAYS = {"loss", "steering", "predicted", "errors_by_steering", "errors_by_group", "residuals", "worst", "best"}


def tiny_network(variant: Variant) -> Network:
    """A network of the same inputs and outputs as a variant's, with two small convolutions."""
    image = keras.Input(variant.picture_shape, name="image")
    x = layers.Rescaling(1 / 127.5, -1)(image)
    x = layers.Conv2D(4, 5, strides=4, use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Flatten()(layers.Conv2D(4, 3, strides=2, activation="relu")(x))
    if not variant.takes_command:
        return keras.Model({"image": image}, {"steering": layers.Dense(1)(x)})
    command = keras.Input((len(COMMANDS),), name="command")
    x = layers.Concatenate()([x, command])
    return keras.Model({"image": image, "command": command}, {name: layers.Dense(1)(x) for name in variant.outputs})


def guesses(variant: Variant, frames: Frames, seed: int = 1) -> dict[str, NDArray[np.float32]]:
    """The truth with noise, and something where there is no truth."""
    rng = np.random.default_rng(seed)
    truth = {name: np.nan_to_num(getattr(frames, name)) for name in variant.outputs}
    return {name: (true + rng.normal(0, 0.1, len(frames))).astype(np.float32) for name, true in truth.items()}


def decoded(png: bytes) -> NDArray[np.uint8]:
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return np.asarray(picture, np.uint8)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    frames = slanted_frames(500, seed=3).seen_by(CONDITIONED)
    frames.lateral_m[:200] = np.nan
    training = SteeringHistogram.of(slanted_frames(300, seed=4).steering, np.zeros(900, np.float32))
    write_report(
        folder,
        CONDITIONED,
        HISTORY,
        frames,
        guesses(CONDITIONED, frames),
        training=training,
        model=tiny_network(CONDITIONED),
        stage_epochs=(2, 2),
    )
    return folder


class Page(html.parser.HTMLParser):
    """What a browser would load, and the cells of all tables."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.sources: list[str] = []
        self.images: list[str] = []
        self.tags: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self.sources += [found[name] for name in ("src", "href", "srcset") if name in found]
        if tag == "img":
            assert found["alt"]
            self.images.append(found["src"])

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_the_words_have_figures_and_no_nan(written: Path) -> None:
    text = (written / "report.md").read_text()
    assert "variant conditioned" in text
    assert "500 validation frames" in text
    assert re.search(r"\| lateral_m \| 0\.0\d+ \| 0\.0\d+ \| m \| 300 \|", text)
    assert "nan" not in text.lower()
    assert "lateral_m is not known" in text
    for command in COMMANDS:
        assert f"| {command.value} | " in text
    assert "The network of epoch 4" in text  # of the last stage, though epoch 2 was better on other frames


def test_every_picture_is_there_and_shows_something(written: Path) -> None:
    named = re.findall(r"\]\((\w+\.png)\)", (written / "report.md").read_text())
    assert {path.name for path in written.glob("*.png")} == set(named)
    assert {name.removesuffix(".png") for name in named} == ALWAYS | {
        "predicted_by_command",
        "typical",
        "saliency",
        "filters",
        "activations",
    }
    for name in named:
        picture = decoded((written / name).read_bytes())
        assert picture.shape[1] > 600, name
        assert picture.std() > 10, name


def test_the_page_needs_nothing_else(written: Path) -> None:
    text = (written / "report.html").read_text()
    page = Page(text)
    assert page.sources == page.images
    pictures = {
        base64.b64decode(source.removeprefix("data:image/png;base64,"), validate=True) for source in page.images
    }
    assert pictures == {path.read_bytes() for path in written.glob("*.png")}
    assert not {"script", "link", "iframe", "object"} & set(page.tags)
    assert "url(" not in text
    assert "@import" not in text
    assert 'name="viewport"' in text
    assert "prefers-color-scheme: dark" in text


def test_page_and_markdown_say_the_same(written: Path) -> None:
    text = (written / "report.md").read_text()
    for words in Page((written / "report.html").read_text().split("<body>")[1]).words:
        assert words.strip() in text


def test_one_frame_makes_a_report_and_again_the_same(tmp_path: Path) -> None:
    frames = random_frames(1)
    texts = []
    for _ in range(2):
        path = write_report(tmp_path, BLOG, {}, frames, guesses(BLOG, frames))
        texts.append((path.read_text(), (tmp_path / "report.html").read_text()))
    assert path == tmp_path / "report.md"
    assert texts[0] == texts[1]
    assert "nan" not in texts[0][0].lower()
    assert "Inside the network" not in texts[0][0]  # no network was given


def test_few_frames_of_one_command_and_a_constant_answer_are_no_hindrance(tmp_path: Path) -> None:
    frames = random_frames(4, seed=4).seen_by(CONDITIONED)
    frames.command[:] = 2
    frames.lateral_m[:] = np.nan
    said = {name: np.zeros(4, np.float32) for name in CONDITIONED.outputs}
    text = write_report(tmp_path, CONDITIONED, {}, frames, said, model=tiny_network(CONDITIONED)).read_text()
    assert "nan" not in text.lower()
    assert "lateral_m |" not in text
    assert "predicted_by_command" not in text
    assert {path.stem for path in tmp_path.glob("*.png")} >= ALWAYS | {"saliency", "filters"}


def test_no_frames_at_all_are_said(tmp_path: Path) -> None:
    frames = random_frames(0)
    with pytest.raises(ValueError, match="validation frames"):
        write_report(tmp_path, BLOG, HISTORY, frames, {"steering": frames.steering})


def test_errors_are_over_what_is_known() -> None:
    frames = random_frames(4)
    frames.steering[:] = (0.0, 0.5, -0.5, 1.0)
    frames.lateral_m[:] = (np.nan, 0.1, np.nan, 0.3)
    frames.heading_rad[:] = np.nan
    frames.command[:] = (0, 0, 2, 2)
    frames.camera[:] = (0, 0, 0, 1)
    said = {"steering": frames.steering + np.float32(0.25), "lateral_m": np.zeros(4), "heading_rad": np.zeros(4)}
    said["steering"][3] = 0.0
    assert mean_errors(CONDITIONED, frames, said) == pytest.approx({"steering": 0.4375, "lateral_m": 0.2})
    assert command_errors(frames, said["steering"]) == pytest.approx({"follow": 0.25, "left": 0.625})
    cameras = by_camera(frames, said["steering"])
    assert [(group.name, group.frames) for group in cameras] == [("centre", 3), ("left", 1)]
    bins = by_steering(frames, said["steering"])
    assert len(bins) == STEERING_BINS
    assert [k for k, group in enumerate(bins) if group is not None] == [2, 5, 7, 9]


def test_frames_are_chosen_by_their_errors() -> None:
    frames = random_frames(5)
    said = frames.steering + np.array([0.1, -0.5, 0.0, 0.3, -0.2], np.float32)
    assert worst_frames(frames, said, 2).tolist() == [1, 3]
    assert best_frames(frames, said, 2).tolist() == [2, 0]
    assert typical_frames(frames, said, 1).tolist() == [4]


def test_varied_frames_have_every_command_and_both_sides() -> None:
    frames = random_frames(200, seed=8)
    chosen = varied_frames(frames, 8)
    assert len(set(chosen.tolist())) == 8
    assert np.bincount(frames.command[chosen]).tolist() == [2, 2, 2, 2]
    for command in range(4):
        steering = frames.steering[chosen][frames.command[chosen] == command]
        assert steering[0] < 0 < steering[1]
    assert len(varied_frames(random_frames(3), 6)) == 3


def test_arcs_lead_where_the_steering_goes() -> None:
    for variant in VARIANTS.values():
        straight, left, right = (arc_pixels(variant, steering) for steering in (0.0, -0.5, 0.5))
        assert straight[:, 0] == pytest.approx(60)
        assert np.all(np.diff(straight[:, 1]) < 0)  # upwards, away from the car
        assert np.all(np.diff(left[:, 0]) < 0)
        assert left[:, 0] == pytest.approx(120 - right[:, 0])
        assert straight[0, 1] == pytest.approx(variant.picture_shape[0], abs=12)  # from the picture's lower edge


def test_the_histogram_before_balancing_is_of_as_many_frames() -> None:
    training = SteeringHistogram.of(np.array([-2.0, 0.0, 1.0], np.float32), np.zeros(60, np.float32))
    assert training.after[[0, 10, 20]].tolist() == [1, 1, 1]
    assert training.before is not None
    assert training.before.sum() == pytest.approx(3)
    assert training.before[10] == pytest.approx(3)


def test_the_best_epoch_is_of_the_last_stage() -> None:
    assert best_epoch(HISTORY) == 4
    assert best_epoch({"val_loss": [0.1, 0.2, 0.4, 0.3]}) == 1
    assert best_epoch({"val_loss": [0.1, 0.2, 0.4, 0.3]}, (2, 2)) == 4
    assert best_epoch({}) is None


def test_saliency_is_where_the_steering_comes_from() -> None:
    """A network that sees the upper left corner, or with another command the lower right one."""
    height, width, _ = CONDITIONED.picture_shape
    image, command = keras.Input(CONDITIONED.picture_shape, name="image"), keras.Input((4,), name="command")
    corners = [layers.Dense(1)(layers.Flatten()(part)) for part in (image[:, :8, :8], image[:, -8:, -8:])]
    steering = corners[0] * command[:, 1:2] + corners[1] * command[:, 2:3]
    network = keras.Model({"image": image, "command": command}, {"steering": steering})
    frames = random_frames(2).seen_by(CONDITIONED)
    frames.command[:] = (1, 2)
    upper, lower = saliency(network, frames)
    assert upper.shape == (height, width)
    assert upper[:8, :8].mean() > 0.5 > 0.01 > upper[20:, 20:].mean()
    assert lower[-8:, -8:].mean() > 0.5 > 0.01 > lower[:-20, :-20].mean()


@pytest.mark.parametrize("variant", [CONDITIONED, RECURRENT, BLOG], ids=lambda variant: variant.name)
def test_the_real_networks_can_be_looked_into(variant: Variant) -> None:
    network = build(variant)
    frames = slanted_frames(2, seed=1).seen_by(variant)
    seen = saliency(network, frames)
    assert seen.shape == (2, *variant.picture_shape[:2])
    assert np.array_equal(seen, saliency(network, frames))
    assert seen.min() >= 0
    assert seen.max() == 1
    assert seen.std() > 0.01
    layer = first_layer(network)
    assert layer is not None
    assert layer.kernel.shape[2] == 3
    inputs = network_inputs(layer.network, frames)
    answers = np.asarray(layer.output([inputs[x.name] for x in layer.network.inputs]))
    assert answers.shape[-1] == layer.kernel.shape[-1]
    assert (answers.min() >= 0) == (variant.activation == "relu")  # after the activation


def test_the_first_layer_is_found_in_a_network_over_rows_of_frames() -> None:
    network = build_for_training(RECURRENT)
    layer = first_layer(network)
    assert layer is not None
    assert layer.kernel.shape == (5, 5, 3, 16)
    assert first_layer(keras.Sequential([layers.Input((3,)), layers.Dense(1)])) is None


def test_filters_are_grey_where_they_are_zero() -> None:
    kernel = np.zeros((3, 3, 3, 2), np.float32)
    kernel[1, 1, :, 0] = (2.0, -2.0, 1.0)
    tiles = filter_tiles(kernel)
    assert tiles.shape == (2, 3, 3, 3)
    assert tiles[0, 1, 1].tolist() == [1.0, 0.0, 0.75]
    assert np.all(tiles[1] == 0.5)


def test_tensorboard_gets_errors_pictures_and_the_rate(tmp_path: Path) -> None:
    frames = slanted_frames(24, seed=5).seen_by(CONDITIONED)
    inputs = {"image": frames.picture.astype(np.float32), "command": np.eye(4)[frames.command]}
    network = tiny_network(CONDITIONED)
    network.compile(keras.optimizers.Adam(2e-3), "mse", jit_compile=False)
    log = ValidationLog(tmp_path, frames, lambda model: model.predict(inputs, verbose=0)["steering"][:, 0])
    targets = {name: getattr(frames, name)[:, None] for name in CONDITIONED.outputs}
    history = network.fit(inputs, targets, epochs=2, verbose=0, callbacks=[log]).history
    assert history["learning_rate"] == pytest.approx([2e-3, 2e-3])

    events = EventAccumulator(str(tmp_path), {"tensors": 0})
    events.Reload()
    tags = set(events.Tags()["tensors"])
    names = {COMMANDS[k].value for k in np.unique(frames.command)}
    assert tags == {"learning_rate", "predicted_against_true", "first_layer", "steering_error/all"} | {
        f"steering_error/{name}" for name in names
    }
    assert [event.step for event in events.Tensors("steering_error/all")] == [0, 1]
    last = float(tf.make_ndarray(events.Tensors("steering_error/all")[-1].tensor_proto))
    said = network.predict(inputs, verbose=0)["steering"][:, 0]
    assert last == pytest.approx(np.abs(said - frames.steering).mean(), rel=1e-4)
    for tag in ("predicted_against_true", "first_layer"):
        assert decoded(events.Tensors(tag)[0].tensor_proto.string_val[2]).std() > 10


def test_a_variants_whole_view_is_drawn() -> None:
    frames = slanted_frames(6, seed=2)
    both = (BLOG, BLOG_WHOLE)
    figures = [draw_frames(each, frames.seen_by(each), frames.steering, np.arange(6)) for each in both]
    for figure, height_px in zip(figures, (40, 80), strict=True):
        assert {axes.get_images()[0].get_size()[0] for axes in figure.axes} == {height_px}
    assert figures[1].get_figheight() > 1.3 * figures[0].get_figheight()
