"""The city comes from the server, so that all cars drive by the same map."""

from __future__ import annotations

import logging
import threading
from http import HTTPStatus

from car.connection.server_call import call_server
from city.city import City
from city.files import parse_city

CITY_PATH = "/api/city.yaml"
FIRST_RETRY_S = 0.2
LAST_RETRY_S = 2.0

_log = logging.getLogger(__name__)


def fetch_city(server_url: str, stopping: threading.Event) -> City | None:
    """Ask the server for the city until it answers; None if `stopping` is set first.

    Raises:
        CityError: if what the server calls a city is none.
    """
    retry_s, told = FIRST_RETRY_S, ""
    while not stopping.is_set():
        try:
            return ask_for_city(server_url)
        except OSError as error:
            problem = f"{error}; trying on"
            if problem != told:
                _log.warning("%s", problem)
                told = problem
        stopping.wait(retry_s)
        retry_s = min(LAST_RETRY_S, 2 * retry_s)
    return None


def ask_for_city(server_url: str) -> City:
    """Ask the server for the city, once.

    Raises:
        OSError: if it does not answer, or not with a text.
        CityError: if what the server calls a city is none.
    """
    status, text = call_server(server_url, "GET", CITY_PATH)
    if status != HTTPStatus.OK:
        raise OSError(f"server {server_url}: no city (status {status})")
    return parse_city(text, source=server_url + CITY_PATH)
