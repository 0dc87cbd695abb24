"""Who does the work of a command: `--workers` and `--ray`."""

from __future__ import annotations

import os
import re
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from pixelopolis.errors import UsageError

if TYPE_CHECKING:
    from models.common.workers.base import Workers

RayAddress = Annotated[
    str | None,
    typer.Option(
        "--ray",
        metavar="ADDRESS",
        help="Work on a Ray cluster: HOST:PORT, auto for the one that this machine belongs to, or local for one of "
        "--workers processes on this machine.",
    ),
]


@contextmanager
def chosen_workers(count: int | None, ray: str | None) -> Iterator[Workers | None]:
    """Those whom the options name, for as long as the context lasts; None if they name nobody.

    Raises:
        UsageError: if Ray is not installed, or `ray` is no address.
        ClusterError: if no cluster answers there.
    """
    if ray is None:
        from models.common.workers.processes import Processes

        yield None if count is None else Processes(count)
        return
    if not re.fullmatch(r"local|auto|[^/\s]+:\d+", ray):
        raise UsageError(f"--ray {ray}: give HOST:PORT, auto or local")
    if ray == "local":
        _lock_own_cluster()
    try:
        from models.common.workers.ray_workers import ray_workers
    except ModuleNotFoundError as error:
        raise UsageError(f"--ray needs Ray ({error}); pip install 'pixelopolis[ray]'") from error
    with ray_workers(ray, count) as workers:
        yield workers


def _lock_own_cluster() -> None:
    """Ray listens on all networks and does whatever it is asked: let it be only for who knows this run's secret.

    It reads this once, as it is imported.
    """
    if "ray" not in sys.modules:
        os.environ.update(RAY_AUTH_MODE="token", RAY_AUTH_TOKEN=secrets.token_hex(32))
