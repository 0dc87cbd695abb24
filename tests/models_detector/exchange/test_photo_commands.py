"""`pixelopolis collect signs --from-voc` as typed: what is told where, and exit statuses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from models.detector.pictures.labels import LABELS, read_labels
from models.detector.pictures.voc import read_data_set
from pixelopolis.cli import app
from pixelopolis.commands.collect_signs import OPTIONS
from pixelopolis.commands.options import refuse_conflicts
from pixelopolis.errors import UsageError
from tests.models_detector.labelimg_by_hand import Drawn, Photos

runner = CliRunner()
STOP = Drawn("stop", 20, 30, 60, 70)
MAP = "stop: Stop_sign\nperson: null\ngiraffe: {new: Giraffe}\n"


def pixelopolis(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command as a process, as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "pixelopolis", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.fixture
def photos(tmp_path: Path) -> Photos:
    objects = {
        "IMG 1.jpg": [STOP, Drawn("person", 5, 5, 20, 20)],
        "IMG 2.png": [Drawn("giraffe", 5, 5, 60, 60), Drawn("tram [red]", 70, 5, 90, 20)],
        "broken.jpg": [STOP],
    }
    made = Photos(tmp_path / "photos", objects)
    made.write()
    made.picture("broken.jpg").write_bytes(b"?")
    (tmp_path / "map.yaml").write_text(MAP, encoding="utf-8")
    return made


def test_what_came_over_and_what_did_not_is_told(tmp_path: Path, photos: Photos) -> None:
    words = ("collect", "signs", "--from-voc", photos.folder, "--classes", tmp_path / "map.yaml")
    done = pixelopolis(*words, "--out", tmp_path / "data")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    unknown = "class 'tram [red]' is unknown (give it a label with --classes)"
    assert lines[:2] == [
        f"warning: {photos.folder}/IMG 2.xml: {unknown}; object skipped",
        f"warning: {photos.folder}/broken.xml: picture cannot be decoded (it is neither JPEG nor PNG); picture skipped",
    ]
    table = [[cell.strip() for cell in line.split("│")[1:-1]] for line in lines if line.startswith("│")]
    assert table == [
        ["pictures: new", "2"],
        ["picture skipped: picture cannot be decoded", "1"],
        ["objects: Giraffe", "1"],
        ["objects: Stop_sign", "1"],
        ["objects: left out by the class map", "1"],
        ["object skipped: class 'tram [red]' is unknown", "1"],
    ]
    assert read_labels(tmp_path / "data") == (*LABELS, "Giraffe")
    assert len(read_data_set(tmp_path / "data")) == 2


def test_nothing_imported_is_status_1_and_something_there_already_is_0(tmp_path: Path, photos: Photos) -> None:
    words = ("collect", "signs", "--from-voc", photos.folder, "--out", tmp_path / "data")
    done = pixelopolis(*words)  # without a map, nobody knows its classes
    assert done.returncode == 1
    assert f"pixelopolis: {photos.folder}: nothing could be imported: see above" in done.stderr
    assert "Traceback" not in done.stderr
    for _ in range(2):
        assert pixelopolis(*words, "--classes", tmp_path / "map.yaml").returncode == 0


def test_a_folder_without_annotations_is_status_1(tmp_path: Path) -> None:
    result = runner.invoke(app, ["collect", "signs", "--from-voc", str(tmp_path), "--out", str(tmp_path / "data")])
    assert isinstance(result.exception, ValueError)
    assert not isinstance(result.exception, UsageError)  # which would be status 2
    assert "it holds no annotations, nor does Annotations/ in it" in str(result.exception)


MISTAKES = [
    (["--from-voc", "{photos}", "--count", "3"], ("--from-voc", "--count")),
    (["--from-voc", "{photos}", "--seed", "3"], ("--from-voc", "--seed")),
    (["--from-voc", "{photos}", "--workers", "3"], ("--from-voc", "--workers")),
    (["--classes", "map.yaml"], ("--classes", "--from-voc")),
    (["--from-voc", "/no/such/folder"], ("--from-voc /no/such/folder: there is no such folder",)),
    (["--from-voc", "{photos}", "--classes", "/no/such.yaml"], ("/no/such.yaml: cannot be read as a class map",)),
]


@pytest.mark.parametrize(("words", "named"), MISTAKES, ids=[" ".join(m[0]) for m in MISTAKES])
def test_a_mistake_names_what_was_typed(
    tmp_path: Path, photos: Photos, words: list[str], named: tuple[str, ...]
) -> None:
    typed = [word.format(photos=photos.folder) for word in words]
    result = runner.invoke(app, ["collect", "signs", "--out", str(tmp_path / "data"), *typed])
    assert isinstance(result.exception, UsageError)
    assert all(name in str(result.exception) for name in named)
    assert not (tmp_path / "data").exists()


def test_a_folder_is_not_imported_into_itself(photos: Photos) -> None:
    before = sorted(path.name for path in photos.folder.iterdir())
    result = runner.invoke(app, ["collect", "signs", "--from-voc", str(photos.folder), "--out", f"{photos.folder}/."])
    assert isinstance(result.exception, UsageError)
    assert "is the folder that is imported" in str(result.exception)
    assert sorted(path.name for path in photos.folder.iterdir()) == before


def test_a_data_set_with_a_wrong_list_of_labels_is_left_alone(tmp_path: Path, photos: Photos) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "labels.txt").write_text("Go\nGo\n", encoding="utf-8")
    for words in (["--from-voc", str(photos.folder)], ["--count", "1"]):
        result = runner.invoke(app, ["collect", "signs", "--out", str(data), *words])
        assert isinstance(result.exception, UsageError)
        assert "line 2: 'Go'" in str(result.exception)
    assert [path.name for path in data.iterdir()] == ["labels.txt"]


def test_options_go_with_their_source() -> None:
    for source, options in OPTIONS.items():
        refuse_conflicts({option for option in (source, *options) if option.startswith("--")}, OPTIONS)
