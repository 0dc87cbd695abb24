"""The shell around the fleet's pure state: takes calls one at a time, stores what changed, only then tells anyone."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Callable, Iterable

from city.city import City
from fleet.clock import Clock
from fleet.messages import Hello, Report, Welcome
from fleet.views import CarView, FleetView
from server.dispatch import views
from server.dispatch.car_lines import CarLines
from server.dispatch.drive_desk import DriveDesk
from server.dispatch.ledger import Ledger
from server.dispatch.outbox import Outbox
from server.dispatch.ride_follower import RideFollower
from server.dispatch.transactions import Transactions
from server.dispatch.visitor_desk import VisitorDesk
from server.fleet_control import operations
from server.fleet_control.car_state import CarState
from server.fleet_control.fleet_state import FleetState
from server.fleet_control.guidance import Guidance
from server.observability.fleet_collector import FleetCollector
from server.observability.metrics import Metrics
from server.rides.under_way import UnknownError
from server.store.base import Event, Store, StoreError

STEP_PERIOD_S = 0.1
TROUBLE_PERIOD_S = 0.5  # between tries to reach a store that does not work

Act = Callable[[FleetState], None]  # one of `server.fleet_control.operations`

_log = logging.getLogger(__name__)


class Dispatcher:
    """Owns the fleet's state, steps it, and keeps the lines to its cars.

    Attributes:
        fleet: the state.
        changed: wakes whoever watches.
        metrics: what is counted.
        driving: the desk of operators at the wheel.
        visitors: the desk of stations and rides.
    """

    def __init__(
        self,
        city: City,
        store: Store,
        clock: Clock,
        *,
        seed: int = 0,
        utc_s: Callable[[], float] = time.time,
        follower: RideFollower | None = None,
    ) -> None:
        """Use `load` before anything else.

        Args:
            city: where the fleet drives.
            store: what it remembers.
            clock: for time-outs and ages.
            seed: of the choices of roaming cars.
            utc_s: seconds since 1970, for the history.
            follower: is told of what was stored, and gives rides their ids; None: nobody.
        """
        self.fleet = FleetState(city, seed=seed, order_series=uuid.uuid4().hex[:8])
        self.metrics = Metrics()
        self._ledger = Ledger(store, utc_s, self.happened)
        self.metrics.registry.register(FleetCollector(self.fleet, clock.now_s, lambda: self._ledger.trouble is None))
        self._transactions = Transactions(self.fleet, self._ledger)
        self.changed = self._transactions.changed
        self._store = store
        self._clock = clock
        self._follower = follower
        self._lines = CarLines()
        self.driving = DriveDesk(self.fleet, self._lines, clock)
        self.visitors = VisitorDesk(self._transactions, clock, follower)
        self._stepper: asyncio.Task[None] | None = None

    def happened(self, events: Iterable[Event]) -> None:
        """Count and log events that were stored."""
        self.metrics.happened(events)
        if self._follower is not None:
            self._follower.happened(events)
        for event in events:
            of_what = {
                "ride_id": event.ride_id,
                "car_id": event.car_id,
                "station_id": event.station_id,
                "operator": event.operator,
                "detail": event.detail,
            }
            named = {key: value for key, value in of_what.items() if value is not None}
            _log.info("%s %s", event.kind, " ".join(f"{key}={value}" for key, value in named.items()), extra=named)

    async def load(self) -> None:
        """Go on from what is stored.

        Raises:
            StoreError: if the store cannot be read.
        """
        self.fleet.restore(await self._ledger.load(), self._clock.now_s())

    def start(self) -> None:
        """Begin to step."""
        self._stepper = asyncio.create_task(self._step_for_ever())

    async def stop(self) -> None:
        """Stop stepping, end all links and streams, close the store."""
        self.close_streams()
        if self._stepper is not None:
            self._stepper.cancel()
            await asyncio.gather(self._stepper, return_exceptions=True)
        async with self._transactions.lock:
            await self._store.close()

    def close_streams(self) -> None:
        """End all event streams and links, so that a server that shuts down need not wait for viewers."""
        self.changed.close()
        self._lines.close()

    async def _step_for_ever(self) -> None:
        trouble: str | None = None
        while True:
            begun_s = self._clock.now_s()
            try:
                await self.step()
                self.metrics.stepped(self._clock.now_s() - begun_s)
                if trouble is not None:
                    _log.warning("the store works again")
                trouble = None
            except StoreError as error:
                self.metrics.step_failed()
                if str(error) != trouble:
                    trouble = str(error)
                    _log.error("nothing is granted until the store works again: %s", error)
            except Exception:
                self.metrics.step_failed()
                # Cars that hear nothing stop by themselves, so a step that fails is safe; the next one may work.
                _log.exception("a step of the fleet failed")
            await self._clock.sleep(STEP_PERIOD_S if trouble is None else TROUBLE_PERIOD_S)

    async def step(self) -> None:
        """Decide, store, tell; after trouble with the store, first find out what is stored.

        Raises:
            StoreError: if the decisions cannot be stored; then nobody is told.
        """
        self.driving.watch()
        async with self._transactions.lock:
            if self._ledger.trouble is not None:
                self.fleet.recover(await self._ledger.load(), self._clock.now_s())
            self.fleet.step(self._clock.now_s())
            # What is told is what is stored: reports that come in meanwhile count in the next step.
            guidance = {car_id: self.fleet.guidance(self.fleet.cars[car_id]) for car_id in self._lines.car_ids}
            await self._transactions.commit()
            self._tell_cars(guidance)
        self.changed.notify()

    def check_store(self) -> None:
        """See that visitors can be served.

        Raises:
            StoreError: if nothing can be stored now.
        """
        self._ledger.check()

    def _tell_cars(self, decided: dict[str, Guidance]) -> None:
        # Brakes that were put on since it was decided count at once.
        told = {car_id: self.fleet.braked(car_id, guidance) for car_id, guidance in decided.items()}
        self._lines.tell(told, self._clock.now_s())

    # Operators

    def fleet_view(self) -> FleetView:
        """What operators have ordered, and what follows from it."""
        return views.fleet_view(self.fleet, self._clock.now_s())

    async def brake(self, act: Act) -> None:
        """Take an act that makes cars stand. They are told at once; it also holds where it could not be stored.

        Raises:
            UnknownError: if it names what the server does not know.
            StoreError: if a restart of the server could forget it.
        """
        act(self.fleet)
        self.driving.watch()
        self._tell_cars({car_id: self._lines.told(car_id) for car_id in self._lines.car_ids})
        async with self._transactions.change():
            pass

    async def operate(self, act: Act) -> None:
        """Take any other act of an operator; what is not stored has not happened.

        Raises:
            UnknownError: if it names what the server does not know.
            ActRefusedError: if the fleet cannot take it now.
            StoreError: if it cannot be stored.
        """
        async with self._transactions.change() as fleet:
            act(fleet)

    async def lift_car(self, car_id: str) -> None:
        """A silent car was taken off the road; repeat it if it cannot be stored.

        Raises:
            UnknownError, ActRefusedError, StoreError: as `operate`.
        """
        async with self._transactions.change() as fleet:
            operations.lift_car(fleet, car_id, self._clock.now_s())

    # Cars

    async def connect_car(self, hello: Hello, outbox: Outbox) -> None:
        """A car's link is up; from now on it is told through `outbox`.

        Raises:
            NotWelcomeError: if the car cannot join.
            StoreError: if that cannot be stored.
        """
        async with self._transactions.change() as fleet:
            car = fleet.join(hello, self._clock.now_s())
        self._lines.open(hello.car_id, outbox)
        outbox.put(Welcome(city=self.fleet.city.name, last_position=car.position))

    def disconnect_car(self, car_id: str, outbox: Outbox) -> None:
        """A car's link is down; the car itself counts as there until it has been silent for too long."""
        self._lines.end(car_id, outbox)

    def report(self, car_id: str, outbox: Outbox, report: Report) -> None:
        """Take a report; one from a link that has been replaced is dropped.

        Raises:
            UnknownError: if it names edges that are not in the city.
        """
        if self._lines.is_of(car_id, outbox):
            self.fleet.report(car_id, report, self._clock.now_s())

    def car(self, car_id: str) -> CarState:
        """One car.

        Raises:
            UnknownError: if there is none with this id.
        """
        if car_id not in self.fleet.cars:
            raise UnknownError(f"there is no car {car_id}")
        return self.fleet.cars[car_id]

    def car_view(self, car_id: str) -> CarView:
        """One car as it is shown.

        Raises:
            UnknownError: if there is none with this id.
        """
        return views.car_view(self.fleet, self.car(car_id), self._clock.now_s())

    def car_views(self) -> list[CarView]:
        """All cars as they are shown."""
        now_s = self._clock.now_s()
        return [views.car_view(self.fleet, car, now_s) for _, car in sorted(self.fleet.cars.items())]
