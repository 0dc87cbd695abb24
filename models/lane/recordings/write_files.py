"""Writing recordings: a file is whole or not there, lies where it belongs, and what was finished is left alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from models.common.files import write_bytes
from models.lane.dataset import DatasetError
from models.lane.recordings.recording import is_plain_name


def refuse_finished(last_file: Path) -> None:
    """Check that no export has been finished here; `last_file` is what is written last.

    Raises:
        DatasetError: if one has.
    """
    if last_file.exists():
        raise DatasetError(f"{last_file} exists already; give another folder")


def write_originals_to(target: Path, files: Mapping[str, bytes], folders: Collection[str]) -> None:
    """Store a record's files in the recording's own folders.

    Raises:
        DatasetError: if a name leads elsewhere.
    """
    for name, content in files.items():
        folder, _, file = name.partition("/")
        if folder not in folders or not is_plain_name(file):
            raise DatasetError(f"{target}: a file cannot be named {name!r}; the originals are damaged")
        write_bytes(target / folder / file, content)
