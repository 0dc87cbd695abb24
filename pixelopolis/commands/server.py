"""`pixelopolis server`: booking, right of way, the page for visitors."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from pixelopolis.commands.options import CITY_HELP
from pixelopolis.errors import UsageError
from pixelopolis.logs import LogForm, LogFormOption, set_up_logging


def server(
    store: Annotated[
        str | None,
        typer.Option(
            envvar="PIXELOPOLIS_STORE",
            help="sqlite:PATH, sqlite::memory: or mongodb://HOST:PORT/DATABASE; without it, a file of this user's.",
        ),
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 picks a free one.")] = 5355,
    city: Annotated[str, typer.Option(help=CITY_HELP)] = "pixelopolis",
    public_url: Annotated[
        str | None,
        typer.Option(help="Where visitors' phones reach this server; without it, where the station's browser does."),
    ] = None,
    cluster_url: Annotated[
        str | None,
        typer.Option(
            help="For several servers on one MongoDB: http://HOST:PORT at which the others reach this one. "
            "One of them leads; all answer."
        ),
    ] = None,
    log: LogFormOption = LogForm.TEXT,
) -> None:
    """Serve one city: cars connect to it, visitors open its page."""
    import asyncio

    from server.serve import ServerOptions, serve
    from server.store.base import StoreError
    from server.store.open import default_store_url

    set_up_logging(log)
    try:
        asyncio.run(
            serve(
                ServerOptions(
                    city,
                    store or default_store_url(),
                    host,
                    port,
                    public_url=public_url,
                    cluster_url=_checked_url(cluster_url),
                )
            )
        )
    except StoreError as error:  # at the start only: a server that runs goes on without its store
        raise UsageError(str(error)) from error


def _checked_url(url: str | None) -> str | None:
    if url is not None and not re.fullmatch(r"https?://[^/\s]+", url):
        raise UsageError(f"--cluster-url {url!r}: give http://HOST:PORT, without a path")
    return url
