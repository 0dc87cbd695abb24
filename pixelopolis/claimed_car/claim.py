"""The driver's end of the simulator's claim port (`sim.endpoints.claim_desk`)."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

ANSWER_TIMEOUT_S = 5.0


class ClaimLostError(RuntimeError):
    """The simulator does not answer, or has given the car away; says why."""


class ClaimRefusedError(RuntimeError):
    """There is no car for this driver now; says why."""


@dataclass(frozen=True, slots=True)
class ClaimedCar:
    """A simulated car, and where its camera and board are."""

    car_id: str
    camera_url: str
    board_url: str


class ClaimLine:
    """A connection to the claim port; the claim lasts as long as it does."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def open(self) -> None:
        """Connect.

        Raises:
            ClaimLostError: if nobody listens.
        """
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
        except OSError as error:
            raise ClaimLostError(f"{self._name}: cannot connect ({error or 'no answer'})") from error

    async def claim(self, wanted: str | None) -> ClaimedCar:
        """Get a car, if possible the one that is wanted.

        Raises:
            ClaimRefusedError: if there is none now.
            ClaimLostError: if the simulator does not answer.
        """
        answer = await self._ask({"op": "claim", "car": wanted})
        if "wait" in answer:
            raise ClaimRefusedError(f"{self._name}: {answer['wait']}")
        try:
            car_id, camera_port, board_port = str(answer["car"]), int(answer["camera_port"]), int(answer["board_port"])
        except (KeyError, TypeError, ValueError) as error:
            raise ClaimLostError(f"{self._name}: answers with something else than a car: {answer}") from error
        return ClaimedCar(car_id, f"tcp://{self._host}:{camera_port}/{car_id}", f"socket://{self._host}:{board_port}")

    async def keep(self) -> None:
        """Say that the car is still driven.

        Raises:
            ClaimLostError: if the simulator does not answer, or knows nothing of the claim.
        """
        answer = await self._ask({"op": "keep"})
        if "error" in answer:
            raise ClaimLostError(f"{self._name}: {answer['error']}")

    async def cars(self) -> list[dict[str, Any]]:
        """All simulated cars: `id`, `on_road`, `has_driver`.

        Raises:
            ClaimLostError: if the simulator does not answer.
        """
        answer = await self._ask({"op": "cars"})
        if not isinstance(answer.get("cars"), list):
            raise ClaimLostError(f"{self._name}: answers with something else than cars: {answer}")
        return list(answer["cars"])

    async def close(self) -> None:
        """Give the car back, if there is one."""
        writer, self._reader, self._writer = self._writer, None, None
        if writer is not None:
            writer.close()

    @property
    def _name(self) -> str:
        return f"simulator {self._host}:{self._port}"

    async def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        if self._reader is None or self._writer is None:
            raise ClaimLostError(f"{self._name}: not connected")
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                self._writer.write(json.dumps(request).encode() + b"\n")
                await self._writer.drain()
                answer = json.loads(await self._reader.readline())
        except (OSError, ValueError) as error:
            raise ClaimLostError(f"{self._name}: connection lost ({error or 'no answer'})") from error
        if not isinstance(answer, dict):
            raise ClaimLostError(f"{self._name}: answers with something else than a claim port does")
        return answer
