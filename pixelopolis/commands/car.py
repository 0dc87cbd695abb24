"""`pixelopolis car …`: enrol one car, run it, or check whether it is fit to drive."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from pixelopolis.commands.car_calibrate import calibrate
from pixelopolis.commands.detector_options import (
    DelegateLibrary,
    DelegateOptions,
    DetectorFile,
    LabelsFile,
    Threads,
    delegate_options,
)
from pixelopolis.errors import UsageError
from pixelopolis.logs import LogForm, LogFormOption, set_up_logging
from pixelopolis.traces import TraceToOption, tracer_provider

app = typer.Typer(no_args_is_help=True)
app.command("calibrate")(calibrate)

CameraUrl = Annotated[str, typer.Option("--camera", help="tcp://host:port/car-1, v4l2:0 or file:drive.mp4.")]
BoardUrl = Annotated[str, typer.Option("--board", help="Serial port: /dev/ttyACM0, a pty, or socket://host:port.")]
ConfigFile = Annotated[
    Path | None, typer.Option("--config", help="YAML with models, speed and dimensions of this car.")
]

CarId = Annotated[str, typer.Option("--id", help="The car's name, unique in its fleet.")]
ServerUrl = Annotated[str, typer.Option(help="The server, http://host:port.")]


@app.command()
def enrol(
    car_id: CarId,
    server: ServerUrl,
    code: Annotated[str, typer.Option(help="One-time code of an operator: pixelopolis operator code car CAR.")],
) -> None:
    """Get a key of its own for this car, once for each server; `car run` uses it."""
    from car.connection.enrolment import enrol_car

    _check_id(car_id)
    _check_server(server)
    typer.echo(f"{car_id} is enrolled; its key is in {enrol_car(server, car_id, code)}")


@app.command()
def run(
    car_id: CarId,
    server: ServerUrl,
    camera: CameraUrl,
    board: BoardUrl,
    config: ConfigFile = None,
    stream_port: Annotated[int, typer.Option(min=0, max=65535, help="Of the live picture; 0 picks one.")] = 0,
    detector: DetectorFile = None,
    labels: LabelsFile = None,
    threads: Threads = None,
    delegate: DelegateLibrary = None,
    delegate_option: DelegateOptions = None,
    log: LogFormOption = LogForm.TEXT,
    trace_to: TraceToOption = None,
) -> None:
    """Drive by sight, until SIGTERM or Ctrl-C. What is given here counts before the configuration."""
    from car.config import Overrides
    from car.run import CarOptions, run_car

    _check_id(car_id)
    _check_camera(camera)
    _check_server(server)
    overrides = Overrides(detector, labels, delegate, delegate_options(delegate_option), threads)
    set_up_logging(log, car_id=car_id)
    tracing = tracer_provider("pixelopolis-car", trace_to)
    run_car(CarOptions(car_id, server, camera, board, config, stream_port, overrides, tracing))


def _check_id(car_id: str) -> None:
    from pydantic import TypeAdapter, ValidationError

    from fleet.messages import Identifier

    try:
        TypeAdapter(Identifier).validate_python(car_id)
    except ValidationError:
        raise UsageError(f"--id {car_id!r}: give up to 64 letters, digits and _ . : - as in car-1") from None


def _check_camera(camera: str) -> None:
    from car.camera.camera import camera_source
    from car.camera.source import CameraError

    try:
        camera_source(camera)
    except CameraError as error:
        raise UsageError(str(error)) from error


def _check_server(server: str) -> None:
    from car.connection.link import link_url

    try:
        link_url(server)
    except ValueError as error:
        raise UsageError(str(error)) from error


@app.command()
def check(
    camera: CameraUrl,
    board: BoardUrl,
    server: Annotated[str | None, typer.Option(help="Also ask the server, http://host:port.")] = None,
    wheels: Annotated[
        bool, typer.Option("--wheels", help="Also turn each wheel forwards and back: put the car on blocks first.")
    ] = False,
    config: ConfigFile = None,
    detector: DetectorFile = None,
    labels: LabelsFile = None,
    threads: Threads = None,
    delegate: DelegateLibrary = None,
    delegate_option: DelegateOptions = None,
) -> None:
    """Is this car fit to drive? Looks at camera, models and board; without --wheels, nothing moves."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from car.check.run import CheckPlan, check_car
    from car.config import Overrides

    overrides = Overrides(detector, labels, delegate, delegate_options(delegate_option), threads)
    ask = typer.confirm if sys.stdin.isatty() else None
    results = list(check_car(CheckPlan(camera, board, server, config, overrides, wheels, ask)))
    table = Table("part", "fit", "found", title="Is this car fit to drive?")
    if not all(result.fit for result in results):
        table.add_column("what to do")
    for result in results:
        cells = result.part, "yes" if result.fit else "[red]no[/red]", escape(result.found), escape(result.advice)
        table.add_row(*cells[: len(table.columns)])
    Console().print(table)
    if not all(result.fit for result in results):
        raise typer.Exit(1)
