"""Processor time of another process."""

from __future__ import annotations

import os
from pathlib import Path


def busy_s(process_id: int) -> float:
    """Seconds of all cores that it has used so far.

    Raises:
        RuntimeError: where the system does not tell.
    """
    try:
        text = Path(f"/proc/{process_id}/stat").read_text(encoding="ascii")
    except OSError as error:
        raise RuntimeError(f"bench stream: cannot read processor times ({error}); it needs Linux") from error
    user, system = text.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
