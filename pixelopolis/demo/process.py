"""One child process: its own group, its log in a file, ended for certain."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

TERMINATE_TIMEOUT_S = 4.0
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_LIBC = ctypes.CDLL(None)


class ProcessDiedError(RuntimeError):
    """A process ended that should have gone on."""


def die_with_parent() -> None:
    """In the child: ask the kernel to end it when the parent is gone, however that happens."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class ManagedProcess:
    """A running verb of the command line."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Path) -> None:
        self.name = name
        self.log = log
        self._process = process

    @classmethod
    async def start(
        cls, name: str, verb: Sequence[str], log: Path, secrets: Mapping[str, str] | None = None
    ) -> ManagedProcess:
        """Start `pixelopolis VERB…`; standard output can be read line by line, errors go to `log`.

        `secrets` are added to its environment, which other users cannot read, as they can its words.
        """
        with log.open("ab") as errors:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "pixelopolis",
                *verb,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                env={**os.environ, **(secrets or {})},
                start_new_session=True,
                preexec_fn=die_with_parent if sys.platform == "linux" else None,
            )
        return cls(name, process, log)

    @property
    def pid(self) -> int:
        """Process id, also the id of its group."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.returncode is None

    async def read_line(self, timeout_s: float) -> str:
        """The next line of standard output.

        Raises:
            ProcessDiedError: if it ends or says nothing in time; quotes the end of its log.
        """
        if self._process.stdout is None:
            raise ProcessDiedError(f"{self.name} has no standard output")
        try:
            line = await asyncio.wait_for(self._process.stdout.readline(), timeout_s)
        except TimeoutError:
            line = b""
        if not line:
            raise ProcessDiedError(f"{self.name} did not get ready: {self.last_words()} (log: {self.log})")
        return line.decode()

    def check(self) -> None:
        """Raise ProcessDiedError if it has ended."""
        if not self.running:
            raise ProcessDiedError(
                f"{self.name} ended with status {self._process.returncode}: {self.last_words()} (log: {self.log})"
            )

    def last_words(self) -> str:
        """The last line of its log."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the whole group, if it still runs."""
        if self.running:
            os.killpg(self._process.pid, number)

    async def stop(self) -> None:
        """Ask it to end, then make it."""
        self.send(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._process.wait(), TERMINATE_TIMEOUT_S)
        except TimeoutError:
            self.send(signal.SIGKILL)
            await self._process.wait()
