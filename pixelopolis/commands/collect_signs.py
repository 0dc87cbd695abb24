"""`pixelopolis collect signs`: pictures with boxes for the detector, from the simulator or from labelled photos."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pixelopolis.commands.options import IN_SIMULATOR, refuse_conflicts
from pixelopolis.commands.sign_photos import import_photos
from pixelopolis.commands.worker_options import RayAddress, chosen_workers
from pixelopolis.errors import UsageError

if TYPE_CHECKING:
    from models.common.workers.base import Workers

COUNT, SEED = 5000, 1

# What goes with each source of pictures; without one of these options they come from the simulator.
OPTIONS = {
    IN_SIMULATOR: ("--count", "--seed", "--workers", "--ray"),
    "--from-voc": ("--classes",),
}


def collect_signs(
    out: Annotated[Path, typer.Option(help="Pascal VOC folder of the data set; an unfinished one is gone on with.")],
    count: Annotated[int | None, typer.Option(min=1, help=f"Pictures in all; {COUNT} when not given.")] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help=f"From 1000000 on: for evaluation only. {SEED} when not given.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Render processes; two when not given.")] = None,
    ray: RayAddress = None,
    from_voc: Annotated[
        Path | None, typer.Option(help="Import photos labelled as Pascal VOC, by labelImg for example: their folder.")
    ] = None,
    classes: Annotated[
        Path | None, typer.Option(help="Of --from-voc: a YAML file that says which label each of its classes becomes.")
    ] = None,
) -> None:
    """Collect pictures with the boxes of signs and cars: rendered, or photos that somebody has labelled."""
    given = {
        "--count": count,
        "--seed": seed,
        "--workers": workers,
        "--ray": ray,
        "--from-voc": from_voc,
        "--classes": classes,
    }
    refuse_conflicts({option for option, value in given.items() if value is not None}, OPTIONS)
    if from_voc is not None:
        import_photos(out, from_voc, classes)
    else:
        with chosen_workers(workers, ray) as chosen:
            _render(out, count or COUNT, SEED if seed is None else seed, chosen)


def _render(out: Path, count: int, seed: int, workers: Workers | None) -> None:
    from models.detector.pictures.boxes import DataSetError
    from models.detector.pictures.collect import collect

    try:
        made = collect(out, count, seed, workers)
    except DataSetError as error:
        raise UsageError(str(error)) from error
    typer.echo(f"{out}: {count} pictures, {made} of them new", err=True)
