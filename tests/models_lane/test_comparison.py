"""Drivers compared: driven on both courses, measured, written down, gone on with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import pytest

from models.common.workers.processes import Processes
from models.lane.comparison.compare import Plans, all_drivers, compare
from models.lane.comparison.page import comparison_table, write_comparison
from models.lane.comparison.plot import draw_comparison
from models.lane.evaluation.drives_file import DrivesFileError
from models.lane.evaluation.episodes import Course, episodes
from models.lane.shipped import shipped_files, shipped_models
from models.latency import latencies, network_latencies
from tests.models_lane.drives import TINY_MODEL

PLAIN_MODEL = TINY_MODEL.with_name("plain.tflite")
NAMES = ["expert", "straight", str(TINY_MODEL)]


def short_plans(count: int = 2) -> Plans:
    return {course: episodes(count, seed=3, city="square", course=course, seconds=1.0) for course in Course}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("comparison")


@pytest.fixture(scope="module")
def compared(folder: Path) -> dict[str, Any]:
    return compare(NAMES, short_plans(), folder, workers=Processes(1), baseline=PLAIN_MODEL)


def test_every_driver_drives_the_same_on_both_courses(compared: dict[str, Any]) -> None:
    rows = compared["rows"]
    assert [(row["driver"], row["course"]) for row in rows] == [(n, c) for n in NAMES for c in ("cities", "streets")]
    assert all(row["episodes"] == 2 for row in rows)
    assert all(row["survival_s_median"] > 0 for row in rows)
    assert [row["looks"] for row in rows] == [0, 0, 0, 0, 2, 2]


def test_files_are_measured_beside_the_baseline(compared: dict[str, Any]) -> None:
    for row in compared["rows"]:
        if row["driver"] == str(TINY_MODEL):
            assert row["file_bytes"] == TINY_MODEL.stat().st_size
            assert 0 < row["latency_p50_ms"] <= row["latency_p99_ms"]
        else:
            assert row["file_bytes"] is row["latency_p50_ms"] is row["latency_p99_ms"] is None
    assert compared["baseline"]["file_bytes"] == PLAIN_MODEL.stat().st_size
    assert compared["baseline"]["latency_p50_ms"] > 0


def test_what_was_driven_is_not_driven_again(compared: dict[str, Any], folder: Path) -> None:
    files = sorted((folder / "drives").iterdir())
    assert len(files) == 6
    before = [path.read_text() for path in files]
    again = compare(NAMES[:2], short_plans(), folder, workers=Processes(1))
    kept = [row for row in compared["rows"] if row["driver"] != str(TINY_MODEL)]
    assert again == {"baseline": None, "rows": kept}
    assert [path.read_text() for path in files] == before
    compare(["expert"], short_plans(3), folder, workers=Processes(1))
    assert (folder / "drives" / "expert-cities.jsonl").read_text().count("\n") == 4


def test_another_file_under_the_same_name_is_not_mixed_in(tmp_path: Path) -> None:
    model = tmp_path / "lane.tflite"
    model.write_bytes(TINY_MODEL.read_bytes())
    model.with_suffix(".json").write_bytes(TINY_MODEL.with_suffix(".json").read_bytes())
    plans = {Course.STREETS: episodes(1, seed=3, city="square", seconds=0.2)}
    compare([str(model)], plans, tmp_path, workers=Processes(1))
    model.write_bytes(TINY_MODEL.read_bytes() + b"retrained")
    with pytest.raises(DrivesFileError, match="delete it or give another"):
        compare([str(model)], plans, tmp_path, workers=Processes(1))


def test_an_unknown_driver_is_named_before_anything_is_driven(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'somebody'"):
        compare(["expert", "somebody"], short_plans(), tmp_path)
    assert not list(tmp_path.iterdir())


def test_all_are_what_is_shipped_and_those_who_see_nothing() -> None:
    assert all_drivers()[-3:] == ["expert", "straight", "mean"]
    assert "conditioned" in all_drivers()
    assert all(path.is_file() for path in [*shipped_models().values(), *shipped_files()])
    assert set(shipped_models().values()) <= set(shipped_files())


def test_a_page_with_table_bars_and_json(compared: dict[str, Any], tmp_path: Path) -> None:
    page = write_comparison(compared, short_plans(), tmp_path)
    text = page.read_text()
    assert "2 drives of 1 s on each course, seed 3, normal." in text
    assert f"| {TINY_MODEL} | streets | 2,664 bytes |" in text
    assert "| expert | cities | – | – | – | 0 | 0 |" in text
    assert "`plain.tflite`, 2,464 bytes" in text
    assert json.loads((tmp_path / "comparison.json").read_text()) == compared
    bars = cv2.imread(str(tmp_path / "comparison.png"))
    assert bars is not None
    assert bars.std() > 10


def test_the_table_has_as_many_cells_in_each_line(compared: dict[str, Any]) -> None:
    lines = comparison_table(compared["rows"])
    assert len(lines) == 2 + len(compared["rows"])
    assert len({line.count("|") for line in lines}) == 1


def test_bars_of_one_driver_on_one_course(compared: dict[str, Any], tmp_path: Path) -> None:
    draw_comparison([compared["rows"][0]], tmp_path / "one.png")
    assert (tmp_path / "one.png").stat().st_size > 1000


def test_calls_take_turns() -> None:
    calls: list[str] = []
    found = latencies({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, rounds=5)
    assert calls == ["a", "b"] * 35
    assert found.keys() == {"a", "b"}
    assert all(0 <= latency.p50_ms <= latency.p99_ms for latency in found.values())


def test_networks_run_whatever_inputs_they_have() -> None:
    found = network_latencies([TINY_MODEL, PLAIN_MODEL, TINY_MODEL.with_name("detector.tflite")], rounds=3)
    assert len(found) == 3
    assert all(latency.p50_ms > 0 for latency in found)
