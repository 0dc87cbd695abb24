"""An identity that stays: one per car id and machine."""

from __future__ import annotations

import os
import re
import uuid
from pathlib import Path

import platformdirs

_DEVICE_ID = re.compile(r"[0-9a-f]{32}")


def device_id(car_id: str, state_dir: Path | None = None) -> str:
    """The stored device id of a car, made on first use.

    Args:
        car_id: the car's name.
        state_dir: where to keep it; by default the user's state directory.

    Raises:
        OSError: if the directory cannot be written.
    """
    directory = state_dir or platformdirs.user_state_path("pixelopolis", appauthor=False)
    path = directory / "cars" / f"{car_id}.device"
    if path.is_file():
        stored = path.read_text(encoding="ascii", errors="replace").strip()
        if _DEVICE_ID.fullmatch(stored):
            return stored
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = uuid.uuid4().hex
    draft = path.with_suffix(f".{os.getpid()}")
    draft.write_text(fresh + "\n", encoding="ascii")
    draft.replace(path)
    return fresh
