"""Data sets and drives made on a Ray cluster are those that processes make, also when workers and machines die."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from ray.cluster_utils import Cluster

from models.common.workers.base import Workers
from models.common.workers.processes import Processes
from models.common.workers.ray_workers import LOCAL, OBJECT_STORE_BYTES, ray_workers
from models.detector.pictures import collect as signs
from models.detector.pictures.staging import FRAMES_PER_SCENE
from models.lane.collecting import collect as lane
from models.lane.evaluation.episodes import episodes
from models.lane.evaluation.evaluate import drive_all
from tests.models_common.ray_cluster import killing, workers_at_work

LANE_SHARDS, SCENES = 8, 4
KILLED_AFTER = 2  # shards


def collect_lane(folder: Path, workers: Workers) -> None:
    lane.collect(folder, 12 * LANE_SHARDS, seed=7, workers=workers, frames_per_shard=12)


def collect_signs(folder: Path, workers: Workers) -> None:
    signs.collect(folder, FRAMES_PER_SCENE * SCENES, 5, workers)


def contents(folder: Path) -> dict[str, bytes]:
    """All files but that which says how long the last run took."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "summary.json"
    }


@pytest.fixture(scope="module")
def lane_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lane data as one process makes them."""
    folder = tmp_path_factory.mktemp("lane")
    collect_lane(folder, Processes(1))
    return folder


@contextmanager
def cluster_of_two() -> Iterator[Cluster]:
    """A head that does no work, and two nodes of one core each, as two machines would be."""
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "object_store_memory": OBJECT_STORE_BYTES})
    try:
        for _ in range(2):
            cluster.add_node(num_cpus=1, object_store_memory=OBJECT_STORE_BYTES)
        cluster.wait_for_nodes()
        yield cluster
    finally:
        cluster.shutdown()


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("collect", [collect_lane, collect_signs])
def test_a_data_set_is_the_same_from_processes_and_from_one_and_two_ray_workers(
    tmp_path: Path, collect: Callable[[Path, Workers], None]
) -> None:
    collect(tmp_path / "processes", Processes(2))
    for count in (1, 2):
        with ray_workers(LOCAL, count) as workers:
            collect(tmp_path / f"ray-{count}", workers)
    whole = contents(tmp_path / "processes")
    assert len(whole) > SCENES
    assert contents(tmp_path / "ray-1") == whole
    assert contents(tmp_path / "ray-2") == whole


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_worker_that_is_killed_in_mid_run_costs_no_frame(tmp_path: Path, lane_folder: Path) -> None:
    folder = tmp_path / "lane"
    made_before: list[int] = []

    def one_at_work() -> int | None:
        made, at_work = len(list(folder.glob("*.npz"))), workers_at_work()
        if made < KILLED_AFTER or not at_work:
            return None
        made_before.append(made)
        return at_work[0]

    with ray_workers(LOCAL, 2) as workers, killing(one_at_work) as killed:
        collect_lane(folder, workers)
    assert len(killed) == 1
    assert KILLED_AFTER <= made_before[0] < LANE_SHARDS
    assert contents(folder) == contents(lane_folder)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_machine_that_is_lost_in_mid_run_costs_no_frame(tmp_path: Path, lane_folder: Path) -> None:
    folder = tmp_path / "lane"
    with cluster_of_two() as cluster:
        lost = cluster.list_all_nodes()[-1]
        raylet = lost.all_processes["raylet"][0].process.pid

        def machine() -> int | None:
            return raylet if len(list(folder.glob("*.npz"))) >= KILLED_AFTER else None

        with ray_workers(cluster.address) as workers, killing(machine) as killed:
            collect_lane(folder, workers)
    assert killed == [raylet]
    assert contents(folder) == contents(lane_folder)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_drives_are_the_same_on_ray() -> None:
    plan = episodes(4, seed=6, seconds=3.0)
    with ray_workers(LOCAL, 2) as workers:
        there = drive_all(plan, "expert", workers)
    for one, other in zip(drive_all(plan, "expert", Processes(1)), there, strict=True):
        assert one.episode == other.episode
        assert one.why == other.why
        assert np.array_equal(one.path_m, other.path_m)
