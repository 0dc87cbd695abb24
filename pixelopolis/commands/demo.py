"""`pixelopolis demo`: the whole system on one machine."""

from __future__ import annotations

from typing import Annotated

import typer

from pixelopolis.commands.options import CITY_HELP


def demo(
    cars: Annotated[int, typer.Option(min=1, max=12, help="How many cars drive.")] = 3,
    city: Annotated[str, typer.Option(help=CITY_HELP)] = "pixelopolis",
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same world.")] = 1,
    trips: Annotated[int, typer.Option(min=0, help="Book so many rides, then exit; 0 runs until Ctrl-C.")] = 0,
    store: Annotated[
        str | None, typer.Option(help="Where the server keeps its data, as for `server`; default: a new file.")
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The page's port; 0 picks a free one.")] = 8000,
    json_file: Annotated[str | None, typer.Option("--json", help="Where the figures go; - is standard output.")] = None,
) -> None:
    """Start simulator, server and cars, and open the city to visitors."""
    from pixelopolis.demo.run import run_demo

    raise typer.Exit(run_demo(cars, city, seed, trips, store, port, json_file))
