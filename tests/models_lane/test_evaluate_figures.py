"""Figures of made-up drives, and which crossings count as taken."""

from __future__ import annotations

import json
import shlex

import pytest

from city.city import Command
from city.files import load_city
from city.route_line import RouteLine
from models.lane.evaluation.conditions import CONDITIONS
from models.lane.evaluation.crossings import Crossings, crossings_taken
from models.lane.evaluation.figures import drive_row, figures, report
from tests.models_lane.drives import made_up_drive

CONTRACT = {
    "episodes",
    "departures",
    "wrong_turns",
    "survival_s_median",
    "lane_width_m",
    "lateral_mean_m",
    "lateral_p95_m",
}


def test_deviations_are_absolute_and_over_all_frames() -> None:
    found = figures([made_up_drive(0, [0.01, -0.03]), made_up_drive(1, [-0.02] * 6)])
    assert found["lateral_mean_m"] == pytest.approx(0.02)
    assert found["lateral_median_m"] == pytest.approx(0.02)
    assert found["lateral_p95_m"] == pytest.approx(0.0265)
    assert found["lateral_mean_share"] == pytest.approx(0.02 / 0.36, abs=1e-4)
    assert found["lateral_p95_share"] == pytest.approx(0.0265 / 0.36, abs=1e-4)
    assert found["lane_width_m"] == 0.36
    assert found["drive_lateral_median_m"] == pytest.approx(0.02)


def test_survival_distance_and_ends() -> None:
    drives = [
        made_up_drive(0, [0.0] * 101, seconds=60.0),
        made_up_drive(1, [0.0] * 51, seconds=30.0, why="departure", outside_s=0.8),
        made_up_drive(2, [0.0] * 11, seconds=6.0, why="wrong_turn", outside_s=0.4),
        made_up_drive(3, [0.0] * 101, seconds=58.0, why="route"),
    ]
    found = figures(drives)
    assert (found["episodes"], found["departures"], found["wrong_turns"]) == (4, 1, 1)
    assert found["survival_s_median"] == 44.0
    assert found["survival_s_mean"] == 38.5
    assert found["distance_total_m"] == pytest.approx(2.6)
    assert found["distance_mean_m"] == pytest.approx(0.65)
    assert found["distance_median_m"] == pytest.approx(0.75)
    assert found["outside_mean_s"] == pytest.approx(0.3)
    assert found["outside_median_s"] == pytest.approx(0.2)
    assert found["outside_p95_s"] == pytest.approx(0.74)


def test_crossings_cities_and_looks_are_counted() -> None:
    drives = [
        made_up_drive(0, crossings=Crossings(5, 5, 2, 2)),
        made_up_drive(1, crossings=Crossings(3, 2, 2, 1), city="random:1000009"),
        made_up_drive(2, saw_pictures=False),
    ]
    found = figures(drives)
    assert (found["crossings_taken"], found["crossings_as_commanded"]) == (8, 7)
    assert (found["choices_taken"], found["choices_as_commanded"]) == (4, 3)
    assert (found["cities"], found["looks"]) == (2, 2)


def test_no_drives_have_no_figures() -> None:
    with pytest.raises(ValueError, match="no drives"):
        figures([])
    with pytest.raises(ValueError, match="no drives"):
        figures([made_up_drive(0, [])])


def test_a_drive_that_ended_at_once_is_counted() -> None:
    found = figures([made_up_drive(0, [], seconds=0.0, why="departure"), made_up_drive(1, [0.02])])
    assert found["departures"] == 1
    assert found["lateral_mean_m"] == pytest.approx(0.02)
    assert drive_row(made_up_drive(0, []), "blog")["lateral_p95_m"] == 0.0


def test_the_report_has_the_contracts_keys_for_each_condition_and_in_all() -> None:
    late = CONDITIONS["late"]
    found = report([made_up_drive(0), made_up_drive(1, condition=late, why="departure")], "blog")
    assert found.keys() >= CONTRACT
    assert list(found["conditions"]) == ["normal", "late"]
    assert all(values.keys() >= CONTRACT for values in found["conditions"].values())
    assert (found["conditions"]["normal"]["departures"], found["conditions"]["late"]["departures"]) == (0, 1)
    assert json.loads(json.dumps(found)) == found


def test_each_drive_says_how_to_make_it_again() -> None:
    result = made_up_drive(7, condition=CONDITIONS["dark"], city="my maps/town.yaml", why="departure", seconds=3.2)
    [row] = report([result], "my models/lane.tflite")["drives"]
    assert (row["seed"], row["index"], row["condition"], row["why"], row["seconds"]) == (1, 7, "dark", "departure", 3.2)
    assert row["distance_m"] == pytest.approx(0.041)
    assert row["lateral_mean_m"] == pytest.approx(0.02)
    words = shlex.split(row["again"])
    assert words[:3] == ["pixelopolis", "evaluate", "lane"]
    assert dict(zip(words[3::2], words[4::2], strict=True)) == {
        "--variant": "my models/lane.tflite",
        "--seed": "1",
        "--only": "7",
        "--condition": "dark",
        "--city": "my maps/town.yaml",
    }


CITY = load_city("pixelopolis")
LEFT = next(m for m in CITY.movements.values() if m.command is Command.LEFT and len(CITY.successors(m.from_edge)) > 1)
LINE = RouteLine(CITY, [LEFT.from_edge, LEFT.to_edge, CITY.successors(LEFT.to_edge)[0].to_edge])
FIRST, SECOND = (segment for segment in LINE.segments if segment.kind == "movement")
SECOND_IS_CHOICE = int(len(CITY.successors(LEFT.to_edge)) > 1)


def test_a_crossing_counts_when_it_is_driven_to_its_end() -> None:
    assert crossings_taken(CITY, LINE, FIRST.end_m - 0.01, wrong_turn=False) == Crossings()
    assert crossings_taken(CITY, LINE, FIRST.end_m + 0.01, wrong_turn=False) == Crossings(1, 1, 1, 1)
    both = Crossings(2, 2, 1 + SECOND_IS_CHOICE, 1 + SECOND_IS_CHOICE)
    assert crossings_taken(CITY, LINE, LINE.length_m, wrong_turn=False) == both


def test_a_wrong_turn_is_a_crossing_taken_otherwise_than_commanded() -> None:
    assert crossings_taken(CITY, LINE, FIRST.start_m + 0.2, wrong_turn=True) == Crossings(1, 0, 1, 0)
    found = crossings_taken(CITY, LINE, SECOND.end_m + 0.05, wrong_turn=True)
    assert found == Crossings(2, 1, 1 + SECOND_IS_CHOICE, 1)
    assert crossings_taken(CITY, LINE, 0.01, wrong_turn=True) == Crossings()
