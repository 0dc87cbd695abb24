"""`pixelopolis evaluate lane`: the model drives, in closed loop, where no training has been."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pixelopolis.errors import UsageError
from pixelopolis.output import write_json


def evaluate_lane(
    episodes: Annotated[int, typer.Option(min=1, help="Drives of 60 s each.")] = 20,
    seed: Annotated[int, typer.Option(min=0)] = 1,
    variant: Annotated[
        str, typer.Option(help="conditioned, blog, a .tflite file, expert, or straight (never steers).")
    ] = "conditioned",
    condition: Annotated[
        list[str] | None,
        typer.Option(help="normal (when not given), hard_look, behind_a_car, … or all; may be repeated."),
    ] = None,
    city: Annotated[str | None, typer.Option(help="Drive in this city only.")] = None,
    pictures: Annotated[Path | None, typer.Option(help="Draw the driven lines over the maps into this folder.")] = None,
    card: Annotated[Path | None, typer.Option(help="Put the figures into this model card.")] = None,
    workers: Annotated[int | None, typer.Option(min=1)] = None,
    json_file: Annotated[str | None, typer.Option("--json", help="Write JSON there; - is standard output.")] = None,
) -> None:
    """Drive a lane model through held-out cities and looks; exit status 0 only without departures and wrong turns."""
    from models.lane.card import add_figures
    from models.lane.driven_map import draw_drives
    from models.lane.evaluate import CONDITIONS, NORMAL, drive_all, driver_named, report
    from models.lane.evaluate import episodes as planned

    names = condition or [NORMAL.name]
    names = list(CONDITIONS) if names == ["all"] else names
    if unknown := [name for name in names if name not in CONDITIONS]:
        raise UsageError(f"there is no condition {unknown[0]!r}; known are {', '.join(CONDITIONS)}, all")
    try:
        driver = driver_named(variant)
    except ValueError as error:
        raise UsageError(str(error)) from error
    results = drive_all(planned(episodes, seed, [CONDITIONS[name] for name in names], city), driver, workers)
    figures = report(results)
    if card is not None:
        add_figures(card, figures, seed)
    if pictures is not None:
        draw_drives(results, pictures)
    if json_file is not None:
        write_json(figures, json_file)
    if json_file != "-":
        typer.echo(
            f"{figures['episodes']} drives: {figures['departures']} departures, {figures['wrong_turns']} wrong turns, "
            f"median survival {figures['survival_s_median']} s, lateral deviation mean "
            f"{1000 * figures['lateral_mean_m']:.1f} mm, p95 {1000 * figures['lateral_p95_m']:.1f} mm"
        )
    if figures["departures"] or figures["wrong_turns"]:
        raise typer.Exit(1)
