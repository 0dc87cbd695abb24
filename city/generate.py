"""Random cities: one-way streets on a jittered grid, from which streets are taken away while all stays connected."""

from __future__ import annotations

import math
import random
from typing import Any

import networkx as nx

from city.document import FORMAT
from city.place_names import NAMES
from city.sign_catalogue import SIGN_KINDS

Grid = tuple[int, int]  # column, row

NODE_RADIUS_M = 0.32  # from a crossing's middle to its stop lines
JITTER_M = 0.05
TILT_DEG = 5.0
_HEADINGS = {(1, 0): 0.0, (0, 1): 90.0, (-1, 0): 180.0, (0, -1): 270.0}
_PLACES = ("museum", "landmark", "planetarium", "international_town", "wedding_hall")


def random_city_document(seed: int, columns: int | None = None, rows: int | None = None) -> dict[str, Any]:
    """The document of a random city; the same seed gives the same city.

    Args:
        seed: any non-negative integer.
        columns: streets that run up and down, 2 or more; random (3 to 4) when not given.
        rows: streets that run across, 2 or more; random (3 to 4) when not given.
    """
    rng = random.Random(f"pixelopolis-city/{seed}")
    size = f":{columns}x{rows}" if columns and rows else ""
    columns = columns or rng.randint(3, 4)
    rows = rows or rng.randint(3, 4)
    xs = _street_positions(rng, columns)
    ys = _street_positions(rng, rows)
    streets = _thinned(rng, _one_way_grid(rng, columns, rows))
    places_on = sorted(rng.sample(range(len(streets.edges)), min(len(_PLACES), len(streets.edges))))
    nodes = sorted(streets.nodes)
    number = {node: k + 1 for k, node in enumerate(nodes)}
    poses = {node: _crossing(rng, node, xs, ys) for node in nodes}
    edges = [
        {
            "id": k + 1,
            "from": number[start],
            "to": number[end],
            "priority": rng.randint(0, 3),
            "cost": round(_distance_m(poses[start], poses[end]), 2),
            "lane": _lane(start, end, poses),
        }
        for k, (start, end) in enumerate(sorted(streets.edges))
    ]
    kinds = [kind for _ in range(len(edges) // len(SIGN_KINDS) + 1) for kind in rng.sample(SIGN_KINDS, len(SIGN_KINDS))]
    return {
        "format": FORMAT,
        "name": f"random:{seed}{size}",
        "lane_width_m": 0.36,
        "nodes": [{"id": number[node], "x_m": poses[node][0], "y_m": poses[node][1]} for node in nodes],
        "edges": edges,
        "signs": [{"kind": kinds[k], "edge": edge["id"]} for k, edge in enumerate(edges)],
        "places": [
            {"id": place, "edge": edges[k]["id"], "names": dict(NAMES[place])}
            for k, place in zip(places_on, _PLACES, strict=False)
        ],
    }


def _street_positions(rng: random.Random, count: int) -> list[float]:
    positions = [0.0]
    for _ in range(count - 1):
        positions.append(positions[-1] + rng.uniform(1.25, 1.8))
    return positions


def _one_way_grid(rng: random.Random, columns: int, rows: int) -> nx.DiGraph[Grid]:
    """A ring around the grid, all one way, and inner streets each in a direction of its own."""
    turn = rng.choice((1, -1))  # 1: the ring is driven counter-clockwise
    across = [turn] + [rng.choice((1, -1)) for _ in range(rows - 2)] + [-turn]
    up = [-turn] + [rng.choice((1, -1)) for _ in range(columns - 2)] + [turn]
    streets: nx.DiGraph[Grid] = nx.DiGraph()
    for row, direction in enumerate(across):
        for column in range(columns - 1):
            ends = (column, row), (column + 1, row)
            streets.add_edge(*(ends if direction > 0 else ends[::-1]))
    for column, direction in enumerate(up):
        for row in range(rows - 1):
            ends = (column, row), (column, row + 1)
            streets.add_edge(*(ends if direction > 0 else ends[::-1]))
    return streets


def _thinned(rng: random.Random, streets: nx.DiGraph[Grid]) -> nx.DiGraph[Grid]:
    candidates = sorted(streets.edges)
    rng.shuffle(candidates)
    for street in candidates[: len(candidates) // 4]:
        streets.remove_edge(*street)
        streets.remove_nodes_from([node for node in street if streets.degree(node) == 0])
        if not nx.is_strongly_connected(streets):
            streets.add_edge(*street)
    return streets


def _crossing(rng: random.Random, node: Grid, xs: list[float], ys: list[float]) -> tuple[float, float, float]:
    """Middle (x, y) and tilt in degrees of a crossing."""
    x_m = xs[node[0]] + rng.uniform(-JITTER_M, JITTER_M)
    y_m = ys[node[1]] + rng.uniform(-JITTER_M, JITTER_M)
    return round(x_m, 3), round(y_m, 3), round(rng.uniform(-TILT_DEG, TILT_DEG), 2)


def _distance_m(a: tuple[float, float, float], b: tuple[float, float, float]) -> float:
    return math.hypot(a[0] - b[0], a[1] - b[1])


def _lane(start: Grid, end: Grid, poses: dict[Grid, tuple[float, float, float]]) -> dict[str, Any]:
    heading_deg = _HEADINGS[end[0] - start[0], end[1] - start[1]]
    x_m, y_m, tilt_deg = poses[start]
    leave_deg = heading_deg + tilt_deg
    to_x_m, to_y_m, to_tilt_deg = poses[end]
    arrive_deg = heading_deg + to_tilt_deg
    return {
        "x_m": round(x_m + NODE_RADIUS_M * math.cos(math.radians(leave_deg)), 4),
        "y_m": round(y_m + NODE_RADIUS_M * math.sin(math.radians(leave_deg)), 4),
        "heading_deg": round(leave_deg, 4),
        "pieces": [
            {
                "to_x_m": round(to_x_m - NODE_RADIUS_M * math.cos(math.radians(arrive_deg)), 4),
                "to_y_m": round(to_y_m - NODE_RADIUS_M * math.sin(math.radians(arrive_deg)), 4),
                "to_heading_deg": round(arrive_deg, 4),
            }
        ],
    }
