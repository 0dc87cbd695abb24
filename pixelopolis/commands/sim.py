"""`pixelopolis sim`: the simulated city and its fleet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from pixelopolis.commands.options import CITY_HELP
from pixelopolis.errors import UsageError
from pixelopolis.logs import LogForm, LogFormOption, set_up_logging

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
    control_host: Annotated[str | None, typer.Option(help="Address for evaluators alone; without it, --host.")] = None,
    claim_port: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65535,
            help="Port at which `sim drive` gets a car, which is off the road until then. 0: a free one.",
        ),
    ] = None,
    log: LogFormOption = LogForm.TEXT,
) -> None:
    """Simulate a city with cars in real time. Prints one line of JSON with all addresses when it is ready."""
    import asyncio

    from sim.service import Ports, SimulatorService, serve_until_signal

    ports = Ports(host, camera_port, board_port, control_port, pty_dir, control_host, claim_port)
    set_up_logging(log)
    service = SimulatorService(city, cars, seed, ports)
    asyncio.run(serve_until_signal(service, lambda line: typer.echo(line)))


SimAddress = Annotated[str, typer.Option("--sim", help="Claim port of the simulator, HOST:PORT.")]


@app.command()
def drive(
    sim: SimAddress,
    server: Annotated[str, typer.Option(help="The server, http://host:port.")],
    stream_port: Annotated[int, typer.Option(min=0, max=65535, help="Of the live picture; 0 picks one.")] = 0,
    config: Annotated[Path | None, typer.Option(help="YAML with models, speed and dimensions of this car.")] = None,
    log: LogFormOption = LogForm.TEXT,
) -> None:
    """Get a free car of the simulated fleet and drive it, as `car run`; wait for one while all have a driver."""
    from pixelopolis.claimed_car.run import drive_claimed

    set_up_logging(log)
    options = ["--server", server, "--stream-port", str(stream_port), "--log", log.value]
    if config is not None:
        options += ["--config", str(config)]
    drive_claimed(*_address(sim), options)


@app.command()
def staff(
    sim: SimAddress,
    server: Annotated[str, typer.Option(help="The server, by the address that the cars use.")],
    name: Annotated[str, typer.Option(help="Name of the operator as whom this logs in.")] = "staff",
    ready_file: Annotated[Path | None, typer.Option(help="File that is made once all cars are let in.")] = None,
    log: LogFormOption = LogForm.TEXT,
) -> None:
    """Do for a simulated fleet what people do for a real one, until SIGTERM or Ctrl-C.

    All its cars are let in, with keys where `car run` of this user looks for them; then the server is told of every car
    that is off the road, so that it blocks nothing.

    The operator's password comes in PIXELOPOLIS_OPERATOR_PASSWORD, for an operator who is new together with the
    server's PIXELOPOLIS_OPERATOR_CODE; or in files that these names with _FILE behind them name.
    """
    from pixelopolis.staff.run import run_staff

    set_up_logging(log)

    def told(cars: Sequence[str]) -> None:
        typer.echo(f"{server} lets in: {', '.join(cars)}", err=True)
        if ready_file is not None:
            ready_file.touch()

    run_staff(server, name, _address(sim), told)


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise UsageError(f"--sim {text!r}: give HOST:PORT, as `sim run --claim-port` says it in `claims`")
    return host, int(port)
