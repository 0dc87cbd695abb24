"""Who may do what on one server: everything of this folder put together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable

from fleet.access import KeyView, Role
from server.security import codes
from server.security.directory import Change, Directory
from server.security.enrolment import Enrolment
from server.security.keys import Key
from server.security.principal import Principal, UnknownKeyError, WrongSecretError
from server.security.rates import Limits, RateLimiter
from server.security.records import Credential
from server.security.slow_hash import SlowHash
from server.store.base import Event, HistoryEntry, Store, StoreError

SESSION_S = 12 * 3600.0
_ALL = "all"

_log = logging.getLogger(__name__)


class Access:
    """Keys and sessions, and limits on asking for them. `load` comes first."""

    def __init__(
        self,
        store: Store,
        now_s: Callable[[], float],
        utc_s: Callable[[], float],
        happened: Callable[[Iterable[Event]], None] = lambda _: None,
        *,
        limits: Limits | None = None,
        is_open_on_loopback: bool = False,
    ) -> None:
        """Begin with nothing known.

        Args:
            store: where keys, operators and codes are.
            now_s: a monotonic clock, for the limits.
            utc_s: seconds since 1970, for expiry and the audit log.
            happened: is told of every event that was stored.
            limits: how often something may be tried.
            is_open_on_loopback: stations on this machine need no code. For trying things out.
        """
        limits = limits or Limits()
        self.is_open_on_loopback = is_open_on_loopback
        self._store = store
        self._utc_s = utc_s
        self._directory = Directory(store, happened)
        self._slow_hash = SlowHash()
        self._records: set[asyncio.Task[None]] = set()  # on their way into the audit log
        self.enrolment = Enrolment(self._directory, self._slow_hash, utc_s)
        self.enrolments = RateLimiter(limits.enrolments_of_address, now_s)  # by address
        self.bookings = RateLimiter(limits.bookings_of_station, now_s)  # by station
        self._log_ins_of_address = RateLimiter(limits.log_ins_of_address, now_s)
        self._log_ins = RateLimiter(limits.log_ins, now_s)

    async def load(self) -> None:
        """Go on from what is stored, without what has expired.

        Raises:
            StoreError: if the store cannot be read or written.
        """
        async with self._directory.changing():
            await self._directory.load()
            now_s = self._utc_s()
            sessions = tuple(each.credential_id for each in self._directory.credentials() if _is_over(each, now_s))
            dead = tuple(each.code_id for each in self._directory.codes() if not codes.is_alive(each, now_s))
            if sessions or dead:
                await self._directory.commit(Change(removed_credentials=sessions, removed_codes=dead))

    def identify(self, key: str) -> Principal:
        """Whose key this is.

        Raises:
            UnknownKeyError: if nobody's.
        """
        parsed = Key.parse(key)
        credential = self._directory.credential(parsed.credential_id)
        if credential is None or not parsed.matches(credential.key_hash) or _is_over(credential, self._utc_s()):
            raise UnknownKeyError("this key is not valid, or no more: enrol again, or log in")
        return Principal(credential.role, credential.name, credential.credential_id)

    def is_still(self, principal: Principal) -> bool:
        """Whether somebody's key has not been revoked or replaced and has not expired meanwhile."""
        credential = self._directory.credential(principal.credential_id)
        return credential is not None and not _is_over(credential, self._utc_s())

    async def log_in(self, name: str, password: str, address: str) -> KeyView:
        """A session of an operator.

        Raises:
            TooOftenError: if it was tried too often.
            WrongSecretError: if there is no operator of that name with that password.
            StoreError: if it cannot be stored.
        """
        self._log_ins_of_address.take(address)
        self._log_ins.take(_ALL)
        operator = self._directory.operator(name)
        if not await self._slow_hash.matches(operator.password_hash if operator else None, password):
            raise WrongSecretError("name or password is wrong")
        return await self.open_session(name)

    async def open_session(self, name: str) -> KeyView:
        """A session of an operator who has proved who they are; their sessions that are over are cleared away.

        Raises:
            StoreError: if it cannot be stored.
        """
        now_s = self._utc_s()
        key = Key.new()
        session = Credential(key.credential_id, Role.OPERATOR, name, key.hash, now_s, now_s + SESSION_S)
        async with self._directory.changing():
            over = [each for each in self._directory.credentials(Role.OPERATOR, name) if _is_over(each, now_s)]
            change = Change(
                credentials=(session,),
                removed_credentials=tuple(each.credential_id for each in over),
                events=(Event(now_s, "operator.logged_in", operator=name),),
            )
            await self._directory.commit(change)
        return KeyView(role=Role.OPERATOR, name=name, key=str(key), expires_unix_s=session.expires_s)

    async def log_out(self, principal: Principal) -> None:
        """End the session that is used.

        Raises:
            StoreError: if that cannot be stored.
        """
        async with self._directory.changing():
            await self._directory.commit(Change(removed_credentials=(principal.credential_id,)))

    async def record(self, operator: str, detail: str) -> None:
        """Put what an operator is about to do into the audit log.

        Raises:
            StoreError: if it cannot be stored; then it is not to be done.
        """
        async with self._directory.changing():
            event = Event(self._utc_s(), "operator.call", operator=operator, detail=detail)
            await self._directory.commit(Change(events=(event,)))

    def record_meanwhile(self, operator: str, detail: str) -> None:
        """The same without waiting; where it cannot be stored, it is in the server's log."""
        task = asyncio.create_task(self._record_or_log(operator, detail))
        self._records.add(task)
        task.add_done_callback(self._records.discard)

    async def _record_or_log(self, operator: str, detail: str) -> None:
        try:
            await self.record(operator, detail)
        except StoreError as error:
            _log.error("not in the audit log: %s by %s (%s)", detail, operator, error)

    async def audit_log(self, limit: int, before: int | None) -> tuple[HistoryEntry, ...]:
        """What operators did, newest first.

        Raises:
            StoreError: if it cannot be read.
        """
        return await self._store.events(limit, before, of_operators=True)


def _is_over(credential: Credential, now_s: float) -> bool:
    return credential.expires_s is not None and now_s >= credential.expires_s
