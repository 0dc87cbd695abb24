"""Whether a process tells of its rides to a collector of OpenTelemetry traces, and the option that says so."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated

import typer

from pixelopolis.errors import UsageError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

# https://opentelemetry.io/docs/languages/sdk-configuration/otlp-exporter/
ENDPOINT_VARIABLES = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_EXPORTER = "opentelemetry.exporter.otlp.proto.http"

TraceToOption = Annotated[
    str | None,
    typer.Option(
        "--trace-to",
        metavar="URL",
        help="Collector of OpenTelemetry traces (OTLP over HTTP), as http://127.0.0.1:4318; without it, that of "
        "OTEL_EXPORTER_OTLP_ENDPOINT, if set. Needs the extra `tracing`.",
    ),
]


def tracer_provider(service: str, collector_url: str | None) -> TracerProvider | None:
    """Spans of this process on their way to a collector; None, and nothing imported, if nobody asks for them.

    Raises:
        UsageError: if they are asked for on the command line and cannot be made.
    """
    if collector_url is None and not any(os.environ.get(name) for name in ENDPOINT_VARIABLES):
        return None
    if not _is_installed():
        if collector_url is None:
            return None  # the variable may be there for other programs
        raise UsageError("--trace-to needs OpenTelemetry: pip install 'pixelopolis[tracing]'")
    if collector_url is not None and not collector_url.startswith(("http://", "https://")):
        raise UsageError(f"--trace-to {collector_url}: the address must look like http://host:4318")
    from fleet.tracing import open_provider

    return open_provider(service, collector_url)


def _is_installed() -> bool:
    try:
        return find_spec(_EXPORTER) is not None
    except ModuleNotFoundError:  # not even what it is part of
        return False
