"""Writing tubs as Donkeycar writes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from models.common.files import write_bytes
from models.lane.dataset import DatasetError
from models.lane.recordings.originals import Original
from models.lane.recordings.recording import is_plain_name
from models.lane.recordings.tub_format import (
    CATALOG_LENGTH,
    DEPTHS,
    IMAGES,
    MANIFEST,
    TubHeader,
    catalog_name,
    index_of,
    record_fields,
)
from models.lane.recordings.write_files import refuse_finished, write_originals_to


class TubWriter:
    """Takes records with their files; the catalogs and, last, the manifest are written by `finish`."""

    def __init__(self, target: Path) -> None:
        """Begin a tub.

        Raises:
            DatasetError: if there is a finished one.
        """
        refuse_finished(target / MANIFEST)
        self._target = target
        self._records: dict[int, tuple[str, str]] = {}  # catalog and line by position

    def add(self, original: Original) -> None:
        """Store a record's files and remember its line.

        Raises:
            DatasetError: if a name leads out of the tub.
        """
        if not is_plain_name(original.group):
            raise DatasetError(f"{self._target}: a catalog cannot be named {original.group!r}")
        write_originals_to(self._target, original.files, (IMAGES, DEPTHS))
        self._records[original.position] = original.group, original.text

    def finish(self, header: TubHeader) -> int:
        """Write what lacks; returns the number of records."""
        texts = [self._records[position][1] for position in sorted(self._records)]
        indexes = [index_of(json.loads(text), k) for k, text in enumerate(texts)]
        groups: dict[str, list[int]] = {}  # places by catalog
        for k, position in enumerate(sorted(self._records)):
            groups.setdefault(self._records[position][0], []).append(k)
        # After a loss the catalogs are counted through, since Donkeycar names the next one by how many there are.
        sound = list(groups) == header.catalogs.get("paths")
        names = {group: group if sound else catalog_name(k * CATALOG_LENGTH) for k, group in enumerate(groups)}
        for group, places in groups.items():
            lines = [texts[k] + header.newline for k in places]
            self._write_catalog(names[group], lines, indexes[places[0]], header, header.catalog_manifests.get(group))
        told = header.catalogs.get("current_index")
        next_index = max([told if isinstance(told, int) else 0, *(index + 1 for index in indexes)])
        catalogs = {
            **header.catalogs,
            "paths": list(names.values()),
            "current_index": next_index,
            "max_len": header.catalogs.get("max_len", CATALOG_LENGTH),
            "deleted_indexes": header.catalogs.get("deleted_indexes", []),
        }
        top = header.lines if len(header.lines) == 4 else _guessed_lines([json.loads(text) for text in texts])
        self._write(MANIFEST, [line + header.newline for line in (*top, json.dumps(catalogs))])
        return len(texts)

    def _write_catalog(self, name: str, lines: list[str], first: int, header: TubHeader, manifest: object) -> None:
        before: Mapping[str, Any] = manifest if isinstance(manifest, dict) else {"created_at": 0.0}
        manifest_name = name.removesuffix(".catalog") + ".catalog_manifest"
        about = {
            **before,
            "path": manifest_name,
            "start_index": before.get("start_index", first),
            "line_lengths": [len(_encoded(line)) for line in lines],
        }
        self._write(name, lines)
        self._write(manifest_name, [json.dumps(about, sort_keys=True) + header.newline])

    def _write(self, name: str, lines: list[str]) -> None:
        write_bytes(self._target / name, _encoded("".join(lines)))


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _guessed_lines(records: list[dict[str, Any]]) -> tuple[str, ...]:
    """The first four lines of a manifest that was cut off, as far as the records tell."""
    fields = record_fields(records)
    return json.dumps(list(fields)), json.dumps(list(fields.values())), json.dumps({}), json.dumps({"created_at": 0.0})
