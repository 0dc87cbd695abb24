"""SecantusDB as a stand-in for MongoDB: a process of its own that speaks MongoDB's wire protocol."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest
from pymongo import MongoClient
from pymongo.errors import PyMongoError

START_TIMEOUT_S = 40.0
COMMAND = "secantusd-py"

# A client of pymongo 4.20 that is closed while it connects leaves that socket to the garbage collector; together with
# the fixture `garbage_collected` this keeps the warning from some later test.
allow_lost_sockets = pytest.mark.filterwarnings(r"ignore:.*socket\.socket:pytest.PytestUnraisableExceptionWarning")


class StandIn:
    """A database server on a port of its own; it can be killed and started again on the same files."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which(COMMAND, path=str(Path(sys.executable).parent)) or shutil.which(COMMAND)
        if program is None:
            pytest.skip(f"{COMMAND} is not installed: pip install secantusdb")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{probe.getsockname()[1]}"
        self._words = [program, "--host", "127.0.0.1", "--port", self.address.rpartition(":")[2]]
        self._words += ["--storage-path", str(folder), "--sync-on-commit"]
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, database: str, scheme: str = "mongodb") -> str:
        return f"{scheme}://{self.address}/{database}?directConnection=true"

    def start(self) -> None:
        """Return when it answers."""
        self._process = subprocess.Popen(self._words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline_s = time.monotonic() + START_TIMEOUT_S
        with MongoClient[dict[str, object]](self.url("admin"), serverSelectionTimeoutMS=200) as client:
            while True:
                assert self._process.poll() is None, f"{COMMAND} has ended"
                try:
                    client.admin.command("ping")
                except PyMongoError:
                    assert time.monotonic() < deadline_s, f"{COMMAND} does not answer"
                else:
                    return

    def kill(self) -> None:
        """End it at once, as a power cut does."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
