"""What another process takes of the machine, and this one, as the system tells it."""

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
        raise RuntimeError(f"bench: cannot read processor times ({error}); it needs Linux") from error
    user, system = text.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def resident_mb(process_id: int) -> float:
    """Memory that it holds, without what is swapped out.

    Raises:
        RuntimeError: where the system does not tell.
    """
    try:
        pages = int(Path(f"/proc/{process_id}/statm").read_text(encoding="ascii").split()[1])
    except OSError as error:
        raise RuntimeError(f"bench: cannot read memory ({error}); it needs Linux") from error
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
