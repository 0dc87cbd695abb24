"""How a process logs: lines for people, or JSON for machines."""

from __future__ import annotations

import logging
import sys
from enum import StrEnum
from typing import Annotated

import typer


class LogForm(StrEnum):
    """Lines that people read, or one JSON object a line."""

    TEXT = "text"
    JSON = "json"


LogFormOption = Annotated[
    LogForm, typer.Option("--log", envvar="PIXELOPOLIS_LOG", help="Log lines as text, or as JSON for machines.")
]


def set_up_logging(form: LogForm, **constants: str) -> None:
    """Log to standard error from INFO on; `constants` are in every line of JSON, such as the car's id."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_json(constants) if form is LogForm.JSON else _text())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("httpx").setLevel(logging.WARNING)


def _text() -> logging.Formatter:
    return logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")


def _json(constants: dict[str, str]) -> logging.Formatter:
    from pythonjsonlogger.json import JsonFormatter

    return JsonFormatter(
        "{levelname}{name}{message}",
        style="{",
        timestamp="time",
        rename_fields={"levelname": "level", "name": "logger"},
        static_fields=constants,
    )
