"""Recording a drive of a running car."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from models.common.progress import progress_bar
from models.lane.dataset import DatasetError
from models.lane.recordings.car_stream import CarStreamError, DrivenPicture
from models.lane.recordings.growing import GrowingDataset
from models.lane.recordings.moments import Moment
from models.lane.recordings.pictures import PictureError, decoded
from models.lane.recordings.problems import Problems
from models.lane.recordings.recording import GAP_S
from models.lane.recordings.tub_format import new_header
from models.lane.recordings.tub_record import new_original, throttle_of

MOVING_MPS = 0.01  # slower than this the car counts as standing, as for its pilot


@dataclass(slots=True)
class DriveRecorded:
    """How a recording went."""

    new_frames: int = 0
    missed: int = 0  # camera pictures that did not come: the car or the line was too slow
    standing: int = 0  # pictures that were left out since the car stood
    ended: str = "the stream has ended"
    problems: Problems = field(default_factory=Problems)
    summary: dict[str, object] = field(default_factory=dict)


def record_drive(
    folder: Path,
    pictures: Iterable[DrivenPicture],
    *,
    count: int | None = None,
    seconds: float | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> DriveRecorded:
    """Put pictures of a moving car into a data set, behind those that are there.

    Args:
        folder: the data set; made if there is none.
        pictures: what a car sends, in order.
        count: end after so many new frames.
        seconds: end after so long, by the car's clock.
        stopping: asked at each picture whether to end.

    Raises:
        DatasetError: if the folder holds another kind of data set, or not a single frame has come.
    """
    data = GrowingDataset(folder)
    recorded = DriveRecorded()
    take = _Take(data, recorded)
    try:
        with progress_bar("recording frames", count) as advance:
            for picture in pictures:
                advance(take.picture(picture))
                reached = take.reached(count, seconds)
                if reached is not None or stopping():
                    recorded.ended = reached or "stopped"
                    break
    except CarStreamError as error:
        recorded.ended = str(error)
    finally:
        data.flush()  # whatever happened, what has come is kept
    if not data.frames:
        stood = f"; {recorded.standing} pictures came while the car stood" if recorded.standing else ""
        raise DatasetError(f"{folder}: not a single frame has been recorded: {recorded.ended}{stood}")
    recorded.summary = data.summary()
    return recorded


class _Take:
    """Turns pictures into records, and numbers drives."""

    def __init__(self, data: GrowingDataset, recorded: DriveRecorded) -> None:
        self._data = data
        self._recorded = recorded
        self._session = ""
        self._drive = data.last_drive
        self._first_s: float | None = None
        self._seen: DrivenPicture | None = None
        self._kept_s: float | None = None

    def picture(self, picture: DrivenPicture) -> int:
        """Take a picture in; returns how many frames it gave, 1 or 0."""
        moment = picture.moment
        if self._seen is not None:
            self._recorded.missed += max(0, moment.sequence - self._seen.moment.sequence - 1)
        self._seen = picture
        if self._first_s is None:
            self._first_s = moment.captured_s
        if moment.speed_mps < MOVING_MPS:
            self._recorded.standing += 1
            return 0
        try:
            decoded(picture.jpeg)
        except PictureError as problem:
            self._recorded.problems.note(str(problem), f"picture {moment.sequence} of the camera")
            return 0
        self._keep(picture)
        return 1

    def reached(self, count: int | None, seconds: float | None) -> str | None:
        """Which limit has been reached."""
        if count is not None and self._recorded.new_frames >= count:
            return f"{count} frames are recorded"
        if seconds is None or self._seen is None or self._first_s is None:
            return None
        return f"{seconds:g} s are over" if self._seen.moment.captured_s - self._first_s >= seconds else None

    def _keep(self, picture: DrivenPicture) -> None:
        moment = picture.moment
        if not self._session:
            self._session = self._begin_session(moment.captured_unix_ms / 1000)
        if self._kept_s is None or not 0 <= moment.captured_s - self._kept_s <= GAP_S:
            self._drive += 1
        self._kept_s = moment.captured_s
        told = Moment(
            picture.jpeg,
            moment.steering,
            moment.command,
            moment.captured_unix_ms,
            throttle_of(moment.speed_mps),
            moment.speed_mps,
            self._drive,
        )
        self._data.add(new_original(self._data.frames, self._session, told))
        self._recorded.new_frames += 1

    def _begin_session(self, now_s: float) -> str:
        """Name this recording as Donkeycar does, by day and number, and add it to the header."""
        header = self._data.header
        metadata = {} if header is None else header.metadata
        sessions = metadata.get("sessions", {}).get("all_full_ids", [])
        session = f"{datetime.fromtimestamp(now_s, UTC):%y-%m-%d}_{len(sessions)}"
        self._data.write_header(new_header(metadata.get("created_at", now_s), [*sessions, session]))
        return session
