"""Writes Donkeycar tubs byte for byte as Donkeycar does, by its own code and nothing of ours."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

INPUTS = ["cam/image_array", "user/angle", "user/throttle", "user/mode"]
TYPES = ["image_array", "float", "float", "str"]


def jpeg(seed: int, width_px: int = 160, height_px: int = 120, channels: int = 3, suffix: str = ".jpg") -> bytes:
    """A picture with smooth structure, different for every seed."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (6, 8, channels), dtype=np.uint8)
    picture: NDArray[np.uint8] = cv2.resize(coarse, (width_px, height_px))
    return cv2.imencode(suffix, picture)[1].tobytes()


def record(index: int, **more: object) -> dict[str, Any]:
    """What Donkeycar stores of one step of its loop at 20 Hz."""
    return {
        "_index": index,
        "_session_id": "24-05-06_0",
        "_timestamp_ms": 1_714_990_000_000 + 50 * index,
        "cam/image_array": f"{index}_cam_image_array_.jpg",
        "user/angle": round(np.sin(index / 7), 6),
        "user/mode": "user",
        "user/throttle": 0.25 + index / 1000,
        **more,
    }


@dataclass
class Tub:
    """A tub that is written by `write`; damage it afterwards, or by what is given."""

    folder: Path
    records: Sequence[Mapping[str, Any]]
    pictures: Mapping[int, bytes] = field(default_factory=dict)  # by index; `jpeg` of the index where none is given
    deleted: Collection[int] = ()
    max_len: int = 1000
    newline: str = "\n"  # "\r\n" before Donkeycar 4.2
    inputs: Sequence[str] = tuple(INPUTS)
    types: Sequence[str] = tuple(TYPES)
    metadata: Mapping[str, Any] = field(default_factory=lambda: {"location": "Hall 5"})

    def write(self) -> Path:
        (self.folder / "images").mkdir(parents=True)
        for index, one in enumerate(self.records):
            content = self.pictures.get(index, None) or jpeg(index)
            (self.folder / "images" / str(one["cam/image_array"])).write_bytes(content)
        paths = [self._write_catalog(start) for start in range(0, len(self.records), self.max_len)]
        sessions = list(dict.fromkeys(str(one["_session_id"]) for one in self.records))
        lines = [
            list(self.inputs),
            list(self.types),
            dict(self.metadata),
            {
                "created_at": 1714989999.25,
                "sessions": {"all_full_ids": sessions, "last_id": len(sessions) - 1, "last_full_id": sessions[-1]},
            },
            {
                "paths": paths,
                "current_index": len(self.records),
                "max_len": self.max_len,
                "deleted_indexes": list(self.deleted),
            },
        ]
        self._put("manifest.json", [json.dumps(line) for line in lines])
        return self.folder

    def _write_catalog(self, start: int) -> str:
        name = f"catalog_{start // self.max_len}"
        lines = [json.dumps(one, allow_nan=False, sort_keys=True) for one in self.records[start : start + self.max_len]]
        self._put(f"{name}.catalog", lines)
        about = {
            "path": f"{name}.catalog_manifest",
            "created_at": 1714990000.5 + start,
            "start_index": start,
            "line_lengths": [len(line) + len(self.newline) for line in lines],
        }
        self._put(f"{name}.catalog_manifest", [json.dumps(about, allow_nan=False, sort_keys=True)])
        return f"{name}.catalog"

    def _put(self, name: str, lines: Sequence[str]) -> None:
        (self.folder / name).write_bytes("".join(line + self.newline for line in lines).encode())


def content(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def alive_records(folder: Path) -> list[dict[str, Any]]:
    """The records that Donkeycar goes through: by place, those at deleted places left out."""
    about = json.loads((folder / "manifest.json").read_text().splitlines()[4])
    found, place = [], 0
    for name in about["paths"]:
        for line in (folder / name).read_text().splitlines():
            if place not in about["deleted_indexes"]:
                found.append(json.loads(line))
            place += 1
    return found
