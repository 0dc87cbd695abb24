"""From a one-time code to a key of one's own, and the end of a key."""

from __future__ import annotations

from collections.abc import Callable

from fleet.access import CODE_VALID_S, CodeView, EnrolledView, EnrolmentRequest, KeyView, OperatorRequest, Role
from server.security import codes
from server.security.codes import CodeText
from server.security.directory import Change, Directory
from server.security.keys import Key
from server.security.principal import NotAllowedError, WrongSecretError
from server.security.records import Code, Credential, Operator
from server.security.slow_hash import SlowHash
from server.store.base import Event

SERVER = "the server"  # who lets in the first operator, and stations where it is open on loopback
FIRST_CODE_VALID_S = 3600.0


class Enrolment:
    """Codes, and what they are changed for."""

    def __init__(self, directory: Directory, slow_hash: SlowHash, utc_s: Callable[[], float]) -> None:
        self._directory = directory
        self._slow_hash = slow_hash
        self._utc_s = utc_s

    async def issue_code(
        self,
        role: Role,
        name: str | None,
        issued_by: str,
        *,
        valid_s: float = CODE_VALID_S,
        text: CodeText | None = None,
    ) -> CodeView:
        """A code, random unless it is given; another one with the same id is replaced.

        Raises:
            StoreError: if it cannot be stored.
        """
        text = text or CodeText.new()
        secret_hash = await self._slow_hash.hashed(text.secret)
        now_s = self._utc_s()
        code = Code(text.code_id, role, name, secret_hash, now_s + valid_s, codes.TRIES, issued_by)
        async with self._directory.changing():
            dead = (each for each in self._directory.codes() if not codes.is_alive(each, now_s))
            removed = tuple(each.code_id for each in dead if each.code_id != code.code_id)
            await self._directory.commit(Change(codes=(code,), removed_codes=removed))
        return CodeView(role=role, name=name, code=str(text), expires_unix_s=code.expires_s)

    async def first_code(self, text: CodeText | None) -> CodeView | None:
        """What lets the first operator in: the given code, or a random one while there is no operator.

        Raises:
            StoreError: if it cannot be stored.
        """
        if text is None and self._directory.operators():
            return None
        return await self.issue_code(Role.OPERATOR, None, SERVER, valid_s=FIRST_CODE_VALID_S, text=text)

    async def enrol(self, request: EnrolmentRequest) -> KeyView:
        """A device's key; an earlier one of the same device is void.

        Raises:
            WrongSecretError: if there is no such code.
            NotAllowedError: if the code is for another device.
            StoreError: if that cannot be stored.
        """
        role = Role(request.role)
        code = await self._redeem(request.code)
        async with self._directory.changing():
            former = self._directory.credentials(role, request.name)
            self._check(code, role, request.name, is_taken=bool(former))
            return await self._give_key(role, request.name, former, code)

    async def enrol_without_code(self, role: Role, name: str) -> KeyView:
        """The same for a device of which is known otherwise that it may.

        Raises:
            StoreError: if that cannot be stored.
        """
        async with self._directory.changing():
            return await self._give_key(role, name, self._directory.credentials(role, name), None)

    async def enrol_operator(self, request: OperatorRequest) -> None:
        """Another operator, or another password for one, whose sessions are then over.

        Raises:
            WrongSecretError: if there is no such code.
            NotAllowedError: if the code is for somebody else.
            StoreError: if that cannot be stored.
        """
        code = await self._redeem(request.code)
        operator = Operator(request.name, await self._slow_hash.hashed(request.password), self._utc_s())
        async with self._directory.changing():
            is_taken = self._directory.operator(request.name) is not None
            self._check(code, Role.OPERATOR, request.name, is_taken=is_taken and code.issued_by != SERVER)
            sessions = self._directory.credentials(Role.OPERATOR, request.name)
            change = Change(
                operators=(operator,),
                removed_credentials=tuple(each.credential_id for each in sessions),
                removed_codes=(code.code_id,),
                events=(self._event("operator.enrolled", code.issued_by, f"operator {request.name}"),),
            )
            await self._directory.commit(change)

    async def revoke(self, role: Role, name: str) -> bool:
        """End a device's key, or an operator's password and sessions, at once; whether there was one.

        Raises:
            StoreError: if that cannot be stored.
        """
        async with self._directory.changing():
            held = tuple(each.credential_id for each in self._directory.credentials(role, name))
            is_operator = role is Role.OPERATOR and self._directory.operator(name) is not None
            if held or is_operator:
                operators = (name,) if is_operator else ()
                await self._directory.commit(Change(removed_credentials=held, removed_operators=operators))
        return bool(held) or is_operator

    def enrolled(self) -> list[EnrolledView]:
        """Who may do something: devices that hold a key, and operators."""
        keys = (each for each in self._directory.credentials() if each.role is not Role.OPERATOR)
        holders = [(each.role, each.name, each.created_s) for each in keys]
        holders += [(Role.OPERATOR, each.name, each.enrolled_s) for each in self._directory.operators()]
        return [EnrolledView(role=role, name=name, since_unix_s=since_s) for role, name, since_s in sorted(holders)]

    async def _redeem(self, text: str | None) -> Code:
        """The code that was typed; the try is stored before its result is known."""
        typed = CodeText.parse(text or "")
        async with self._directory.changing():
            code = self._directory.code(typed.code_id)
            if code is None or not codes.is_alive(code, self._utc_s()):
                raise WrongSecretError("this code is wrong, used or too old; ask an operator for another one")
            await self._directory.commit(Change(codes=(codes.tried(code),)))
        if not await self._slow_hash.matches(code.secret_hash, typed.secret):
            raise WrongSecretError("this code is wrong, used or too old; ask an operator for another one")
        return code

    def _check(self, code: Code, role: Role, name: str, *, is_taken: bool) -> None:
        if self._directory.code(code.code_id) is None:
            raise WrongSecretError("this code has just been used; ask an operator for another one")
        if not codes.fits(code, role, name, is_taken):
            whose = f"{code.role} {code.name}" if code.name else f"a new {code.role}"
            raise NotAllowedError(f"this code is for {whose}, not for {role} {name}")

    async def _give_key(self, role: Role, name: str, former: list[Credential], code: Code | None) -> KeyView:
        key = Key.new()
        credential = Credential(key.credential_id, role, name, key.hash, self._utc_s())
        change = Change(
            credentials=(credential,),
            removed_credentials=tuple(each.credential_id for each in former),
            removed_codes=() if code is None else (code.code_id,),
            events=(self._event("device.enrolled", SERVER if code is None else code.issued_by, f"{role} {name}"),),
        )
        await self._directory.commit(change)
        return KeyView(role=role, name=name, key=str(key))

    def _event(self, kind: str, operator: str, detail: str) -> Event:
        return Event(self._utc_s(), kind, operator=operator, detail=detail)
