"""Model cards: what they say of files, data and figures, and that writing them again changes nothing."""

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from car.perception.sidecar import ModelError
from models.common.card.facts import duration
from models.common.card.sections import Card, Section
from models.lane.card import add_figures, add_section, write_card
from models.lane.dataset import Manifest, open_for_writing
from models.lane.training.export import Parity
from models.lane.training.train import TrainingPlan
from models.lane.variants import BLOG, CONDITIONED, RECURRENT

SHIPPED = Path(__file__).parents[2] / "models" / "shipped"
PLAN = TrainingPlan("conditioned", seed=7, epochs=3)
PARITY = Parity(400, 0.0012, 0.0345, 0.0678)
FLOAT_PARITY = Parity(400, 0.0, 0.0001, 0.0002)
DRIVERS = [hashlib.sha256(name.encode()).hexdigest() for name in ("first", "second")]
FIGURES: dict[str, Any] = {
    "episodes": 4,
    "departures": 0,
    "wrong_turns": 1,
    "survival_s_median": 60.0,
    "lateral_mean_m": 0.012,
    "lateral_p95_m": 0.03,
}
EVALUATED = {**FIGURES, "conditions": {"normal": FIGURES}}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A real model with its sidecar."""
    for suffix in (".tflite", ".json"):
        shutil.copy(SHIPPED / f"lane{suffix}", tmp_path / f"lane{suffix}")
    return tmp_path / "lane.tflite"


@pytest.fixture
def data(tmp_path: Path) -> list[Path]:
    """Data sets of every kind, as far as their manifests go."""
    made = {
        "poses": Manifest(11, 15_616, 256, "expert"),
        "drives": Manifest(12, 1000, 256, "expert drives under dusk.hdr"),
        "stage-0/drives": Manifest(7001, 2500, 256, DRIVERS[0]),
        "stage-1/drives": Manifest(7002, 2501, 256, f"{DRIVERS[1]} under dusk.hdr"),
    }
    return [manifest_only(tmp_path / "data" / name, manifest) for name, manifest in made.items()]


def manifest_only(folder: Path, manifest: Manifest) -> Path:
    open_for_writing(folder, manifest)
    return folder


def written(model: Path, data: list[Path], **more: Any) -> str:  # noqa: ANN401  # as write_card has them
    errors = {"steering": 0.0512, "lateral_m": 0.0071}
    return write_card(model, CONDITIONED, PLAN, data, errors, PARITY, 372_671, **more).read_text()


def section(text: str, title: str) -> str:
    return next(part.body for part in Card.parse(text).sections if part.title == title)


def test_files_are_told_with_size_and_checksum(model: Path, data: list[Path]) -> None:
    twin = model.with_name("lane_float.tflite")
    shutil.copy(SHIPPED / "lane_blog.tflite", twin)
    files = section(written(model, data, float_twin=(twin, FLOAT_PARITY)), "Files")
    for path in (model, twin):
        checksum = hashlib.sha256(path.read_bytes()).hexdigest()
        assert f"| `{path.name}` | {path.stat().st_size:,} bytes |" in files
        assert f"| `{checksum}` |" in files
    assert "372,671 parameters" in files
    assert "All training pictures were rendered" in files


def test_tensors_are_told_as_the_file_has_them(model: Path, data: list[Path]) -> None:
    tensors = section(written(model, data), "Inputs and outputs")
    view = json.loads(model.with_suffix(".json").read_text())["input"]
    assert f"| in | `image` | 1 x {view['height_px']} x {view['width_px']} x 3 | uint8 | rows below" in tensors
    assert "| in | `command` | 1 x 4 | float32 | one-hot: follow, forward, left, right |" in tensors
    assert "| out | `steering` | 1 x 1 | float32 | in full scales, -1 … 1, right positive; curvature is -5" in tensors
    assert "m, left positive |" in tensors
    assert "rad, counter-clockwise positive |" in tensors
    assert "memory" not in tensors


def test_a_memory_is_told(model: Path, data: list[Path]) -> None:
    sidecar = json.loads(model.with_suffix(".json").read_text())
    sidecar["inputs"]["memory"] = [sidecar["inputs"]["command"]]
    sidecar["outputs"]["memory"] = [sidecar["outputs"]["steering"]]
    model.with_suffix(".json").write_text(json.dumps(sidecar))
    text = write_card(model, RECURRENT, PLAN, data, {"steering": 0.1}, PARITY, 1).read_text()
    assert "| in | `memory` | 1 x 4 | float32 | what it put out as its memory" in text
    assert "| out | `memory` | 1 x 1 | float32 | for the next frame |" in text
    assert "memory has to be emptied" in section(text, "Limits")


def test_the_recipe_tells_data_rounds_commands_times_and_versions(model: Path, data: list[Path]) -> None:
    commands = [
        "pixelopolis collect lane --out data/lane --seed 11",
        "pixelopolis train lane --data data/lane --rounds 2",
    ]
    times_s = {"collecting": 3720.0, "training": 95.0, "exporting": 4.25}
    initial = model.with_name("best.keras")
    recipe = section(written(model, data, commands=commands, wall_times_s=times_s, initial=initial), "Recipe")
    assert "| `data/poses` | 15,616 | 11 | poses along the lines, labelled by the expert |" in recipe
    assert "| `data/drives` | 1,000 | 12 | drives of the expert driver, with pushes under dusk.hdr |" in recipe
    for number, (stage, seed) in enumerate((("stage-0", 7001), ("stage-1", 7002)), 1):
        row = next(line for line in recipe.splitlines() if f"`{stage}/drives`" in line)
        assert f"| {seed} | round {number}: a model with SHA-256 `{DRIVERS[number - 1][:12]}…` drove" in row
    assert "```sh\n" + "\n".join(commands) + "\n```" in recipe
    assert "| collecting | 1 h 2 min |\n| training | 1 min 35 s |\n| exporting | 4.2 s |\n| all | 1 h 3 min |" in recipe
    assert "seed 7" in recipe
    assert '"learning_rate"' in recipe
    assert "earlier training, `best.keras`" in recipe
    assert f"numpy {np.__version__}" in recipe
    for library in ("tensorflow", "keras", "ai-edge-litert"):
        assert f"{library}" in recipe
    assert str(model.parent) not in recipe  # where it was made is nobody's business


def test_two_data_sets_of_one_driver_are_one_round(model: Path, tmp_path: Path) -> None:
    folders = [manifest_only(tmp_path / name, Manifest(k, 10, 5, DRIVERS[0])) for k, name in enumerate("ab")]
    recipe = section(written(model, folders), "Recipe")
    assert recipe.count("round 1:") == 2
    assert "wall time" not in recipe
    assert "pixelopolis train lane --variant conditioned" in recipe


@pytest.mark.parametrize("source", [f"tub {DRIVERS[0]}", f"udacity {DRIVERS[0]}, side correction 0.2"])
def test_imported_recordings_are_named_as_such(model: Path, data: list[Path], tmp_path: Path, source: str) -> None:
    data.append(manifest_only(tmp_path / "data" / "tub", Manifest(0, 321, 64, source)))
    text = written(model, data)
    assert f"| `data/tub` | 321 | none | imported recording: {source} |" in text
    assert "All training pictures were rendered" not in text
    assert "recordings named below" in section(text, "Files")
    assert "Trained on simulated pictures only" not in section(text, "Limits")


def test_errors_and_parity_of_both_files(model: Path, data: list[Path]) -> None:
    twin = model.with_name("lane_float.tflite")
    shutil.copy(SHIPPED / "lane_blog.tflite", twin)
    more: dict[str, Any] = {"steering_errors": {"left": 0.0723}, "latency": "One inference takes 0.40 ms."}
    text = section(written(model, data, float_twin=(twin, FLOAT_PARITY), **more), "Open loop, on validation scenes")
    assert "| steering | 0.0512 | of full scale |" in text
    assert "| lateral_m | 0.0071 | m |" in text
    assert "heading_rad" not in text  # not measured: recordings do not know it
    assert "| steering, command left | 0.0723 | of full scale |" in text
    assert "| `lane.tflite` | 400 | 0.0012 | 0.0345 | 0.0678 |" in text
    assert "| `lane_float.tflite` | 400 | 0.0000 | 0.0001 | 0.0002 |" in text
    assert text.endswith("One inference takes 0.40 ms.")


def test_writing_again_changes_nothing_and_keeps_what_was_added(model: Path, data: list[Path]) -> None:
    first = written(model, data)
    assert written(model, data) == first
    card = model.with_suffix(".md")
    add_figures(card, EVALUATED, seed=1)
    add_section(card, "Compared", "| a | b |\n|---|---|\n| 1 | 2 |")
    amended = card.read_text()
    assert [part.title for part in Card.parse(amended).sections] == [
        "Files",
        "Inputs and outputs",
        "Recipe",
        "Open loop, on validation scenes",
        "Closed loop",
        "Compared",
        "Limits",
    ]
    assert written(model, data) == amended


def test_figures_of_another_file_are_not_kept(model: Path, data: list[Path]) -> None:
    written(model, data)
    add_figures(model.with_suffix(".md"), EVALUATED, seed=1)
    shutil.copy(SHIPPED / "lane_blog.tflite", model)
    shutil.copy(SHIPPED / "lane_blog.json", model.with_suffix(".json"))
    text = write_card(model, BLOG, PLAN, data, {"steering": 0.1}, PARITY, 617_019).read_text()
    assert "Closed loop" not in text
    assert "knows no commands" in section(text, "Limits")


def test_figures_replace_older_ones(model: Path, data: list[Path]) -> None:
    written(model, data)
    card = model.with_suffix(".md")
    add_figures(card, EVALUATED, seed=1)
    once = card.read_text()
    assert "| normal | 4 | 0 | 1 | 60.0 s | 12.0 mm | 30.0 mm |" in once
    assert "`pixelopolis evaluate lane --episodes 4 --seed 1`" in once
    add_figures(card, EVALUATED, seed=1)
    assert card.read_text() == once
    counted = {**FIGURES, "choices_as_commanded": 37, "choices_taken": 38}
    command = "pixelopolis evaluate lane --episodes 4 --condition hard"
    add_figures(card, {**counted, "conditions": {"dark": counted}}, seed=2, command=command)
    text = section(card.read_text(), "Closed loop")
    assert "| dark | 4 | 0 | 1 | 60.0 s | 12.0 mm | 30.0 mm | 37 of 38 |" in text
    assert f"`{command}`" in text
    assert "normal" not in text


def test_the_shipped_cards_can_be_amended(tmp_path: Path) -> None:
    for shipped in SHIPPED.glob("lane*.md"):
        card = tmp_path / shipped.name
        shutil.copy(shipped, card)
        before = Card.parse(card.read_text())
        assert before.text() == card.read_text()
        add_section(card, "Compared", "It is the best.")
        after = Card.parse(card.read_text())
        assert replace(after, sections=tuple(s for s in after.sections if s.title != "Compared")) == before
        assert [s.title for s in after.sections][-2:] == ["Compared", "Limits"]


def test_headings_in_code_are_none() -> None:
    text = "# A\n\nwords\n\n## B\n\n```sh\n## not a heading\n```\n\n### deeper\n\n## C\n\nend\n"
    card = Card.parse(text)
    assert card.head == "# A\n\nwords"
    assert card.sections == (Section("B", "```sh\n## not a heading\n```\n\n### deeper"), Section("C", "end"))
    assert card.text() == text
    assert card.with_section(Section("D", "new")).sections[-1].title == "D"  # there are no limits to stand before


@pytest.mark.parametrize(("title", "body"), [("A", "words\n\n## B\n\nmore"), ("A\n\n## B", ""), ("A\nB", "words")])
def test_what_would_not_be_one_section_is_refused(tmp_path: Path, title: str, body: str) -> None:
    card = tmp_path / "lane.md"
    card.write_text("# A\n\n## Limits\n\nnone\n")
    with pytest.raises(ValueError, match=r"lane\.md: .*one section"):
        add_section(card, title, body)
    assert card.read_text() == "# A\n\n## Limits\n\nnone\n"


def test_a_file_that_is_no_model_is_named(model: Path, data: list[Path]) -> None:
    model.write_bytes(b"no model")
    with pytest.raises(ModelError, match=r"lane\.tflite"):
        written(model, data)


def test_durations_are_told_as_people_tell_them() -> None:
    assert [duration(s) for s in (0.04, 59.4, 60, 3599.7, 7384)] == [
        "0.0 s",
        "59.4 s",
        "1 min 0 s",
        "1 h 0 min",
        "2 h 3 min",
    ]
