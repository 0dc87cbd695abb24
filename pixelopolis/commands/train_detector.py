"""`pixelopolis train detector`: from data sets to a TFLite file with its sidecar and card."""

from __future__ import annotations

import os
import shlex
import subprocess  # runs this very command
import sys
from pathlib import Path
from typing import Annotated

import typer

from pixelopolis.errors import UsageError


def train_detector(
    data: Annotated[list[Path], typer.Option(help="Pascal VOC folder; may be given several times.")],
    out: Annotated[Path, typer.Option(help="Folder for checkpoints, logs and the finished files.")] = Path(
        "detector-run"
    ),
    variant: Annotated[str, typer.Option(help="edge-w0.75, edge-w1.0 or edge-w1.5.")] = "edge-w1.0",
    epochs: Annotated[int, typer.Option(min=0, help="On whole frames.")] = 3,
    collage_epochs: Annotated[int, typer.Option(min=0, help="Before those, on collages of objects.")] = 3,
    collages: Annotated[int, typer.Option(min=16, help="Collages to make.")] = 20_000,
    batch_size: Annotated[int, typer.Option(min=1, help="Pictures a step.")] = 8,
    learning_rate: Annotated[float, typer.Option(min=1e-6)] = 6e-3,
    validation_share: Annotated[float, typer.Option(min=0.001, max=0.5, help="Of the pictures, held back.")] = 0.04,
    seed: Annotated[int, typer.Option(min=0)] = 1,
    start_from: Annotated[Path | None, typer.Option(help="A model.keras whose weights to begin with.")] = None,
) -> None:
    """Train the sign and car detector and export it; a run that was cut off goes on.

    With KERAS_BACKEND=jax a GPU can do it.
    """
    # TensorFlow leaves these off on processors without AVX-512; they are 40 % faster there too.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    import keras

    from models.detector.make import make_detector
    from models.detector.training.settings import TrainSettings
    from models.detector.training.train import train

    settings = TrainSettings(
        variant=variant,
        epochs=epochs,
        collage_epochs=collage_epochs,
        collages=collages,
        batch_size=batch_size,
        learning_rate=learning_rate,
        validation_share=validation_share,
        seed=seed,
    )
    try:
        if keras.backend.backend() != "tensorflow":
            train(data, out, settings, start_from)
            raise typer.Exit(_again_with_tensorflow())
        exported = make_detector(data, out, settings, shlex.join(["pixelopolis", *sys.argv[1:]]), start_from)
    except ValueError as error:
        raise UsageError(str(error)) from error
    typer.echo(f"{exported} is ready; 'pixelopolis evaluate detector --model {exported}' judges it", err=True)


def _again_with_tensorflow() -> int:
    """Give the same command to TensorFlow, which alone can export what another backend has trained."""
    command = [sys.executable, "-m", "pixelopolis", *sys.argv[1:]]
    return subprocess.run(command, check=False, env={**os.environ, "KERAS_BACKEND": "tensorflow"}).returncode  # noqa: S603  # our own arguments
