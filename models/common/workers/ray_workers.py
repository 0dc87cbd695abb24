"""Work done on a Ray cluster: one that is there, or one on this machine for as long as the work lasts."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, cast

import ray
import ray.exceptions

from models.common.untyped import ObjectRef
from models.common.workers.base import Item, Result

LOCAL = "local"
OBJECT_STORE_BYTES = 256 * 1024 * 1024  # where results wait in a cluster of our own, instead of 30 % of the memory
MOST_RETRIES = 8  # of a piece whose worker died
ANSWER_S = 5.0  # until somebody is there at an address
PER_CORE = 2  # pieces given out at a time: one is worked at, one waits, so that results do not pile up

# Ray reads both as it starts processes. The first would tell its makers about each run.
_SETTINGS = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}


class ClusterError(RuntimeError):
    """A Ray cluster that is out of reach, or cannot do a piece of work; says what to do."""


@contextmanager
def ray_workers(address: str, at_once: int | None = None) -> Iterator[RayWorkers]:
    """Join a cluster for as long as the context lasts.

    Args:
        address: HOST:PORT of a cluster, "auto" for the one that this machine belongs to, or `LOCAL`.
        at_once: pieces worked at at a time; as many as there are cores when not given.

    Raises:
        ClusterError: if nobody answers there.
    """
    os.environ.update({name: value for name, value in _SETTINGS.items() if name not in os.environ})
    is_own = address == LOCAL
    own: dict[str, Any] = {"num_cpus": at_once, "object_store_memory": OBJECT_STORE_BYTES, "include_dashboard": False}
    try:
        _check_reach(address)
        ray.init(address, log_to_driver=False, logging_level=logging.ERROR, **(own if is_own else {}))
    except (OSError, RuntimeError, ValueError) as error:
        raise ClusterError(
            f"no Ray cluster to work with at {address!r}: {_first_line(error)}; start one with `ray start --head`, "
            f"or give --ray {LOCAL}"
        ) from error
    try:
        yield RayWorkers(None if is_own else at_once)  # a cluster of our own has no more cores
    finally:
        ray.shutdown()


def _check_reach(address: str) -> None:
    """Ray itself tries for two minutes."""
    host, colon, port = address.rpartition(":")
    if colon:
        socket.create_connection((host, int(port)), timeout=ANSWER_S).close()


class RayWorkers:
    """The workers of the cluster that this process has joined; a piece whose worker dies is done by another."""

    def __init__(self, at_once: int | None = None) -> None:
        """Workers who are given `at_once` pieces at a time, or as many as keep all cores at work."""
        self._at_once = at_once

    def each(self, work: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result]:
        """Do a piece of work for each item; results come as they are done.

        Raises:
            ClusterError: if the workers at a piece die again and again.
        """
        piece = ray.remote(num_cpus=1, max_retries=MOST_RETRIES)(_piece)
        waiting = iter(items)
        given_out: list[ObjectRef] = []
        while True:
            given_out += [piece.remote(work, item) for item in islice(waiting, self._room(len(given_out)))]
            if not given_out:
                return
            [done], given_out = ray.wait(given_out)
            yield cast("Result", _result(done))

    def _room(self, given_out: int) -> int:
        """How many more to give out; asked each time, as a cluster may grow, also from nothing."""
        most = self._at_once or PER_CORE * max(int(ray.cluster_resources().get("CPU", 0)), 1)
        return max(most - given_out, 0)


def _piece(work: Callable[[Item], Result], item: Item) -> Result:
    return work(item)


def _result(done: ObjectRef) -> object:
    """What came out, or the error that the work itself raised."""
    try:
        return ray.get(done)
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, Exception):
            raise error.cause from error
        raise
    except ray.exceptions.RayError as error:
        raise ClusterError(f"Ray cannot get a piece of work done: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
