"""`pixelopolis collect lane`: frames with steering, from the simulator, from recordings, or from a running car."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pixelopolis.commands.lane_recordings import import_tub, import_udacity, record_car
from pixelopolis.commands.options import IN_SIMULATOR, refuse_conflicts
from pixelopolis.commands.worker_options import RayAddress, chosen_workers
from pixelopolis.errors import UsageError

if TYPE_CHECKING:
    from models.common.workers.base import Workers

COUNT, SEED = 40_000, 1

# What goes with each source of frames; without one of these options they come from the simulator.
OPTIONS = {
    IN_SIMULATOR: ("--count", "--seed", "--driver", "--panoramas", "--workers", "--ray"),
    "--from-tub": (),
    "--from-udacity": ("--side-correction",),
    "--from-car": ("--count", "--seconds"),
}


def collect_lane(
    out: Annotated[Path, typer.Option(help="Folder of the data set; an unfinished one is gone on with.")],
    count: Annotated[
        int | None, typer.Option(min=1, help=f"How many frames; {COUNT} in the simulator, no limit with --from-car.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help=f"Below 1000000; later seeds are for evaluation. {SEED} when not given.")
    ] = None,
    driver: Annotated[
        str | None,
        typer.Option(help="Frames along drives: a lane .tflite or `expert` drives while the expert labels (DAgger)."),
    ] = None,
    panoramas: Annotated[
        Path | None, typer.Option(help="Folder of .hdr, .exr or .jpg surroundings, for half of the looks.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Render processes; two when not given.")] = None,
    ray: RayAddress = None,
    from_tub: Annotated[Path | None, typer.Option(help="Import a Donkeycar tub (v2): its folder.")] = None,
    from_udacity: Annotated[
        Path | None, typer.Option(help="Import a log of the Udacity simulator: driving_log.csv or its folder.")
    ] = None,
    side_correction: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Of --from-udacity: steering to add on the side cameras. 0.2 when not given."),
    ] = None,
    from_car: Annotated[
        str | None, typer.Option(help="Record a running car: where its picture is, as its log tells.")
    ] = None,
    seconds: Annotated[float | None, typer.Option(min=0.1, help="Of --from-car: end after so long.")] = None,
) -> None:
    """Collect camera frames with steering: rendered, imported from a recording, or recorded from a car."""
    from models.lane.dataset import DatasetError

    given = {
        "--count": count,
        "--seed": seed,
        "--driver": driver,
        "--panoramas": panoramas,
        "--workers": workers,
        "--ray": ray,
        "--from-tub": from_tub,
        "--from-udacity": from_udacity,
        "--side-correction": side_correction,
        "--from-car": from_car,
        "--seconds": seconds,
    }
    refuse_conflicts({option for option, value in given.items() if value is not None}, OPTIONS)
    try:
        if from_tub is not None:
            summary = import_tub(out, from_tub)
        elif from_udacity is not None:
            summary = import_udacity(out, from_udacity, side_correction)
        elif from_car is not None:
            summary = record_car(out, from_car, count, seconds)
        else:
            with chosen_workers(workers, ray) as chosen:
                summary = _simulated(out, count or COUNT, SEED if seed is None else seed, driver, panoramas, chosen)
    except (DatasetError, ValueError) as error:
        raise UsageError(str(error)) from error
    typer.echo(f"{out}: {summary['frames']} frames; by command {summary['commands']}")
    typer.echo(f"steering from -1 to 1: {summary['steering_histogram']}")


def _simulated(
    out: Path, count: int, seed: int, driver: str | None, panoramas: Path | None, workers: Workers | None
) -> dict[str, Any]:
    """Render frames in the simulator."""
    from models.lane.collecting.collect import EXPERT, collect, panoramas_in

    wheel = driver if driver in (None, EXPERT) else Path(driver)
    if isinstance(wheel, Path) and not wheel.is_file():
        raise UsageError(f"--driver {driver}: there is no such file; give a lane .tflite or {EXPERT}")
    skies = () if panoramas is None else panoramas_in(panoramas)
    return collect(out, count, seed, driver=wheel, panoramas=skies, workers=workers)
