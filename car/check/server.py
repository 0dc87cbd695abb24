"""Whether the server answers, with a city."""

from __future__ import annotations

import time

from car.check.result import Finding
from car.connection.city_source import ask_for_city

ADVICE = "start the server, see that this car is in its network, and that no firewall is between them"


def check_server(url: str) -> Finding:
    """The city and how long it took to come.

    Raises:
        OSError: if the server does not answer.
        ValueError: if it answers with something else than a city.
    """
    asked_s = time.perf_counter()
    city = ask_for_city(url)
    return Finding(f"city {city.name}, after {(time.perf_counter() - asked_s) * 1e3:.0f} ms")
