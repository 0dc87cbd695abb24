"""`pixelopolis operator stop|resume|hold|release|lift|send`: what an operator does to the fleet."""

from __future__ import annotations

from typing import Annotated

import typer

ServerUrl = Annotated[str, typer.Option("--server", envvar="PIXELOPOLIS_SERVER", help="The server, http://host:port.")]
CarId = Annotated[str, typer.Argument(help="The car's id.")]
DEFAULT_SERVER = "http://127.0.0.1:5355"


def stop(server: ServerUrl = DEFAULT_SERVER) -> None:
    """Stop all cars."""
    _post(server, "stop")
    typer.echo(f"all cars of {server} are stopped")


def resume(server: ServerUrl = DEFAULT_SERVER) -> None:
    """Let all cars go on, save those that are held by themselves."""
    _post(server, "resume")
    typer.echo(f"the cars of {server} go on")


def hold(car: CarId, server: ServerUrl = DEFAULT_SERVER) -> None:
    """Hold one car where it is."""
    _post(server, f"cars/{car}/hold")
    typer.echo(f"{car} is held")


def release(car: CarId, server: ServerUrl = DEFAULT_SERVER) -> None:
    """Let a car go on that was held or sent somewhere."""
    _post(server, f"cars/{car}/release")
    typer.echo(f"{car} takes visitors again")


def lift(car: CarId, server: ServerUrl = DEFAULT_SERVER) -> None:
    """Tell the server that a car, switched off, was taken off the road: what it blocked is free."""
    _post(server, f"cars/{car}/lift")
    typer.echo(f"{car} is off the road")


def send(
    car: CarId,
    place: Annotated[str | None, typer.Argument(help="The id of a place.")] = None,
    edge: Annotated[int | None, typer.Option(help="An edge instead, to the end of which it drives.")] = None,
    server: ServerUrl = DEFAULT_SERVER,
) -> None:
    """Send a car to stand at a place, or at the end of an edge, until it is released."""
    from pixelopolis.errors import UsageError

    if (place is None) == (edge is None):
        raise UsageError("name either a place or --edge")
    _post(server, f"cars/{car}/send", {"place_id": place} if edge is None else {"edge": edge})
    typer.echo(f"{car} is sent to {place or f'edge {edge}'}")


def _post(server: str, act: str, body: dict[str, object] | None = None) -> None:
    from pixelopolis.operator_client import OperatorClient

    OperatorClient(server).call("POST", f"/api/operator/{act}", body)


def add_acts(app: typer.Typer) -> None:
    """Add the commands of this file."""
    for act in (stop, resume, hold, release, lift, send):
        app.command()(act)
