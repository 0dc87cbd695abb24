"""The line between one car and the server: the real messages as text, in order, each after its time on the way.

It takes the place of two shells of sockets, `car.connection.link` and `server.api.link`, and keeps their rules: who
speaks first, when a report is due, how long a car waits before it tries again.
"""

from __future__ import annotations

import random
from collections import deque

from car.connection.link import FIRST_RETRY_S, LAST_RETRY_S
from car.piloting.orders import ServerWords
from fleet.clock import Clock
from fleet.messages import FROM_CAR, FROM_SERVER, REPORT_PERIOD_S, DriveMode, Hello, Refusal, Report
from pixelopolis.evaluation.fleet.server_host import ServerHost
from server.dispatch.dispatcher import Dispatcher
from server.dispatch.outbox import Outbox
from server.fleet_control.fleet_state import NotWelcomeError
from server.rides.under_way import UnknownError
from server.store.base import StoreError

ON_THE_WAY_S = 0.02
EPSILON_S = 1e-6


class _Pipe:
    """Texts on their way in one direction; like TCP it keeps their order."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._texts: deque[tuple[float, str]] = deque()

    def send(self, text: str, takes_s: float) -> None:
        due_s = self._clock.now_s() + takes_s
        self._texts.append((max(due_s, self._texts[-1][0] if self._texts else due_s), text))

    def take(self) -> list[str]:
        """What has arrived."""
        arrived = []
        while self._texts and self._texts[0][0] <= self._clock.now_s() + EPSILON_S:
            arrived.append(self._texts.popleft()[1])
        return arrived


class _Connection:
    """One connection, from its first message until either side is gone."""

    def __init__(self, clock: Clock, dispatcher: Dispatcher) -> None:
        self.dispatcher = dispatcher
        self.outbox = Outbox()
        self.to_server, self.to_car = _Pipe(clock), _Pipe(clock)
        self.car_id: str | None = None  # once the server has welcomed it
        self.ended = False


class Line:
    """Owned by a car's process; what a newly started process knows is nothing."""

    def __init__(self, hello: Hello, server: ServerHost, clock: Clock, rng: random.Random) -> None:
        self._hello = hello
        self._server = server
        self._clock = clock
        self._rng = rng
        self._connection: _Connection | None = None
        self._retry_s, self._retry_at_s = FIRST_RETRY_S, clock.now_s()
        self._report: Report | None = None
        self._sent: Report | None = None
        self._sent_s = float("-inf")
        self._sent_mode: DriveMode | None = None
        self._words = ServerWords()
        self.is_cut = False
        self.late_s = 0.0  # at most so much later than usual

    def words(self) -> ServerWords:
        """The newest of everything that the server said."""
        return self._words

    def publish(self, report: Report) -> None:
        """Offer a newer report."""
        self._report = report

    def hang_up(self) -> None:
        """End the connection as both sides notice."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        if connection.car_id is not None:
            connection.dispatcher.disconnect_car(connection.car_id, connection.outbox)
        self._words = self._words.disconnected()
        self._retry_at_s = self._clock.now_s() + self._retry_s
        self._retry_s = min(LAST_RETRY_S, 2 * self._retry_s)

    async def step(self) -> None:
        """Carry what is on the way, and connect if that is possible."""
        connection = self._connection
        if connection is not None and (
            self.is_cut or connection.ended or connection.dispatcher is not self._server.dispatcher
        ):
            self.hang_up()
            return
        if connection is None:
            self._connect()
            return
        self._send_report(connection)
        for text in connection.to_server.take():
            await self._serve(connection, text)
        if not connection.outbox.is_empty:
            for message in await connection.outbox.take():
                connection.to_car.send(message.model_dump_json(), self._takes_s())
        connection.ended = connection.ended or connection.outbox.is_closed
        for text in connection.to_car.take():
            self._hear(text)

    def _connect(self) -> None:
        dispatcher, now_s = self._server.dispatcher, self._clock.now_s()
        if now_s < self._retry_at_s - EPSILON_S:
            return
        if self.is_cut or dispatcher is None:
            self._retry_at_s = now_s + self._retry_s
            self._retry_s = min(LAST_RETRY_S, 2 * self._retry_s)
            return
        self._connection = _Connection(self._clock, dispatcher)
        self._connection.to_server.send(self._hello.model_dump_json(), self._takes_s())

    def _send_report(self, connection: _Connection) -> None:
        """As `car.connection.link`: a change of mode at once, the rest by the clock, nothing twice."""
        report, now_s = self._report, self._clock.now_s()
        if report is None or report is self._sent:
            return
        if report.mode is self._sent_mode and now_s < self._sent_s + REPORT_PERIOD_S - EPSILON_S:
            return
        self._sent, self._sent_s, self._sent_mode = report, now_s, report.mode
        connection.to_server.send(report.model_dump_json(), self._takes_s())

    async def _serve(self, connection: _Connection, text: str) -> None:
        """The server's side, as `server.api.link`."""
        message = FROM_CAR.validate_json(text)
        try:
            if isinstance(message, Hello):
                await connection.dispatcher.connect_car(message, connection.outbox)
                connection.car_id = message.car_id
            elif connection.car_id is not None:
                connection.dispatcher.report(connection.car_id, connection.outbox, message)
        except (NotWelcomeError, UnknownError, StoreError) as error:
            connection.to_car.send(Refusal(reason=str(error)[:300]).model_dump_json(), self._takes_s())
            connection.ended = True

    def _hear(self, text: str) -> None:
        self._words = self._words.hear(FROM_SERVER.validate_json(text), self._clock.now_s())
        if self._words.connected:
            self._retry_s = FIRST_RETRY_S

    def _takes_s(self) -> float:
        return ON_THE_WAY_S + (self._rng.uniform(0.0, self.late_s) if self.late_s else 0.0)
