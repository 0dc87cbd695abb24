"""`pixelopolis city signs` as typed."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import pytest
from typer.testing import CliRunner

from city.sign_catalogue import SIGN_KINDS
from pixelopolis.cli import app
from pixelopolis.errors import UsageError

runner = CliRunner()


def test_without_a_file_the_signs_are_listed() -> None:
    result = runner.invoke(app, ["city", "signs"])
    assert result.exit_code == 0
    for kind in SIGN_KINDS:
        assert kind in result.stdout
    assert "120 × 120 mm" in result.stdout
    assert "node 8 from edge 7, Museum" in result.stdout


def test_a_city_lists_its_own_signs_only() -> None:
    result = runner.invoke(app, ["city", "signs", "square"])
    assert "4 signs" in result.stdout
    assert "Stop_sign" not in result.stdout


@pytest.mark.parametrize(("paper", "width_pt"), [("a4", 841.89), ("letter", 792.0), ("Letter", 792.0)])
def test_a_pdf_is_written_on_the_paper_asked_for(tmp_path: Path, paper: str, width_pt: float) -> None:
    out = tmp_path / "signs.pdf"
    result = runner.invoke(app, ["city", "signs", "square", "--pdf", str(out), "--paper", paper])
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    document = pypdfium2.PdfDocument(out)
    assert len(document) == 2
    assert document[0].get_width() == pytest.approx(width_pt, abs=0.1)
    document.close()


def test_single_files_are_written(tmp_path: Path) -> None:
    words = ["city", "signs", "square", "--svg", str(tmp_path / "svg"), "--png", str(tmp_path / "png")]
    assert runner.invoke(app, words).exit_code == 0
    names = {"node-1-edge-1-Go", "node-2-edge-2-Hand", "node-3-edge-3-Museum", "node-4-edge-4-Church"}
    assert {path.stem for path in (tmp_path / "svg").glob("*.svg")} == names
    assert {path.stem for path in (tmp_path / "png").glob("*.png")} == names


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--paper", "a4"], "--pdf"),
        (["atlantis"], "atlantis"),
    ],
)
def test_a_mistake_names_what_was_typed(words: list[str], named: str) -> None:
    result = runner.invoke(app, ["city", "signs", *words])
    assert isinstance(result.exception, ValueError)
    assert named in str(result.exception)


def test_a_city_without_signs_is_said(tmp_path: Path) -> None:
    from city.files import city_text

    text = city_text("square")
    bare = tmp_path / "bare.yaml"
    bare.write_text(text[: text.index("signs:")] + text[text.index("places:") :], encoding="utf-8")
    result = runner.invoke(app, ["city", "signs", str(bare), "--pdf", str(tmp_path / "signs.pdf")])
    assert isinstance(result.exception, UsageError)
    assert "no sign stands" in str(result.exception)
    assert not (tmp_path / "signs.pdf").exists()
