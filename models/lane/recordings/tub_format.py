"""Donkeycar's tub, version 2, as files.

manifest.json has five lines of JSON: inputs, their types, the user's metadata, the manifest's own metadata, and about
the catalogs: their paths, the next index, the length of a catalog, and the indexes that were marked as deleted. A
catalog has a JSON object a line; beside it a .catalog_manifest tells the length of each line. Pictures lie in images/,
16-bit depth arrays in depths/. `user/angle` is -1 at full left and 1 at full right, as in our data sets.

Sources: donkeycar/parts/datastore_v2.py and tub_v2.py of github.com/autorope/donkeycar. Older versions end lines with
CR LF, newer ones with LF.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from models.lane.recordings.recording import is_plain_name

MANIFEST = "manifest.json"
CATALOGS = "catalog_*.catalog"
IMAGES, DEPTHS = "images", "depths"
PICTURE_FIELD = "cam/image_array"
STEERING_FIELD, THROTTLE_FIELD, MODE_FIELD = "user/angle", "user/throttle", "user/mode"
INDEX_FIELD, SESSION_FIELD, TIME_FIELD = "_index", "_session_id", "_timestamp_ms"
CATALOG_LENGTH = 1000

# Beside what every tub has, ours tell what the lane model was commanded, and which drive it was; Donkeycar passes over
# fields that it does not know.
COMMAND_FIELD, SPEED_FIELD, DRIVE_FIELD = "pixelopolis/command", "pixelopolis/speed_mps", "pixelopolis/drive"


@dataclass(frozen=True, slots=True)
class TubHeader:
    """What a tub has beside records."""

    lines: tuple[str, ...]  # the manifest's first four, as they were; fewer if it was cut off
    catalogs: Mapping[str, Any]  # its fifth line
    catalog_manifests: Mapping[str, Any]  # what each catalog's own manifest says, by the catalog's name
    newline: str = "\n"

    def as_json(self) -> dict[str, Any]:
        """For `originals.json`."""
        return {
            "lines": list(self.lines),
            "catalogs": dict(self.catalogs),
            "catalog_manifests": dict(self.catalog_manifests),
            "newline": self.newline,
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> TubHeader:
        """From `originals.json`."""
        return cls(tuple(content["lines"]), content["catalogs"], content["catalog_manifests"], str(content["newline"]))

    def without_deleted(self) -> TubHeader:
        """The same with nothing marked as deleted."""
        return replace(self, catalogs={**self.catalogs, "deleted_indexes": []})

    @property
    def types(self) -> dict[str, str]:
        """The type of each input; empty if the manifest does not tell."""
        try:
            names, types = json.loads(self.lines[0]), json.loads(self.lines[1])
            return {str(name): str(kind) for name, kind in zip(names, types, strict=False)}
        except (IndexError, ValueError, TypeError):
            return {}

    @property
    def metadata(self) -> Mapping[str, Any]:
        """The manifest's own metadata; empty if it does not tell."""
        content = json.loads(self.lines[3]) if len(self.lines) > 3 else {}
        return content if isinstance(content, dict) else {}

    @property
    def deleted(self) -> frozenset[int]:
        """Indexes that were marked as deleted."""
        marked = self.catalogs.get("deleted_indexes", ())
        return frozenset(k for k in marked if isinstance(k, int)) if isinstance(marked, list) else frozenset()


def picture_field(types: Mapping[str, str]) -> str:
    """The field that names the picture to learn from."""
    pictures = [name for name, kind in types.items() if kind == "image_array"]
    return pictures[0] if pictures and PICTURE_FIELD not in pictures else PICTURE_FIELD


def file_names(record: Mapping[str, Any], types: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The files that a record names by field; a depth array's file may or may not have .npz behind its name."""
    found: dict[str, tuple[str, ...]] = {}
    kinds = {**types, picture_field(types): "image_array"}
    for field, kind in kinds.items():
        name = record.get(field)
        if not is_plain_name(name):
            continue
        if kind in ("image_array", "image"):
            found[field] = (f"{IMAGES}/{name}",)
        elif kind == "gray16_array":
            found[field] = (f"{DEPTHS}/{name}", f"{DEPTHS}/{name}.npz")
    return found


def index_of(record: Mapping[str, Any], position: int) -> int:
    """A record's index; its place in the tub if it has none."""
    index = record.get(INDEX_FIELD)
    return index if isinstance(index, int) and not isinstance(index, bool) else position


def record_fields(records: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The inputs and their types as far as records tell, in the order in which they come."""
    kinds = {bool: "boolean", int: "int", float: "float", list: "list", dict: "dict"}
    fields: dict[str, str] = {}
    for record in records:
        for name, value in record.items():
            if not name.startswith("_"):
                fields.setdefault(name, "image_array" if name == PICTURE_FIELD else kinds.get(type(value), "str"))
    return fields


def new_header(created_at_s: float, sessions: Sequence[str]) -> TubHeader:
    """The header of a tub with records of `new_record`."""
    fields = {
        PICTURE_FIELD: "image_array",
        STEERING_FIELD: "float",
        THROTTLE_FIELD: "float",
        MODE_FIELD: "str",
        COMMAND_FIELD: "str",
        SPEED_FIELD: "float",
        DRIVE_FIELD: "int",
    }
    metadata: dict[str, Any] = {"created_at": created_at_s}
    if sessions:
        metadata["sessions"] = {
            "all_full_ids": list(sessions),
            "last_id": len(sessions) - 1,
            "last_full_id": sessions[-1],
        }
    lines = (json.dumps(list(fields)), json.dumps(list(fields.values())), json.dumps({}), json.dumps(metadata))
    return TubHeader(lines, {"max_len": CATALOG_LENGTH}, {})


def catalog_name(index: int) -> str:
    """The catalog in which a record of ours lies."""
    return f"catalog_{index // CATALOG_LENGTH}.catalog"


def image_name(index: int) -> str:
    """The file of a record's picture, as Donkeycar names it."""
    return f"{index}_cam_image_array_.jpg"


def record_line(record: Mapping[str, Any]) -> str:
    """A record as a catalog's line, without its end."""
    return json.dumps(record, allow_nan=False, sort_keys=True)
