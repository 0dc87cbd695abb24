"""`pixelopolis city signs`: the signs as a list, or in true size to print."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from city.sign_sheets import Paper
from pixelopolis.commands.options import CITY_HELP
from pixelopolis.errors import UsageError

if TYPE_CHECKING:
    from city.sign_prints import SignPrint

DEFAULT_CITY = "pixelopolis"


def city_signs(
    city: Annotated[
        str | None,
        typer.Argument(help=f"Only the signs that stand in a city, as often as they do: {CITY_HELP}"),
    ] = None,
    pdf: Annotated[Path | None, typer.Option(help="Write a PDF with the signs in true size there.")] = None,
    paper: Annotated[
        Paper | None, typer.Option(case_sensitive=False, help="Paper of the PDF; a4 when not given.")
    ] = None,
    svg: Annotated[Path | None, typer.Option(help="Write an SVG for each sign into this folder.")] = None,
    png: Annotated[Path | None, typer.Option(help="Write a PNG (300 dpi) for each sign into this folder.")] = None,
) -> None:
    """List all signs, or print them: the same pictures in the same size as in the simulator."""
    from city.files import load_city
    from city.sign_pdf import signs_pdf
    from city.sign_prints import catalogue_prints, city_prints, print_png, print_svg

    if paper is not None and pdf is None:
        raise UsageError("--paper goes with --pdf only; give --pdf FILE too or leave --paper out")
    found = load_city(city or DEFAULT_CITY)
    signs = catalogue_prints(found) if city is None else city_prints(found)
    title = f"All signs, places in {found.name}" if city is None else f"Signs of {found.name}"
    if not signs:
        raise UsageError(f"no sign stands in {city}; leave the city out for the whole catalogue")
    if pdf is not None:
        pdf.write_bytes(signs_pdf(signs, paper or Paper.A4, title))
        typer.echo(f"wrote {pdf}: {len(signs)} signs", err=True)
    if svg is not None:
        _write_each(svg, {f"{sign.name}.svg": print_svg(sign).encode("utf-8") for sign in signs})
    if png is not None:
        _write_each(png, {f"{sign.name}.png": print_png(sign) for sign in signs})
    if pdf is None and svg is None and png is None:
        Console().print(_table(signs, title, found.name))


def _write_each(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    typer.echo(f"wrote {folder}: {len(files)} signs", err=True)


def _table(signs: list[SignPrint], title: str, city: str) -> Table:
    table = Table("sign", "board", f"where in {city}", title=title, caption=f"{len(signs)} signs")
    for sign in signs:
        table.add_row(sign.kind, sign.size, sign.where or "–")
    return table
