"""`pixelopolis evaluate fleet`: the real server and real pilots with many cars, visitors and faults, in lockstep."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from pixelopolis.commands.options import CITY_HELP
from pixelopolis.errors import UsageError
from pixelopolis.output import write_json

if TYPE_CHECKING:
    from pixelopolis.evaluation.fleet.plan import FleetPlan
    from pixelopolis.evaluation.fleet.result import FleetResult


def evaluate_fleet(
    cars: Annotated[int, typer.Option(min=1, help="How many cars drive.")] = 12,
    minutes: Annotated[float, typer.Option(min=0.1, help="For how long, in the simulation.")] = 60.0,
    city: Annotated[str, typer.Option(help=CITY_HELP)] = "pixelopolis",
    vision: Annotated[
        str,
        typer.Option(help="full: both networks on rendered pictures; surrogate: from the truth, as wrong as measured."),
    ] = "surrogate",
    chaos: Annotated[int, typer.Option(min=0, metavar="N", help="So many faults, at random times.")] = 0,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same run.")] = 1,
    json_file: Annotated[str | None, typer.Option("--json", help="Write JSON there; - is standard output.")] = None,
) -> None:
    """Simulate a whole fleet, faster than real time.

    Exit status 0 only if every visitor came to the right place, no ride was lost or doubled, nothing touched, no lane
    was left, nobody waited at a node for longer than can be, and all was back in service after each fault.
    """
    from pixelopolis.evaluation.fleet.plan import FleetPlan
    from pixelopolis.evaluation.fleet.vision import Vision

    if vision not in list(Vision):
        raise UsageError(f"there is no vision {vision!r}; known are {', '.join(Vision)}")
    result = _run(FleetPlan(cars, minutes, city, Vision(vision), chaos, seed))
    if json_file is not None:
        write_json(result.as_json(), json_file)
    if json_file != "-":
        from pixelopolis.evaluation.fleet.text import result_lines

        typer.echo("\n".join(result_lines(result)))
    if not result.all_well:
        raise typer.Exit(1)


def _run(plan: FleetPlan) -> FleetResult:
    """Simulate with a bar on a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    from city.errors import CityError
    from pixelopolis.evaluation.fleet.run import run_fleet
    from server.traffic.road import CityTooTightError
    from sim.spawn import SpawnError

    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("simulated seconds", total=plan.seconds)
        try:
            return asyncio.run(run_fleet(plan, lambda now_s: progress.update(task, completed=now_s)))
        except (CityError, CityTooTightError, SpawnError) as error:
            raise UsageError(str(error)) from error
