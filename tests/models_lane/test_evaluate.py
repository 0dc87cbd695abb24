"""Episodes that are really driven: by the expert, by those who see nothing, and by a tiny network behind a camera."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from city.city import Command
from city.files import load_city
from city.route_line import RouteLine
from models.common.workers.processes import Processes
from models.lane.evaluation.conditions import CONDITIONS, HARD_CONDITIONS, NORMAL
from models.lane.evaluation.driven_map import draw_drives
from models.lane.evaluation.driver import GLIMPSES_KEPT, Glimpse, driver_named, fingerprint, mean_steering
from models.lane.evaluation.driving_pool import EvaluationError, evaluate
from models.lane.evaluation.episodes import Episode, EpisodeResult, episodes
from models.lane.evaluation.evaluate import drive_all
from models.lane.evaluation.figures import figures
from models.lane.evaluation.film import CAPTION_PX, write_film
from models.lane.evaluation.trial import OUTER_HALF_TRACK_M, drive_episode
from tests.models_lane.drives import TINY_MODEL, made_up_drive


def same(one: EpisodeResult, other: EpisodeResult) -> bool:
    return (
        np.array_equal(one.path_m, other.path_m)
        and np.array_equal(one.lateral_m, other.lateral_m)
        and (one.seconds, one.why, one.outside_s, one.crossings)
        == (other.seconds, other.why, other.outside_s, other.crossings)
    )


def test_the_expert_keeps_its_lane_under_every_condition() -> None:
    plan = episodes(len(HARD_CONDITIONS), seed=3, conditions=list(HARD_CONDITIONS.values()), seconds=25.0)
    found = figures([drive_episode(episode, "expert") for episode in plan])
    assert found["departures"] == found["wrong_turns"] == 0
    assert found["survival_s_median"] == pytest.approx(25.0, abs=0.05)
    assert found["lateral_p95_m"] < 0.02
    assert found["outside_p95_s"] == 0
    assert found["distance_mean_m"] > 2.5
    assert found["crossings_taken"] == found["crossings_as_commanded"] >= len(plan)
    assert found["choices_taken"] >= 3
    assert found["looks"] == 0


def test_a_minute_of_the_experts_passes_crossings_as_commanded() -> None:
    result = drive_episode(Episode(1, 0, NORMAL, "pixelopolis"), "expert")
    assert result.why == "time"
    assert result.distance_m == pytest.approx(60 * 0.13, rel=0.15)
    assert result.crossings.taken == result.crossings.as_commanded >= 3
    assert result.lateral_m.shape == (len(result.path_m),)


def test_who_never_steers_leaves_the_road_and_is_outside_its_lane_before() -> None:
    result = drive_episode(Episode(1, 0, NORMAL, "square"), "straight")
    assert result.why == "departure"
    assert result.seconds < 60
    outside = np.abs(result.lateral_m) + OUTER_HALF_TRACK_M > result.lane_width_m / 2
    assert 0 < result.outside_s <= round(0.04 * np.count_nonzero(outside), 2)


def test_the_mean_is_what_the_route_turns_and_no_way_to_drive() -> None:
    square = load_city("square")
    line = RouteLine(square, [1, 2, 3, 4, 1])
    assert mean_steering(line) == pytest.approx(-2 * np.pi / line.length_m / 5, rel=1e-6)
    result = drive_episode(Episode(1, 0, NORMAL, "square"), "mean")
    assert result.why == "departure"


def test_the_experts_episodes_repeat() -> None:
    episode = Episode(5, 1, NORMAL, "random:1000005", seconds=8.0)
    assert same(drive_episode(episode, "expert"), drive_episode(episode, "expert"))


def test_a_networks_episodes_repeat_whatever_was_driven_before(tmp_path: Path) -> None:
    episode = Episode(5, 1, CONDITIONS["dark"], "square", seconds=1.2)
    first = drive_episode(episode, TINY_MODEL)
    other = drive_episode(Episode(5, 2, NORMAL, "square", seconds=0.4), TINY_MODEL, tmp_path)
    assert same(first, drive_episode(episode, TINY_MODEL))
    assert not np.array_equal(first.path_m[:10], other.path_m[:10])
    assert first.saw_pictures
    assert not list(tmp_path.iterdir())  # a film is for cars that were lost


def test_a_lost_car_leaves_a_map_and_a_film(tmp_path: Path) -> None:
    episode = Episode(1, 0, CONDITIONS["glare"], "square", seconds=12.0)
    [result] = evaluate([episode], TINY_MODEL, films=tmp_path)
    assert result.why == "departure"
    written = draw_drives([result, made_up_drive(3, [0.0, 0.01])], tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {
        "000-glare-square-departure.png",
        "000-glare-square-departure-film.png",
        "003-normal-square-time.png",
        "overview.png",
    }
    assert {path.name for path in written} == names - {"000-glare-square-departure-film.png"}
    film = cv2.imread(str(tmp_path / "000-glare-square-departure-film.png"))
    assert film is not None
    assert film.shape == (2 * (240 + CAPTION_PX), 4 * 320, 3)
    assert _has_red(tmp_path / "000-glare-square-departure.png")
    assert not _has_red(tmp_path / "003-normal-square-time.png")


def _has_red(path: Path) -> bool:
    picture = cv2.imread(str(path))
    assert picture is not None
    return bool(np.any((picture[..., 2] > 220) & (picture[..., 1] < 80)))


@pytest.mark.parametrize("count", [1, 5, GLIMPSES_KEPT])
def test_a_film_ends_with_the_last_picture(tmp_path: Path, count: int) -> None:
    frames = [np.full((240, 320, 3), 7 * k, np.uint8) for k in range(count)]
    glimpses = [Glimpse(frame, Command.LEFT, -0.1, 0.2) for frame in frames]
    write_film(tmp_path / "new" / "film.png", glimpses, 0.04)
    film = cv2.imread(str(tmp_path / "new" / "film.png"))
    assert film is not None
    shown = [k for k in range(count) if (count - 1 - k) % 4 == 0][-8:]
    row, column = divmod(len(shown) - 1, 4)
    assert film[(row + 1) * (240 + CAPTION_PX) - 5, column * 320 + 100, 0] == 7 * (count - 1)
    assert film[CAPTION_PX + 5, 100, 0] == 7 * shown[0]


def test_two_processes_drive_the_same_as_one() -> None:
    plan = episodes(3, seed=6, seconds=3.0)
    assert all(
        map(same, drive_all(plan, "expert", workers=Processes(2)), drive_all(plan, "expert", workers=Processes(1)))
    )


def test_a_drive_that_cannot_be_made_is_named() -> None:
    [episode] = episodes(1, seed=1, city="nowhere.yaml")
    with pytest.raises(EvaluationError, match=r"drive 0 \(normal, nowhere.yaml\).*cannot be read.*--only 0"):
        list(evaluate([episode], "expert"))


def test_drivers_have_names(tmp_path: Path) -> None:
    assert driver_named("expert") == "expert"
    assert driver_named("blog") == Path(__file__).parents[2] / "models" / "shipped" / "lane_blog.tflite"
    assert driver_named(str(TINY_MODEL)) == TINY_MODEL
    with pytest.raises(ValueError, match=r"'somebody'; give one of expert, straight, mean, conditioned.*\.tflite"):
        driver_named("somebody")
    with pytest.raises(ValueError, match=r"none\.tflite: there is no such file.*train lane"):
        driver_named(str(tmp_path / "none.tflite"))


def test_a_fingerprint_changes_with_the_file_and_its_sidecar(tmp_path: Path) -> None:
    model = tmp_path / "lane.tflite"
    model.write_bytes(b"one")
    model.with_suffix(".json").write_text("{}")
    first = fingerprint(model)
    model.with_suffix(".json").write_text('{"input": 1}')
    second = fingerprint(model)
    model.write_bytes(b"two")
    assert len({first, second, fingerprint(model), fingerprint("mean")}) == 4
