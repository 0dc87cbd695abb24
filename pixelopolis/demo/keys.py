"""How demo and benches get their keys: they start the server with an operator's code, and let their devices in."""

from __future__ import annotations

import secrets

import httpx

from car.connection.enrolment import KEY_VARIABLE
from fleet.access import Role
from pixelopolis.commands.server import OPERATOR_CODE_VARIABLE
from server.security.codes import CodeText

OPERATOR = "demo"


def bearer(key: str) -> dict[str, str]:
    """The header with which a key is sent."""
    return {"Authorization": f"Bearer {key}"}


class DemoKeys:
    """An operator of a server of one's own, which is on loopback."""

    def __init__(self) -> None:
        self._code = str(CodeText.new())
        self._password = secrets.token_urlsafe()
        self.operator: dict[str, str] = {}  # headers, once it is enrolled

    @property
    def of_server(self) -> dict[str, str]:
        """What the server's process is to know."""
        return {OPERATOR_CODE_VARIABLE: self._code}

    def operators_page(self, server_url: str) -> str:
        """The address of the operators' page with what logs in there; what is behind # is sent to no server."""
        return f"{server_url}/operators#name={OPERATOR}&password={self._password}"

    async def enrol_operator(self, http: httpx.AsyncClient) -> None:
        """Log in; on a store of an earlier demo, in place of its operator."""
        body = {"name": OPERATOR, "code": self._code, "password": self._password}
        answer = await http.post("/api/operators", json=body)
        self.operator = bearer(answer.raise_for_status().json()["key"])

    async def of_car(self, http: httpx.AsyncClient, car_id: str) -> dict[str, str]:
        """What a car's process is to know."""
        return {KEY_VARIABLE: await self.car_key(http, car_id)}

    async def car_key(self, http: httpx.AsyncClient, car_id: str) -> str:
        """A car's own key."""
        device = {"role": Role.CAR, "name": car_id}
        issued = await http.post("/api/operator/codes", json=device, headers=self.operator)
        code = issued.raise_for_status().json()["code"]
        enrolled = await http.post("/api/enrolments", json={**device, "code": code})
        return str(enrolled.raise_for_status().json()["key"])


async def station_headers(http: httpx.AsyncClient, name: str) -> dict[str, str]:
    """The headers of a station, which needs no code here: the demo's server is open on loopback."""
    answer = await http.post("/api/enrolments", json={"role": Role.STATION, "name": name})
    return bearer(answer.raise_for_status().json()["key"])
