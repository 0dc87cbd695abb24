"""The detector's options, which several commands have."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from pixelopolis.errors import UsageError

DetectorFile = Annotated[
    Path | None,
    typer.Option("--detector", help="A .tflite detector; without it the configuration's, or the shipped one."),
]
LabelsFile = Annotated[
    Path | None, typer.Option("--labels", help="The detector's label file: one label a line, or 'number label'.")
]
Threads = Annotated[int | None, typer.Option("--threads", min=1, max=16, help="For each network; 1 if not given.")]
DelegateLibrary = Annotated[
    str | None, typer.Option("--delegate", help="What runs the detector: libedgetpu.so.1, or another TFLite delegate.")
]
DelegateOptions = Annotated[
    list[str] | None, typer.Option("--delegate-option", metavar="KEY=VALUE", help="For the delegate; may be repeated.")
]


def delegate_options(words: Sequence[str] | None) -> dict[str, str]:
    """What was given as KEY=VALUE.

    Raises:
        UsageError: if something else was.
    """
    options = {}
    for word in words or ():
        key, equals, value = word.partition("=")
        if not key or not equals:
            raise UsageError(f"--delegate-option {word}: give KEY=VALUE, as in device=usb")
        options[key] = value
    return options
