"""From a data set to what other programs read: what was imported comes out as it was, anything else is converted."""

from __future__ import annotations

from pathlib import Path

from models.common.progress import progress_bar
from models.lane.dataset import DatasetError, read_manifest
from models.lane.recordings.moments import MPH_PER_MPS, Moment, moments
from models.lane.recordings.originals import Original, Source, read_originals, read_source
from models.lane.recordings.tub_format import TubHeader, new_header
from models.lane.recordings.tub_record import new_original
from models.lane.recordings.udacity_format import IMAGES, picture_name
from models.lane.recordings.write_tub import TubWriter
from models.lane.recordings.write_udacity import UdacityWriter


def export_tub(folder: Path, target: Path) -> int:
    """Write a data set as a Donkeycar tub; returns the number of records.

    A tub that was imported comes out equal, without what was damaged.

    Raises:
        DatasetError: if the data set cannot be read, or `target` holds a tub already.
    """
    source, writer = read_source(folder), TubWriter(target)
    if source is not None and source.kind == "tub":
        _add_originals(folder, writer)
        return writer.finish(_tub_header(folder, source))
    session, created_at_s = folder.resolve().name, 0.0
    with progress_bar("writing records", read_manifest(folder).frames) as advance:
        for index, moment in enumerate(moments(folder)):
            created_at_s = created_at_s or moment.time_ms / 1000
            writer.add(new_original(index, session, moment))
            advance(1)
    return writer.finish(new_header(created_at_s, [session]))


def export_udacity(folder: Path, target: Path) -> int:
    """Write a data set as a driving log of the Udacity simulator; returns the number of rows.

    A log that was imported comes out equal, without what was damaged. Other data sets have one picture a moment, which
    becomes the centre camera's; the columns of the side cameras stay empty.

    Raises:
        DatasetError: if the data set cannot be read, or `target` holds a log already.
    """
    source, writer = read_source(folder), UdacityWriter(target)
    if source is not None and source.kind == "udacity":
        _add_originals(folder, writer)
        return writer.finish(str(source.header.get("header", "")))
    newest_ms = -1
    with progress_bar("writing rows", read_manifest(folder).frames) as advance:
        for position, moment in enumerate(moments(folder)):
            newest_ms = max(newest_ms + 1, moment.time_ms)  # the time is in the pictures' names
            writer.add(_row(position, moment, newest_ms))
            advance(1)
    return writer.finish("")


def _add_originals(folder: Path, writer: TubWriter | UdacityWriter) -> None:
    manifest = read_manifest(folder)
    with progress_bar("writing records", manifest.frames) as advance:
        for shard in range(manifest.shard_count):
            for original in read_originals(folder, shard).records:
                writer.add(original)
            advance(manifest.frames_of(shard))


def _tub_header(folder: Path, source: Source) -> TubHeader:
    try:
        return TubHeader.from_json(source.header)
    except (KeyError, TypeError) as error:
        raise DatasetError(f"{folder / 'originals.json'} is no header of a tub ({error}); import it again") from error


def _row(position: int, moment: Moment, time_ms: int) -> Original:
    name = f"{IMAGES}/{picture_name(0, time_ms)}"
    speed_mph = round(moment.speed_mps * MPH_PER_MPS, 6)
    throttle = max(0.0, min(1.0, moment.throttle))
    text = f"{name},,,{moment.steering!r},{throttle!r},0,{speed_mph!r}\n"
    return Original(position, "", text, {name: moment.picture})
