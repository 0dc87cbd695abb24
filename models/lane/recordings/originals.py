"""The originals of a data set that was imported or recorded: every record and file, byte for byte.

Beside the shards lie::

    originals.json          kind ("tub" or "udacity") and what the format has beside records
    originals-00000.npz     the originals of shard-00000.npz; two arrays:
        index   JSON as (n,) uint8: records (position, group, text, files as name, start and end in `data`), and for
                each frame of the shard the position of its record and the name of its file
        data    (n,) uint8, the files behind each other

Training reads none of them.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.lane.dataset import DatasetError, write_text

KINDS = ("tub", "udacity")


@dataclass(frozen=True, slots=True)
class Original:
    """A record as it was, with the bytes of its files by name."""

    position: int
    group: str
    text: str
    files: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class ShardOriginals:
    """The originals of one shard; `frames` says of each frame its record's position and its file."""

    records: Sequence[Original]
    frames: Sequence[tuple[int, str]]

    def frame_bytes(self) -> list[bytes]:
        """The original picture of each frame."""
        files = {record.position: record.files for record in self.records}
        return [files[position][name] for position, name in self.frames]


@dataclass(frozen=True, slots=True)
class Source:
    """What kind of recording the originals are of, and what it had beside records."""

    kind: str
    header: Mapping[str, Any]


def originals_path(folder: Path, shard: int) -> Path:
    """Where the originals of a shard lie."""
    return folder / f"originals-{shard:05d}.npz"


def source_path(folder: Path) -> Path:
    """Where the kind of the recording lies."""
    return folder / "originals.json"


def write_source(folder: Path, source: Source) -> None:
    """Store what the originals are of."""
    write_text(source_path(folder), json.dumps({"kind": source.kind, "header": source.header}, indent=2) + "\n")


def read_source(folder: Path) -> Source | None:
    """What the originals of a data set are of; None if it has none, as one from the simulator.

    Raises:
        DatasetError: if the file is damaged.
    """
    path = source_path(folder)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        source = Source(content["kind"], content["header"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"{path} cannot be read ({error}); import or record the data set again") from error
    if source.kind not in KINDS:
        raise DatasetError(f"{path} is of kind {source.kind!r}, this program knows {', '.join(KINDS)}")
    return source


def write_originals(folder: Path, shard: int, originals: ShardOriginals) -> None:
    """Store the originals of a shard, whole or not at all."""
    records, data = [], bytearray()
    for record in originals.records:
        files = []
        for name, content in record.files.items():
            files.append((name, len(data), len(data) + len(content)))
            data += content
        records.append({"position": record.position, "group": record.group, "text": record.text, "files": files})
    index = json.dumps({"records": records, "frames": originals.frames}).encode("ascii")
    target = originals_path(folder, shard)
    part = target.with_suffix(".part")
    with part.open("wb") as file:
        np.savez(file, index=np.frombuffer(index, np.uint8), data=np.frombuffer(bytes(data), np.uint8))
    part.replace(target)


def read_originals(folder: Path, shard: int) -> ShardOriginals:
    """The originals of a shard.

    Raises:
        DatasetError: if they are missing or damaged; names the file.
    """
    path = originals_path(folder, shard)
    try:
        with np.load(path) as arrays:
            index, data = json.loads(arrays["index"].tobytes()), arrays["data"].tobytes()
        records = [
            Original(
                int(entry["position"]),
                str(entry["group"]),
                str(entry["text"]),
                {str(name): data[begin:end] for name, begin, end in entry["files"]},
            )
            for entry in index["records"]
        ]
        originals = ShardOriginals(records, [(int(position), str(name)) for position, name in index["frames"]])
        originals.frame_bytes()  # a frame without its file is damage too
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise DatasetError(f"{path} cannot be read ({error}); delete it and import the recording again") from error
    return originals
