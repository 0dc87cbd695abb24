"""Reading what a tub has beside records: its manifest and those of its catalogs, sound or damaged."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from models.lane.recordings.problems import Problems
from models.lane.recordings.recording import is_plain_name
from models.lane.recordings.tub_format import CATALOGS, MANIFEST, TubHeader


def read_header(folder: Path, problems: Problems, checksum: Any) -> TubHeader:  # noqa: ANN401  # hashlib's own
    """What a tub has beside records; of a damaged manifest what can be read, and the catalogs that lie there."""
    path = folder / MANIFEST
    data = path.read_bytes() if path.is_file() else b""
    checksum.update(data)
    lines = [line.rstrip("\r") for line in data.decode("utf-8", "surrogateescape").split("\n")]
    whole = 0
    while whole < min(4, len(lines)) and parsed(lines[whole]) is not None:
        whole += 1
    catalogs = parsed(lines[4]) if whole == 4 and len(lines) > 4 else None
    if not isinstance(catalogs, dict) or not isinstance(catalogs.get("paths"), list):
        problem = "manifest is cut off" if data else "manifest is missing"
        problems.note(f"{problem}, so nothing counts as deleted", str(path))
        catalogs = {"paths": sorted((found.name for found in folder.glob(CATALOGS)), key=_by_number)}
    _look_for_unlisted(folder, catalogs["paths"], problems)
    manifests = {str(name): _catalog_manifest(folder, name) for name in catalogs["paths"] if is_plain_name(name)}
    newline = "\r\n" if b"\r\n" in data else "\n"
    return TubHeader(tuple(lines[:whole]), catalogs, manifests, newline)


def _look_for_unlisted(folder: Path, listed: list[Any], problems: Problems) -> None:
    for found in sorted(folder.glob(CATALOGS)):
        if found.name not in listed:
            problems.note("catalog is not in the manifest, so it is not read", str(found))


def _catalog_manifest(folder: Path, catalog: str) -> Any:  # noqa: ANN401  # any JSON
    try:
        return parsed((folder / catalog).with_suffix(".catalog_manifest").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _by_number(name: str) -> tuple[int, str]:
    number = re.search(r"\d+", name)
    return (int(number[0]) if number else 0, name)


def parsed(text: str) -> Any:  # noqa: ANN401  # any JSON
    """What a line says; None if it cannot be parsed."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
