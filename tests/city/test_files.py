"""City files: what ships is right, and every kind of mistake gets one clear error."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from city.city import Command
from city.errors import CityError
from city.files import MAX_BYTES, SHIPPED, city_text, load_city, parse_city

GOOD: dict[str, Any] = {
    "format": "pixelopolis-city/1",
    "name": "test",
    "nodes": [{"id": 1, "x_m": 0.0, "y_m": 0.0}, {"id": 2, "x_m": 2.0, "y_m": 0.0}],
    "edges": [
        {
            "id": 1,
            "from": 1,
            "to": 2,
            "cost": 2,
            "lane": {"x_m": 0.0, "y_m": 0.0, "heading_deg": 0.0, "pieces": [{"straight_m": 2.0}]},
        },
        {
            "id": 2,
            "from": 2,
            "to": 1,
            "cost": 2,
            "lane": {
                "x_m": 2.3,
                "y_m": 0.3,
                "heading_deg": 90.0,
                "pieces": [
                    {"turn_deg": 90, "radius_m": 0.3},
                    {"straight_m": 2.0},
                    {"to_x_m": -0.3, "to_y_m": 0.3, "to_heading_deg": -90},
                ],
            },
        },
    ],
    "signs": [{"kind": "Go", "edge": 1}, {"kind": "Museum", "edge": 2}],
    "places": [{"id": "museum", "edge": 2, "names": {"en": "Museum"}}],
}


def parse(document: dict[str, Any]) -> None:
    without_sharing = json.loads(json.dumps(document))
    parse_city(yaml.safe_dump(without_sharing), source="test.yaml")


def changed(change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    document = copy.deepcopy(GOOD)
    change(document)
    return document


def test_the_good_document_is_good() -> None:
    parse(GOOD)


def _add_island(document: dict[str, Any]) -> None:
    """A node whose only edge comes back to it, and a place there."""
    lane = {"x_m": 9.0, "y_m": 9.0, "heading_deg": 0.0, "pieces": [{"straight_m": 0.5}]}
    document["nodes"].append({"id": 5, "x_m": 9.0, "y_m": 9.0})
    document["edges"].append({"id": 4, "from": 5, "to": 5, "cost": 1, "lane": lane})
    document["places"].append({"id": "attic", "edge": 4, "names": {"en": "Attic"}})


MISTAKES: list[tuple[str, Callable[[dict[str, Any]], Any], str]] = [
    (
        "unknown node",
        lambda d: d["edges"][0].update({"to": 99}),
        r"edges\[0\]\.to: there is no node 99; known are 1, 2",
    ),
    ("edge without geometry", lambda d: d["edges"][1].pop("lane"), r"edges\[1\]\.lane: is missing"),
    (
        "lane without pieces",
        lambda d: d["edges"][1]["lane"].update(pieces=[]),
        r"edges\[1\]\.lane\.pieces: .*at least 1",
    ),
    ("duplicate node", lambda d: d["nodes"].append(dict(d["nodes"][0])), r"nodes: id 1 is given 2 times"),
    ("duplicate edge", lambda d: d["edges"].append(dict(d["edges"][0])), r"edges: id 1 is given 2 times"),
    ("duplicate place", lambda d: d["places"].append(dict(d["places"][0])), r"places: id 'museum' is given 2 times"),
    (
        "two signs at one entrance",
        lambda d: d["signs"].append({"kind": "Hand", "edge": 1}),
        r"signs: sign for edge 1 is given 2 times",
    ),
    ("wrong type", lambda d: d["nodes"][0].update(x_m="left"), r"nodes\[0\]\.x_m: .*number.*'left'"),
    ("number in quotes", lambda d: d["edges"][0].update(cost="2"), r"edges\[0\]\.cost: .*not '2'"),
    ("not a number", lambda d: d["nodes"][0].update(x_m=float("nan")), r"nodes\[0\]\.x_m: .*finite"),
    ("unknown key", lambda d: d["edges"][0].update(speed=3), r"edges\[0\]\.speed: is not a key that belongs here"),
    (
        "unknown sign",
        lambda d: d["signs"][0].update(kind="Moose"),
        r"signs\[0\]\.kind: there is no sign 'Moose'; known are Hand",
    ),
    ("sign on no edge", lambda d: d["signs"][0].update(edge=7), r"signs\[0\]\.edge: there is no edge 7"),
    ("place on no edge", lambda d: d["places"][0].update(edge=7), r"places\[0\]\.edge: there is no edge 7"),
    (
        "place before its edge",
        lambda d: d["places"][0].update(before_end_m=50),
        r"places\[0\]\.before_end_m: 50.0 m is more than edge 2",
    ),
    (
        "lane far from its node",
        lambda d: d["edges"][0]["lane"].update(x_m=-3.0),
        r"edges\[0\]\.lane: edge 1 starts 3\.00 m from node 1",
    ),
    ("unreachable place", _add_island, r"places\.museum: place 'museum' on edge 2 cannot be reached from edge 4"),
    ("no places", lambda d: d.update(places=[]), r"places: .*at least 1"),
    ("wrong version", lambda d: d.update(format="pixelopolis-city/9"), r"format: .*pixelopolis-city/1"),
]


@pytest.mark.parametrize(("change", "message"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES])
def test_a_mistake_gets_one_error_that_names_file_and_key(
    change: Callable[[dict[str, Any]], None], message: str
) -> None:
    with pytest.raises(CityError, match=rf"^test\.yaml: {message}") as caught:
        parse(changed(change))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must be a mapping"),
        ("[1, 2]", "must be a mapping"),
        ("a: [", "is not YAML"),
        ("a: &x [1]\nb: *x", "aliases"),
        ("name: a\nname: b", "a key stands twice"),
        ("a: !!python/object/apply:os.system ['true']", "is not YAML"),
        ("[" * 5000, "is not YAML"),
        ("x" * (MAX_BYTES + 1), "too large"),
    ],
    ids=["empty", "list", "broken", "alias", "repeated key", "python object", "deep", "huge"],
)
def test_what_is_not_a_city_at_all(text: str, message: str) -> None:
    with pytest.raises(CityError, match=message):
        parse_city(text, source="bad.yaml")


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(CityError, match=r"huge\.yaml: .*too large"):
        load_city(str(path))


def test_a_missing_file_says_what_could_be_given(tmp_path: Path) -> None:
    with pytest.raises(CityError, match="random:SEED"):
        load_city(str(tmp_path / "none.yaml"))
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CityError, match="cannot be read"):
        load_city(str(tmp_path / "binary.yaml"))


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_cities_load_and_have_a_sign_at_every_entrance(name: str) -> None:
    city = load_city(name)
    assert city.name == name
    assert {sign.edge for sign in city.signs} == set(city.edges)


def test_a_file_is_the_same_as_its_text(tmp_path: Path) -> None:
    path = tmp_path / "copy.yaml"
    path.write_text(city_text("square"), encoding="utf-8")
    assert load_city(str(path)).edges.keys() == load_city("square").edges.keys()


# The installation's map: path -> (from, to, cost, priority), and node -> movements with their commands.
PATHS = {
    1: (1, 2, 2, 1), 2: (2, 3, 2, 1), 3: (3, 4, 2, 1), 4: (4, 5, 2, 1), 5: (5, 6, 2, 1), 6: (6, 7, 2, 1),
    7: (7, 8, 2, 1), 8: (8, 1, 2, 1), 9: (8, 9, 1, 2), 10: (9, 2, 1, 0), 11: (9, 10, 1, 3), 12: (10, 11, 1, 3),
    13: (10, 7, 1, 0), 14: (11, 6, 1, 0), 15: (4, 11, 1, 2),
}  # fmt: skip
FORWARD = [(8, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 6), (6, 7), (7, 8), (9, 10), (11, 12), (15, 14)]
LEFT = [(10, 2), (3, 15), (14, 6), (13, 7), (7, 9), (9, 11), (11, 13), (12, 14)]


def test_the_default_city_is_the_installations() -> None:
    city = load_city("pixelopolis")
    assert {e.id: (e.start, e.end, e.cost, e.priority) for e in city.edges.values()} == PATHS
    commands = {key: movement.command for key, movement in city.movements.items()}
    assert commands == dict.fromkeys(FORWARD, Command.FORWARD) | dict.fromkeys(LEFT, Command.LEFT)
    assert {p.id: p.edge for p in city.places.values()} == {
        "museum": 7, "landmark": 6, "planetarium": 4, "international_town": 2, "wedding_hall": 8,
    }  # fmt: skip
    assert len({sign.kind for sign in city.signs}) == len(city.edges), "every entrance can be told from all others"
    assert city.places["museum"].names["ja"] == "博物館"
    assert city.places["museum"].sign == "Church"


def test_the_default_city_is_drivable() -> None:
    city = load_city("pixelopolis")
    for movement in city.movements.values():
        assert max(abs(movement.curve.curvatures_per_m)) < 1 / 0.3
    for edge in city.edges.values():
        assert edge.curve.length_m > 0.5
    x_min, y_min, x_max, y_max = city.bounds_m
    assert (x_max - x_min, y_max - y_min) == pytest.approx((2.76, 5.16), abs=0.01)
