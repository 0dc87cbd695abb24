"""`pixelopolis city …`: check, draw and route on maps, and print their signs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from pixelopolis.commands.city_signs import city_signs
from pixelopolis.commands.options import CITY_HELP
from pixelopolis.errors import UsageError
from pixelopolis.output import write_json

app = typer.Typer(no_args_is_help=True)
app.command("signs")(city_signs)

CityName = Annotated[str, typer.Argument(help=CITY_HELP)]


@app.command()
def check(city: CityName = "pixelopolis") -> None:
    """Load a city and say what is in it, or the first mistake."""
    from city.files import load_city

    found = load_city(city)
    unsigned = sorted(edge for edge in found.edges if found.sign_at(edge) is None)
    typer.echo(
        f"{city}: {len(found.nodes)} nodes, {len(found.edges)} edges, {len(found.movements)} movements, "
        f"{len(found.signs)} signs, {len(found.places)} places; every place can be reached from everywhere"
    )
    if unsigned:
        typer.echo(
            f"{city}: no sign at the end of edge {', '.join(map(str, unsigned))}: a car cannot place itself there"
        )


@app.command()
def route(
    city: CityName,
    start: Annotated[int, typer.Argument(help="The edge on which the car is.")],
    place: Annotated[str, typer.Argument(help="A place's id, or an edge.")],
    closed: Annotated[list[int] | None, typer.Option("--closed", help="An edge that must not be entered.")] = None,
    json_file: Annotated[str | None, typer.Option("--json", help="Write JSON there; - is standard output.")] = None,
) -> None:
    """The cheapest way from an edge to a place, with the command at every node."""
    from city.files import load_city
    from city.routing import shortest_route

    found = load_city(city)
    if place in found.places:
        goal = found.places[place].edge
    elif place.isdigit():
        goal = int(place)
    else:
        raise UsageError(f"there is no place {place!r} in {city}; known are {', '.join(found.places)}, or give an edge")
    best = shortest_route(found, start, goal, frozenset(closed or ()))
    steps = [
        {
            "edge": edge,
            "node": found.edges[edge].end,
            "sign": sign.kind if (sign := found.sign_at(edge)) else None,
            "command": found.movements[edge, onward].command.value if onward is not None else None,
        }
        for edge, onward in zip(best.edges, [*best.edges[1:], None], strict=True)
    ]
    if json_file:
        write_json({"cost": best.cost, "edges": best.edges, "steps": steps}, json_file)
        return
    table = Table(
        "edge", "to node", "sign there", "command", title=f"{city}: edge {start} to {place}, cost {best.cost:g}"
    )
    for step in steps:
        table.add_row(str(step["edge"]), str(step["node"]), str(step["sign"] or "–"), str(step["command"] or "stop"))
    Console().print(table)


@app.command()
def draw(
    city: CityName = "pixelopolis",
    out: Annotated[Path, typer.Option(help="An .svg or .png file to write.")] = Path("city.svg"),
    width_px: Annotated[int, typer.Option("--width", min=100, max=8000, help="Width of a PNG in pixels.")] = 1200,
) -> None:
    """Draw a city from above."""
    from city.draw import city_png, city_svg
    from city.files import load_city

    found = load_city(city)
    if out.suffix == ".svg":
        out.write_text(city_svg(found), encoding="utf-8")
    elif out.suffix == ".png":
        out.write_bytes(city_png(found, width_px))
    else:
        raise UsageError(f"--out {out}: give a name that ends in .svg or .png")
    typer.echo(f"wrote {out}")
