"""Keys in files that only their owner can read: one for each holder and server."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from urllib.parse import quote

import platformdirs

_PRIVATE = 0o600


def key_path(holder: str, server_url: str, state_dir: Path | None = None) -> Path:
    """Where the key of a car, or of an operator's session, for one server is kept.

    Args:
        holder: the car's id, or `operator`.
        server_url: as the holder reaches it. Another server is never sent this key.
        state_dir: by default the user's state directory.
    """
    directory = state_dir or platformdirs.user_state_path("pixelopolis", appauthor=False)
    return directory / "keys" / f"{holder}@{quote(server_url.rstrip('/'), safe='')}.key"


def read_key(path: Path) -> str | None:
    """The key in a file; None if there is no such file.

    Raises:
        OSError: if it cannot be read, or others can read it; names the file.
    """
    try:
        mode = path.stat().st_mode
        key = path.read_text(encoding="ascii", errors="replace").strip()
    except FileNotFoundError:
        return None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise OSError(f"{path}: others can read this key; run: chmod 600 '{path}', or better enrol again")
    return key


def write_key(path: Path, key: str) -> None:
    """Keep a key, in place of an earlier one.

    Raises:
        OSError: if the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, _PRIVATE)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        os.fchmod(file.fileno(), _PRIVATE)
        file.write(key + "\n")
    draft.replace(path)
