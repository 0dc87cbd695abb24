"""The models that are shipped: what their cards say, and how they drive."""

import json
import time
from pathlib import Path

import numpy as np
import pytest

from car.perception.lane import LaneModel
from car.perception.sidecar import LaneInput
from city.city import Command
from models.lane.evaluation.conditions import NORMAL
from models.lane.evaluation.driver import driver_named
from models.lane.evaluation.episodes import Episode
from models.lane.evaluation.trial import drive_episode
from models.lane.shipped import shipped_files, shipped_models
from models.lane.variants import BLOG, BLOG_RELU, BLOG_WHOLE, BLOG_WHOLE_RELU, CONDITIONED, VARIANTS
from models.latency import network_latencies

SHIPPED = Path(__file__).parents[2] / "models" / "shipped"
FRAME = np.random.default_rng(0).integers(0, 256, (240, 320, 3), dtype=np.uint8)


@pytest.mark.parametrize("name", shipped_models())
def test_model_sidecar_and_card_belong_together(name: str) -> None:
    import hashlib

    variant, model = VARIANTS[name], shipped_models()[name]
    sidecar = json.loads(model.with_suffix(".json").read_text())
    assert LaneInput.model_validate(sidecar["input"]) == variant.input
    assert set(sidecar["outputs"]) - {"memory"} == set(variant.outputs)
    assert (sidecar["inputs"]["command"] is not None) == variant.takes_command
    assert ("memory" in sidecar["inputs"]) == bool(variant.memory_units)
    assert hashlib.sha256(model.read_bytes()).hexdigest() in model.with_suffix(".md").read_text()


def test_what_a_car_drives_with_and_what_it_is_compared_to_are_there() -> None:
    wanted = (CONDITIONED, BLOG, BLOG_RELU, BLOG_WHOLE, BLOG_WHOLE_RELU)
    assert {variant.name for variant in wanted} <= shipped_models().keys()
    assert all(path.stat().st_size < 5e6 for path in shipped_files())


def test_the_command_matters_and_the_blogs_model_has_none() -> None:
    conditioned = LaneModel(SHIPPED / f"{CONDITIONED.file_stem}.tflite")
    assert len({conditioned.look(FRAME, command).steering for command in Command}) > 1
    blog = LaneModel(SHIPPED / f"{BLOG.file_stem}.tflite")
    assert len({blog.look(FRAME, command).steering for command in Command}) == 1
    assert blog.look(FRAME, Command.FOLLOW).lateral_m is None


def test_a_frame_takes_a_fraction_of_the_control_period() -> None:
    model = LaneModel(SHIPPED / f"{CONDITIONED.file_stem}.tflite", threads=1)
    took_s = []
    for _ in range(60):
        began_s = time.thread_time()
        model.look(FRAME, Command.FOLLOW)
        took_s.append(time.thread_time() - began_s)
    assert np.median(took_s) < 0.010  # of this thread's own time; the control period is 40 ms


def has_int8_dot_products() -> bool:
    """Whether the processor multiplies and adds bytes in one step; without, int8 gains nothing over float."""
    words = set(Path("/proc/cpuinfo").read_text(encoding="utf-8").split())
    return bool(words & {"avx512_vnni", "avx_vnni", "asimddp"})


@pytest.mark.alone
@pytest.mark.skipif(not has_int8_dot_products(), reason="this processor has no int8 dot products (VNNI)")
def test_int8_is_faster_than_float() -> None:
    whole = SHIPPED / f"{CONDITIONED.file_stem}.tflite"
    int8, real = network_latencies([whole, whole.with_name(f"{whole.stem}_float.tflite")], rounds=100)
    assert int8.p50_ms < real.p50_ms  # side by side


def test_it_drives_through_the_city_without_leaving_its_lane() -> None:
    episode = Episode(seed=77, index=0, condition=NORMAL, city="pixelopolis", seconds=24.0)
    result = drive_episode(episode, driver_named("conditioned"))
    assert result.why == "time"
    assert np.abs(result.lateral_m).mean() < 0.04
