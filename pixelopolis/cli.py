"""`pixelopolis …`: the whole command line. Every verb is a thin file in `pixelopolis.commands`."""

from __future__ import annotations

import os
import sys

import typer

from pixelopolis.commands import bench, board, car, city, demo, operator, server, sim, store
from pixelopolis.commands.collect_lane import collect_lane
from pixelopolis.commands.collect_signs import collect_signs
from pixelopolis.commands.evaluate_detector import evaluate_detector
from pixelopolis.commands.evaluate_fleet import evaluate_fleet
from pixelopolis.commands.evaluate_lane import evaluate_lane
from pixelopolis.commands.export_lane import export_lane
from pixelopolis.commands.export_signs import export_signs
from pixelopolis.commands.train_detector import train_detector
from pixelopolis.commands.train_lane import train_lane
from pixelopolis.errors import UsageError
from pixelopolis.secret_files import read_secret_files

app = typer.Typer(
    name="pixelopolis",
    help="A self-driving miniature city.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("demo")(demo.demo)
app.command("server")(server.server)
app.add_typer(operator.app, name="operator", help="Log in to a server, let devices in and out, stop and send cars.")
app.add_typer(car.app, name="car", help="One car.")
app.add_typer(sim.app, name="sim", help="The simulated city and fleet.")
app.add_typer(store.app, name="store", help="Back up what a server keeps, and restore it.")
app.add_typer(board.app, name="board", help="The controller board.")
app.add_typer(city.app, name="city", help="Maps.")
app.command("bench")(bench.bench)

collect = typer.Typer(no_args_is_help=True, help="Make training data: in the simulator, from recordings, from a car.")
collect.command("lane")(collect_lane)
collect.command("signs")(collect_signs)
train = typer.Typer(no_args_is_help=True, help="Train a network.")
train.command("lane")(train_lane)
train.command("detector")(train_detector)
evaluate = typer.Typer(no_args_is_help=True, help="Measure a network on data it has never seen, or a whole fleet.")
evaluate.command("fleet")(evaluate_fleet)
evaluate.command("lane")(evaluate_lane)
evaluate.command("detector")(evaluate_detector)
export = typer.Typer(no_args_is_help=True, help="Write a data set for other programs.")
export.command("lane")(export_lane)
export.command("signs")(export_signs)
app.add_typer(collect, name="collect")
app.add_typer(train, name="train")
app.add_typer(evaluate, name="evaluate")
app.add_typer(export, name="export")


def main() -> None:
    """Run a command; a mistake of the user's becomes one line and exit status 2, a failure one line and 1."""
    try:
        read_secret_files(os.environ)
        app()
    except UsageError as error:
        print(f"pixelopolis: {error}", file=sys.stderr)  # noqa: T201  # the command line's own voice
        sys.exit(2)
    except (ValueError, OSError, RuntimeError) as error:
        print(f"pixelopolis: {error}", file=sys.stderr)  # noqa: T201  # the command line's own voice
        sys.exit(1)
