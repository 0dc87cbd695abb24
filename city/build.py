"""From a city document to a `City`, with every check that needs more than one key."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from typing import TypeVar

import networkx as nx

from city.city import City, Edge, Node, Place, Sign
from city.document import BlendTo, CityDocument, EdgeDocument, Lane, SignDocument, Straight, Turn
from city.errors import CityError
from city.geometry import Curve, Pose, arc, blend, join, line
from city.sign_catalogue import SIGN_KINDS

Known = TypeVar("Known")

MAX_NODE_DISTANCE_M = 1.0  # from a node to where its lanes begin or end
SIGN_CLEARANCE_M = 0.09  # from the lane's edge to the middle of the board


def build_city(document: CityDocument, source: str) -> City:
    """Build and check a city.

    Args:
        document: a document that has the right shape.
        source: what to call it in errors, usually the file's path.

    Raises:
        CityError: naming `source`, the key and what is wrong.
    """
    _check_unique(source, "nodes", (node.id for node in document.nodes))
    _check_unique(source, "edges", (edge.id for edge in document.edges))
    _check_unique(source, "places", (place.id for place in document.places))
    _check_unique(source, "signs", (sign.edge for sign in document.signs), what="sign for edge")
    nodes = {node.id: Node(node.id, node.x_m, node.y_m) for node in document.nodes}
    edges = {edge.id: _edge(source, k, edge, nodes) for k, edge in enumerate(document.edges)}
    signs = tuple(_sign(source, k, sign, edges, document.lane_width_m) for k, sign in enumerate(document.signs))
    kinds = {sign.edge: sign.kind for sign in signs}
    places = {}
    for k, place in enumerate(document.places):
        key = f"places[{k}]"
        edge = _known(source, f"{key}.edge", "edge", place.edge, edges)
        if place.before_end_m >= edge.curve.length_m:
            raise CityError(
                source,
                f"{key}.before_end_m",
                f"{place.before_end_m} m is more than edge {edge.id}'s length, {edge.curve.length_m:.2f} m",
            )
        places[place.id] = Place(
            place.id,
            edge.id,
            edge.curve.length_m - place.before_end_m,
            dict(place.names),
            kinds.get(edge.id, ""),
        )
    city = City(document.name, document.lane_width_m, nodes, edges, signs, places)
    _check_reachable(source, city)
    return city


def _check_unique(source: str, key: str, ids: Iterable[object], what: str = "id") -> None:
    for identifier, count in Counter(ids).items():
        if count > 1:
            raise CityError(source, key, f"{what} {identifier!r} is given {count} times; each may stand once")


def _known(source: str, key: str, what: str, identifier: int, known: dict[int, Known]) -> Known:
    if identifier not in known:
        raise CityError(source, key, f"there is no {what} {identifier}; known are {_some(known)}")
    return known[identifier]


def _some(ids: Iterable[int]) -> str:
    ordered = sorted(ids)
    return ", ".join(map(str, ordered[:12])) + (", …" if len(ordered) > 12 else "")


def _edge(source: str, k: int, document: EdgeDocument, nodes: dict[int, Node]) -> Edge:
    start = _known(source, f"edges[{k}].from", "node", document.start, nodes)
    end = _known(source, f"edges[{k}].to", "node", document.end, nodes)
    curve = lane_curve(document.lane)
    for node, end_m, where in ((start, 0.0, "starts"), (end, curve.length_m, "ends")):
        pose = curve.pose_at(end_m)
        gap_m = math.hypot(pose.x_m - node.x_m, pose.y_m - node.y_m)
        if gap_m > MAX_NODE_DISTANCE_M:
            raise CityError(
                source,
                f"edges[{k}].lane",
                f"edge {document.id} {where} {gap_m:.2f} m from node {node.id}, more than {MAX_NODE_DISTANCE_M} m",
            )
    return Edge(document.id, document.start, document.end, document.priority, document.cost, curve)


def lane_curve(lane: Lane) -> Curve:
    """The centre line that a lane's pieces make."""
    pose = Pose(lane.x_m, lane.y_m, math.radians(lane.heading_deg))
    curves = []
    for piece in lane.pieces:
        curves.append(_piece_curve(pose, piece))
        pose = curves[-1].pose_at(curves[-1].length_m)
    return join(curves)


def _piece_curve(start: Pose, piece: Straight | Turn | BlendTo) -> Curve:
    if isinstance(piece, Straight):
        end_x = start.x_m + piece.straight_m * math.cos(start.heading_rad)
        end_y = start.y_m + piece.straight_m * math.sin(start.heading_rad)
        return line((start.x_m, start.y_m), (end_x, end_y))
    if isinstance(piece, Turn):
        return arc(start, piece.radius_m, math.radians(piece.turn_deg))
    return blend(start, Pose(piece.to_x_m, piece.to_y_m, math.radians(piece.to_heading_deg)))


def _sign(source: str, k: int, document: SignDocument, edges: dict[int, Edge], lane_width_m: float) -> Sign:
    edge = _known(source, f"signs[{k}].edge", "edge", document.edge, edges)
    if document.kind not in SIGN_KINDS:
        raise CityError(
            source,
            f"signs[{k}].kind",
            f"there is no sign {document.kind!r}; known are {', '.join(SIGN_KINDS)}",
        )
    end = edge.curve.pose_at(edge.curve.length_m)
    right_m = lane_width_m / 2 + SIGN_CLEARANCE_M
    x_m = document.x_m if document.x_m is not None else end.x_m + right_m * math.sin(end.heading_rad)
    y_m = document.y_m if document.y_m is not None else end.y_m - right_m * math.cos(end.heading_rad)
    facing_rad = end.heading_rad + math.pi if document.facing_deg is None else math.radians(document.facing_deg)
    pose = Pose(x_m, y_m, facing_rad)
    return Sign(document.kind, edge.id, pose, document.width_m, document.height_m, document.bottom_m)


def _check_reachable(source: str, city: City) -> None:
    onward: nx.DiGraph[int] = nx.DiGraph()
    onward.add_nodes_from(city.edges)
    onward.add_edges_from(city.movements)
    for place in city.places.values():
        lost = city.edges.keys() - nx.ancestors(onward, place.edge) - {place.edge}
        if lost:
            raise CityError(
                source,
                f"places.{place.id}",
                f"place {place.id!r} on edge {place.edge} cannot be reached from edge {_some(lost)}",
            )
