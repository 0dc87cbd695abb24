"""Random circuits: one winding lane that closes on itself, with no choice of way anywhere."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from city.document import FORMAT
from city.place_names import NAMES
from city.sign_catalogue import SIGN_KINDS

EDGES = 4
POSES_PER_EDGE = 9
GAP_SHARE = 0.25  # of the way to the next edge's first pose that belongs to the node between them
WAVES = (2, 3, 4, 5)
MEAN_RADIUS_M = (0.9, 1.5)
TIGHTEST_PER_M = (1.4, 3.2)  # the sharpest curvature of a circuit is drawn from this
_FINE = 1440

Pose = tuple[float, float, float]  # x, y in metres, heading in degrees


def random_circuit_document(seed: int) -> dict[str, Any]:
    """The city document of a random circuit; the same seed gives the same circuit.

    The line is a circle whose radius swells and shrinks with a few waves, as strong as its sharpest curve allows.
    """
    rng = random.Random(f"pixelopolis-circuit/{seed}")
    radius_m, turn = rng.uniform(*MEAN_RADIUS_M), rng.choice((1, -1))
    waves = [(wave, rng.uniform(0.3, 1.0) / wave, rng.uniform(0, 2 * math.pi)) for wave in WAVES]
    swing = _greatest_swing(radius_m, waves, rng.uniform(*TIGHTEST_PER_M))
    poses = _poses(radius_m, waves, swing, turn)
    per_edge = len(poses) // EDGES
    edges, nodes = [], []
    for k in range(EDGES):
        lane = poses[k * per_edge : k * per_edge + POSES_PER_EDGE]
        edges.append(
            {"id": k + 1, "from": k + 1, "to": (k + 1) % EDGES + 1, "priority": 0, "cost": 1, "lane": _lane(lane)}
        )
        nodes.append({"id": k + 1, "x_m": lane[0][0], "y_m": lane[0][1]})
    kinds = rng.sample(SIGN_KINDS, EDGES)
    return {
        "format": FORMAT,
        "name": f"circuit:{seed}",
        "lane_width_m": 0.36,
        "nodes": nodes,
        "edges": edges,
        "signs": [{"kind": kinds[k], "edge": k + 1} for k in range(EDGES)],
        "places": [{"id": "finish", "edge": EDGES, "names": dict(NAMES["finish"])}],
    }


def _line(
    radius_m: float, waves: list[tuple[int, float, float]], swing: float, turn: int, angles: NDArray[np.float64]
) -> NDArray[np.complex128]:
    swell = 1 + swing * sum(size * np.cos(wave * angles + phase) for wave, size, phase in waves)
    return np.asarray(radius_m * swell * np.exp(1j * turn * angles))


def _greatest_swing(radius_m: float, waves: list[tuple[int, float, float]], tightest_per_m: float) -> float:
    """How far the radius may swing so that no curve is sharper than `tightest_per_m`, by bisection."""
    angles = np.linspace(0, 2 * math.pi, _FINE, endpoint=False)
    low, high = 0.0, 0.6
    for _ in range(20):
        middle = (low + high) / 2
        line = _line(radius_m, waves, middle, 1, angles)
        ahead, behind = np.roll(line, -1) - line, line - np.roll(line, 1)
        curvature = np.angle(ahead / behind) / np.abs(ahead)
        if np.abs(curvature).max() < tightest_per_m:
            low = middle
        else:
            high = middle
    return low


def _poses(radius_m: float, waves: list[tuple[int, float, float]], swing: float, turn: int) -> list[Pose]:
    """Poses along the whole line; behind the last pose of each edge lies the node's own bit of line."""
    steps = POSES_PER_EDGE - 1 + GAP_SHARE
    shares = [(k + i / steps) / EDGES for k in range(EDGES) for i in range(POSES_PER_EDGE)]
    angles = 2 * math.pi * np.array(shares)
    line = _line(radius_m, waves, swing, turn, angles)
    direction = np.angle(_line(radius_m, waves, swing, turn, angles + 1e-5) - line)
    return [
        (round(float(z.real), 4), round(float(z.imag), 4), round(math.degrees(float(d)), 4))
        for z, d in zip(line, direction, strict=True)
    ]


def _lane(poses: list[Pose]) -> dict[str, Any]:
    x_m, y_m, heading_deg = poses[0]
    return {
        "x_m": x_m,
        "y_m": y_m,
        "heading_deg": heading_deg,
        "pieces": [{"to_x_m": x, "to_y_m": y, "to_heading_deg": heading} for x, y, heading in poses[1:]],
    }
