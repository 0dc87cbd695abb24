"""`pixelopolis export signs` as typed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from models.detector.pictures.boxes import LabelledBox
from models.detector.pictures.voc import write_example
from pixelopolis.cli import app
from pixelopolis.errors import UsageError
from tests.models_detector.labelimg_by_hand import photo

runner = CliRunner()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for k in range(3):
        write_example(tmp_path / "data", f"{k}", photo(k), (LabelledBox("Go", 1, 1, 20, 20),))
    return tmp_path / "data"


def test_both_formats_can_be_written_at_once(data: Path, tmp_path: Path) -> None:
    words = [
        "--data",
        data,
        "--to-coco",
        tmp_path / "signs.json",
        "--to-tfrecord",
        tmp_path / "t" / "signs",
        "--shards",
        2,
    ]
    done = subprocess.run(
        [sys.executable, "-m", "pixelopolis", "export", "signs", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f"{tmp_path}/signs.json: 3 pictures", f"{tmp_path}/t/signs: 3 pictures"]
    assert len(json.loads((tmp_path / "signs.json").read_text(encoding="utf-8"))["images"]) == 3
    names = ["label_map.pbtxt", "signs-00000-of-00002", "signs-00001-of-00002"]
    assert sorted(path.name for path in (tmp_path / "t").iterdir()) == names


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ([], ("--to-coco", "--to-tfrecord", "Pascal VOC folder itself")),
        (["--to-coco", "{out}/x.json", "--shards", "2"], ("--shards", "--to-tfrecord")),
        (["--to-tfrecord", "{out}/x", "--shards", "9"], ("9 shards", "3 pictures")),
        (["--to-coco", "{out}/data/labels.txt"], ("labels.txt exists already",)),
    ],
)
def test_a_mistake_names_what_was_typed(data: Path, tmp_path: Path, words: list[str], named: tuple[str, ...]) -> None:
    (data / "labels.txt").write_text("Go\n", encoding="utf-8")
    typed = [word.format(out=tmp_path) for word in words]
    result = runner.invoke(app, ["export", "signs", "--data", str(data), *typed])
    assert isinstance(result.exception, UsageError)
    assert all(name in str(result.exception) for name in named)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_a_folder_that_is_no_data_set_is_wrong_usage(tmp_path: Path) -> None:
    result = runner.invoke(app, ["export", "signs", "--data", str(tmp_path), "--to-coco", str(tmp_path / "x.json")])
    assert isinstance(result.exception, UsageError)
    assert "no Annotations/*.xml" in str(result.exception)


def test_without_tensorflow_the_way_out_is_told(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "models.detector.exchange.tfrecord", None)
    result = runner.invoke(app, ["export", "signs", "--data", str(data), "--to-tfrecord", str(tmp_path / "x")])
    assert isinstance(result.exception, UsageError)
    assert "make setup-dev" in str(result.exception)
    monkeypatch.undo()
    assert runner.invoke(app, ["export", "signs", "--data", str(data), "--to-coco", str(tmp_path / "x")]).exit_code == 0
