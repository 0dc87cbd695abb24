"""Labelled photos for `pixelopolis collect signs`: what came of each is told on the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from pixelopolis.errors import UsageError

if TYPE_CHECKING:
    from models.detector.exchange.problems import ImportReport


def import_photos(out: Path, folder: Path, classes: Path | None) -> None:
    """Import photos and say what came of them.

    Raises:
        UsageError: if there is no such folder, or the class map or the data set's list of labels is wrong.
        ValueError: if not one photo could be imported.
    """
    from models.detector.exchange.class_map import ClassMap, read_class_map
    from models.detector.exchange.importing import import_voc
    from models.detector.pictures.boxes import DataSetError
    from models.detector.pictures.labels import read_labels

    if not folder.is_dir():
        raise UsageError(f"--from-voc {folder}: there is no such folder")
    if out.resolve() == folder.resolve():
        raise UsageError(f"--out {out} is the folder that is imported; give another one")
    try:
        known = read_labels(out)
        report = import_voc(out, folder, ClassMap(known) if classes is None else read_class_map(classes, known))
    except DataSetError as error:
        raise UsageError(str(error)) from error
    _tell(report, out)
    if not report.pictures:
        found = "see above" if report.problems else "it holds no annotations, nor does Annotations/ in it"
        raise ValueError(f"{folder}: nothing could be imported: {found}")


def _tell(report: ImportReport, out: Path) -> None:
    for problem in report.problems:
        typer.echo(f"warning: {problem}", err=True)
    table = Table("what", Column("count", justify="right"), title=Text(str(out)))
    for what, count in report.rows():
        table.add_row(Text(what), str(count))  # as it is: names may hold brackets
    Console(stderr=True).print(table)
