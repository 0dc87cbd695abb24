"""`pixelopolis sim`: the simulated city and its fleet."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pixelopolis.commands.options import CITY_HELP

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _sim() -> None:
    """The simulated city and fleet."""


@app.command()
def run(
    city: Annotated[str, typer.Option(help=CITY_HELP)] = "pixelopolis",
    cars: Annotated[int, typer.Option(min=1, max=64, help="How many cars.")] = 3,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same world.")] = 1,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    camera_port: Annotated[int, typer.Option(min=0, max=65535, help="Port of all cameras; 0: a free one.")] = 0,
    board_port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the first board; 0: free ones.")] = 0,
    control_port: Annotated[int, typer.Option(min=0, max=65535, help="Port for evaluators; 0: a free one.")] = 0,
    pty_dir: Annotated[Path | None, typer.Option(help="Folder for links to the boards' pseudo-terminals.")] = None,
) -> None:
    """Simulate a city with cars in real time. Prints one line of JSON with all addresses when it is ready."""
    import asyncio

    from sim.service import Ports, SimulatorService, serve_until_signal

    service = SimulatorService(city, cars, seed, Ports(host, camera_port, board_port, control_port, pty_dir))
    asyncio.run(serve_until_signal(service, lambda line: typer.echo(line)))
