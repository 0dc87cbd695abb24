"""The models that are shipped: what their cards say, and how they drive."""

import json
import time
from pathlib import Path

import numpy as np
import pytest

from car.perception.lane import LaneModel
from city.city import Command
from models.lane.conditions import NORMAL
from models.lane.driver import driver_named
from models.lane.episodes import Episode
from models.lane.trial import drive_episode
from models.lane.variants import BLOG, CONDITIONED, VARIANTS, Variant

SHIPPED = Path(__file__).parents[2] / "models" / "shipped"
FRAME = np.random.default_rng(0).integers(0, 256, (240, 320, 3), dtype=np.uint8)


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=list(VARIANTS))
def test_model_sidecar_and_card_belong_together(variant: Variant) -> None:
    import hashlib

    model = SHIPPED / f"{variant.file_stem}.tflite"
    sidecar = json.loads(model.with_suffix(".json").read_text())
    assert sidecar["input"] == variant.input.model_dump()
    assert set(sidecar["outputs"]) == set(variant.outputs)
    assert (sidecar["inputs"]["command"] is not None) == variant.takes_command
    assert hashlib.sha256(model.read_bytes()).hexdigest() in model.with_suffix(".md").read_text()


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


def test_it_drives_through_the_city_without_leaving_its_lane() -> None:
    episode = Episode(seed=77, index=0, condition=NORMAL, city="pixelopolis", seconds=24.0)
    result = drive_episode(episode, driver_named("conditioned"))
    assert result.why == "time"
    assert np.abs(result.lateral_m).mean() < 0.04
