"""Data sets on disk: whole or not at all, gone on with, and never mistaken for another."""

import json
from pathlib import Path

import numpy as np
import pytest

from models.common.workers.processes import Processes
from models.lane.collecting.collect import collect
from models.lane.dataset import (
    DatasetError,
    Frames,
    Manifest,
    concatenated,
    open_for_writing,
    read_frames,
    read_manifest,
    read_split,
    shard_path,
    write_shard,
    write_summary,
)
from models.lane.variants import BLOG, CONDITIONED
from tests.models_lane.frames import random_frames

MANIFEST = Manifest(seed=3, frames=50, frames_per_shard=20, source="expert")


def write_all(folder: Path, manifest: Manifest = MANIFEST) -> Frames:
    parts = []
    for shard in open_for_writing(folder, manifest):
        parts.append(random_frames(manifest.frames_of(shard), seed=shard))
        write_shard(folder, shard, parts[-1], "pixelopolis")
    return concatenated(parts)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    written = write_all(tmp_path)
    found = read_frames([tmp_path])
    assert len(found) == 50
    for name in Frames.__slots__:
        assert np.array_equal(getattr(found, name), getattr(written, name))


def test_an_interrupted_data_set_is_gone_on_with(tmp_path: Path) -> None:
    write_all(tmp_path)
    shard_path(tmp_path, 1).unlink()
    (tmp_path / "shard-00001.part").write_bytes(b"half")
    assert open_for_writing(tmp_path, MANIFEST) == [1]
    assert not list(tmp_path.glob("*.part"))


def test_another_data_set_is_not_mixed_in(tmp_path: Path) -> None:
    open_for_writing(tmp_path, MANIFEST)
    with pytest.raises(DatasetError, match=r"manifest\.json was made with"):
        open_for_writing(tmp_path, Manifest(4, 50, 20, "expert"))


@pytest.mark.parametrize(
    ("text", "words"),
    [("{", "no lane data set"), ('{"frames": 3}', "no lane data set"), (None, "no lane data set")],
)
def test_a_broken_manifest_is_named(tmp_path: Path, text: str | None, words: str) -> None:
    if text is not None:
        (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(DatasetError, match=words):
        read_manifest(tmp_path)


def test_another_format_is_refused(tmp_path: Path) -> None:
    open_for_writing(tmp_path, MANIFEST)
    path = tmp_path / "manifest.json"
    path.write_text(path.read_text().replace("pixelopolis-lane/2", "pixelopolis-lane/9"))
    with pytest.raises(DatasetError, match="pixelopolis-lane/9"):
        read_manifest(tmp_path)


def test_a_damaged_shard_is_named_with_the_way_out(tmp_path: Path) -> None:
    write_all(tmp_path)
    shard_path(tmp_path, 2).write_bytes(b"no zip at all")
    with pytest.raises(DatasetError, match=r"shard-00002\.npz cannot be read .*collect lane"):
        read_frames([tmp_path])


def test_the_summary_counts(tmp_path: Path) -> None:
    frames = write_all(tmp_path)
    summary = write_summary(tmp_path, 1.0)
    assert summary == json.loads((tmp_path / "summary.json").read_text())
    assert summary["frames"] == 50
    histogram = summary["steering_histogram"]
    assert isinstance(histogram, list)
    assert sum(histogram) == len(frames)
    assert summary["cities"] == {"pixelopolis": 50}


def test_validation_is_whole_shards_that_training_does_not_have(tmp_path: Path) -> None:
    written = write_all(tmp_path, Manifest(1, 24 * 4, 4, "expert"))
    training, validation = read_split([tmp_path])
    assert (len(training), len(validation)) == (88, 8)
    assert np.array_equal(validation.picture[:4], written.only(slice(44, 48)).seen_by(CONDITIONED).picture)


def test_a_model_without_commands_learns_only_where_none_is_needed(tmp_path: Path) -> None:
    manifest = Manifest(1, 24 * 4, 4, "expert")
    for shard in open_for_writing(tmp_path, manifest):
        write_shard(tmp_path, shard, random_frames(4, seed=shard), "square" if shard % 2 else "pixelopolis")
    training, validation = read_split([tmp_path], BLOG)
    assert len(validation) == 8  # shards 11 and 23, both of the square
    assert 40 < len(training) < 88
    chosen = np.count_nonzero(training.command == 0)
    assert chosen < len(training)


def test_too_little_data_is_said(tmp_path: Path) -> None:
    write_all(tmp_path)
    with pytest.raises(DatasetError, match="at least 12 shards"):
        read_split([tmp_path])


def test_collecting_repeats_and_goes_on(tmp_path: Path) -> None:
    collect(tmp_path, 12, seed=7, workers=Processes(1), frames_per_shard=6)
    one = read_frames([tmp_path])
    shard_path(tmp_path, 1).unlink()
    summary = collect(tmp_path, 12, seed=7, workers=Processes(1), frames_per_shard=6)
    assert summary["frames"] == 12
    other = read_frames([tmp_path])
    for name in Frames.__slots__:
        assert np.array_equal(getattr(one, name), getattr(other, name))
    assert one.picture.shape == (12, 80, 120, 3)
    assert one.picture.std() > 10


def test_held_out_seeds_cannot_be_trained_on(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="held out"):
        collect(tmp_path, 10, seed=1_000_000)
