"""From a recording to a data set that training reads, with the originals beside it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.common.progress import progress_bar
from models.lane.dataset import (
    VALIDATION_EVERY,
    DatasetError,
    Frames,
    Manifest,
    open_for_writing,
    shard_path,
    write_shard,
    write_summary,
)
from models.lane.recordings.originals import (
    Original,
    ShardOriginals,
    Source,
    originals_path,
    write_originals,
    write_source,
)
from models.lane.recordings.pictures import Picture, PictureError, decoded, read_picture, shrunk
from models.lane.recordings.recording import Record, Recording, Shot, drive_numbers

FRAMES_PER_SHARD = 256
NO_SEED = 0  # nothing of a recording is drawn at random


@dataclass(frozen=True, slots=True)
class Row:
    """What a data set says about one picture of a recording; nobody knows where in the lane the car was."""

    picture: Picture  # (80, 120, 3) RGB
    steering: float
    command: int
    camera: int
    drive: int


def frames_of(rows: Sequence[Row]) -> Frames:
    """The frames of some rows, at least one."""
    unknown = np.full(len(rows), np.nan, np.float32)
    return Frames(
        picture=np.stack([row.picture for row in rows]),
        steering=np.array([row.steering for row in rows], np.float32),
        lateral_m=unknown,
        heading_rad=unknown.copy(),
        command=np.array([row.command for row in rows], np.uint8),
        camera=np.array([row.camera for row in rows], np.uint8),
        drive=np.array([row.drive for row in rows], np.int32),
    )


def import_recording(folder: Path, recording: Recording) -> dict[str, object]:
    """Make a data set of a recording, or what lacks of one, and return its summary.

    Pictures that cannot be used are counted in `recording.problems`. The same recording makes the same data set,
    however often it was interrupted.

    Raises:
        DatasetError: if nothing of the recording can be used, or the folder holds another data set.
    """
    began_s = time.monotonic()
    shots = _usable(recording)
    if not shots:
        found = "; ".join(recording.problems.lines()) or "no records"
        raise DatasetError(f"{recording.path}: nothing in it can be learnt from ({found})")
    manifest = Manifest(NO_SEED, len(shots), shard_length(len(shots)), recording.source)
    open_for_writing(folder, manifest)
    kept = {shot.record for shot in shots} | recording.idle
    if len(kept) != recording.lines:
        recording = replace(recording, idle=frozenset(), header=recording.header_without_idle or recording.header)
    write_source(folder, Source(recording.kind, recording.header))
    try:
        _write_shards(folder, manifest, recording, shots)
    except PictureError as error:
        raise DatasetError(f"{recording.path} changed while it was imported ({error}); import it again") from error
    return write_summary(folder, time.monotonic() - began_s)


def shard_length(frames: int) -> int:
    """Frames of a shard: few enough that also of a short recording some shards can be held back for validation."""
    return max(1, min(FRAMES_PER_SHARD, frames // (2 * VALIDATION_EVERY)))


def _usable(recording: Recording) -> list[Shot]:
    """The shots whose pictures can be decoded."""
    usable: list[Shot] = []
    sizes: list[tuple[int, int]] = []
    with progress_bar("looking at pictures", len(recording.shots)) as advance:
        for shot in recording.shots:
            advance(1)
            path = recording.records[shot.record].files[shot.file]
            try:
                height_px, width_px = decoded(read_picture(path)).shape[:2]
            except PictureError as problem:
                recording.problems.note(str(problem), f"{path} ({shot.where})")
                continue
            usable.append(shot)
            sizes.append((width_px, height_px))
    _tell_sizes(recording, usable, sizes)
    return usable


def _tell_sizes(recording: Recording, shots: Sequence[Shot], sizes: Sequence[tuple[int, int]]) -> None:
    """Note pictures that differ in size from most; they are used all the same."""
    if not sizes:
        return
    usual = Counter(sizes).most_common(1)[0][0]
    for shot, size in zip(shots, sizes, strict=True):
        if size != usual:
            what = f"{size[0]} x {size[1]} where most are {usual[0]} x {usual[1]}"
            where = f"{recording.records[shot.record].files[shot.file]} ({what})"
            recording.problems.note("picture is of another size than most, but used", where)


def _write_shards(folder: Path, manifest: Manifest, recording: Recording, shots: Sequence[Shot]) -> None:
    """Write the shards that lack."""
    numbers = drive_numbers(shots)
    keepers = _keepers(recording, shots, manifest)
    to_learn_from = {(shot.record, shot.file) for shot in recording.shots}
    with progress_bar("writing frames", len(shots)) as advance:
        for shard in range(manifest.shard_count):
            if not (shard_path(folder, shard).exists() and originals_path(folder, shard).exists()):
                chosen = slice(shard * manifest.frames_per_shard, (shard + 1) * manifest.frames_per_shard)
                wanted = {(shot.record, shot.file) for shot in shots[chosen]}
                originals = {k: _original(recording.records[k], k, to_learn_from - wanted) for k in keepers[shard]}
                _write_shard(folder, shard, recording, originals, shots[chosen], numbers[chosen])
            advance(manifest.frames_of(shard))


def _keepers(recording: Recording, shots: Sequence[Shot], manifest: Manifest) -> list[list[int]]:
    """Which records' originals lie with each shard: those of its frames, and the idle ones behind them."""
    shards_of: dict[int, list[int]] = {}
    for k, shot in enumerate(shots):
        shards_of.setdefault(shot.record, []).append(k // manifest.frames_per_shard)
    keepers: list[list[int]] = [[] for _ in range(manifest.shard_count)]
    newest = 0
    for record in range(len(recording.records)):
        if record in shards_of:
            newest = shards_of[record][-1]
            for shard in dict.fromkeys(shards_of[record]):
                keepers[shard].append(record)
        elif record in recording.idle:
            keepers[newest].append(record)
    return keepers


def _original(record: Record, index: int, left_out: Set[tuple[int, str]]) -> Original:
    """A record with its files, without those that are left out: pictures of other shards, and broken ones."""
    files: dict[str, bytes] = {}
    for name, path in record.files.items():
        if (index, name) not in left_out:
            files[name] = read_picture(path)
    return Original(record.position, record.group, record.text, files)


def _write_shard(
    folder: Path,
    shard: int,
    recording: Recording,
    originals: Mapping[int, Original],
    shots: Sequence[Shot],
    numbers: NDArray[np.int32],
) -> None:
    rows: list[Row] = []
    frames: list[tuple[int, str]] = []
    # One camera after the other, so that neighbours follow each other in time.
    for k in sorted(range(len(shots)), key=lambda k: shots[k].camera):
        shot, original = shots[k], originals[shots[k].record]
        picture = shrunk(decoded(original.files[shot.file]))
        rows.append(Row(picture, shot.steering, shot.command, shot.camera, int(numbers[k])))
        frames.append((original.position, shot.file))
    # A shard's file is written last: where it is, its originals are.
    write_originals(folder, shard, ShardOriginals(list(originals.values()), frames))
    write_shard(folder, shard, frames_of(rows), f"{recording.kind} {recording.name}")
