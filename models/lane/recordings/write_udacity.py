"""Writing driving logs as the Udacity simulator writes them."""

from __future__ import annotations

from pathlib import Path

from models.common.files import write_bytes
from models.lane.recordings.originals import Original
from models.lane.recordings.udacity_format import IMAGES, LOG
from models.lane.recordings.write_files import refuse_finished, write_originals_to


class UdacityWriter:
    """Takes rows with their pictures; the log is written by `finish`."""

    def __init__(self, target: Path) -> None:
        """Begin a log.

        Raises:
            DatasetError: if there is a finished one.
        """
        refuse_finished(target / LOG)
        self._target = target
        self._rows: dict[int, str] = {}

    def add(self, original: Original) -> None:
        """Store a row's pictures and remember the row; one that comes again adds its other pictures.

        Raises:
            DatasetError: if a name leads out of the folder.
        """
        write_originals_to(self._target, original.files, (IMAGES,))
        self._rows[original.position] = original.text

    def finish(self, header: str) -> int:
        """Write the log below `header`, which may be empty; returns the number of rows."""
        lines = [*([header] if header else []), *(self._rows[position] for position in sorted(self._rows))]
        # Only the very last line of a log may have been without an end, and it may not be the last here.
        ended = [line if line.endswith("\n") else line + "\n" for line in lines[:-1]] + lines[-1:]
        write_bytes(self._target / LOG, "".join(ended).encode("utf-8", "surrogateescape"))
        return len(self._rows)
