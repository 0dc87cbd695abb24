"""A city as a picture seen from above: SVG, and PNG made from it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from xml.etree import ElementTree as ET

import numpy as np
from numpy.typing import NDArray

from city.city import City, Edge, Place, Sign
from city.geometry import Pose
from city.sign_catalogue import svg_path

PIXELS_PER_M = 200.0
MARGIN_M = 0.4
LINE_WIDTH_M = 0.02
PAVEMENT_M = 0.06
LABEL_M = 0.11  # height of a place's name
LABEL_HEIGHT_M = 0.17
SIGN_M = 0.17

_SVG = "http://www.w3.org/2000/svg"
_GROUND, _PAVEMENT, _ROAD = "#e3d3b4", "#f5f1e8", "#ffffff"
_LEFT, _RIGHT, _INK, _NODE, _FLAG = "#d81e2c", "#1b4fd6", "#3a3a40", "#2f6f62", "#f2a81d"
_FONT = "'Noto Sans', 'DejaVu Sans', Arial, sans-serif"


def city_svg(city: City, language: str = "en") -> str:
    """The city as an SVG document, north up; place names in `language`, or else in English or the first given."""
    ET.register_namespace("", _SVG)
    labels = [_label(city, place, language) for place in city.places.values()]
    x0, y0, x1, y1 = _sheet_bounds(city, labels)
    root = ET.Element(
        f"{{{_SVG}}}svg",
        {
            "viewBox": f"0 0 {x1 - x0:.3f} {y1 - y0:.3f}",
            "width": f"{(x1 - x0) * PIXELS_PER_M:.0f}",
            "height": f"{(y1 - y0) * PIXELS_PER_M:.0f}",
            "font-family": _FONT,
        },
    )
    _add(root, "title").text = city.name
    _add(root, "rect", width=x1 - x0, height=y1 - y0, fill=_GROUND)
    # Metres with y up become units with y down, from the picture's upper left corner.
    sheet = _Sheet(_add(root, "g"), x0, y1)
    _draw_road(sheet, city)
    for edge in city.edges.values():
        _draw_edge_marks(sheet, city, edge)
    for node in city.nodes.values():
        sheet.disc((node.x_m, node.y_m), 0.068, _NODE)
        sheet.text((node.x_m, node.y_m), str(node.id), 0.08, "#ffffff", bold=True)
    for sign in city.signs:
        _draw_sign(sheet, sign)
    for label in labels:
        _draw_label(sheet, label)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def city_png(city: City, width_px: int = 1200, language: str = "en") -> bytes:
    """The same picture as PNG, `width_px` wide.

    Raises:
        ValueError: if the width is not 1 to 16384.
    """
    if not 1 <= width_px <= 16384:
        raise ValueError(f"a picture must be 1 to 16384 pixels wide, not {width_px}")
    import resvg_py  # needed only where pictures are drawn

    return bytes(resvg_py.svg_to_bytes(svg_string=city_svg(city, language), width=width_px))


def _add(parent: ET.Element, tag: str, **attributes: float | str) -> ET.Element:
    written = {
        name.replace("_", "-"): value if isinstance(value, str) else f"{value:.4g}"
        for name, value in attributes.items()
    }
    return ET.SubElement(parent, f"{{{_SVG}}}{tag}", written)


class _Sheet:
    """Draws shapes, given in metres on the map, into an SVG group."""

    def __init__(self, group: ET.Element, left_m: float, top_m: float) -> None:
        self.group = group
        self._left_m, self._top_m = left_m, top_m

    def at(self, point: tuple[float, float]) -> tuple[float, float]:
        return point[0] - self._left_m, self._top_m - point[1]

    def path(self, lines: Iterable[NDArray[np.float64]], colour: str, width_m: float, cap: str = "butt") -> None:
        parts = []
        for line in lines:
            points = [self.at((float(x), float(y))) for x, y in line]
            parts.append("M" + "L".join(f"{x:.3f} {y:.3f}" for x, y in points))
        _add(
            self.group,
            "path",
            d="".join(parts),
            fill="none",
            stroke=colour,
            stroke_width=width_m,
            stroke_linecap=cap,
            stroke_linejoin="round",
        )

    def polygon(self, corners: Iterable[tuple[float, float]], colour: str) -> None:
        points = " ".join("{:.3f},{:.3f}".format(*self.at(corner)) for corner in corners)
        _add(self.group, "polygon", points=points, fill=colour)

    def disc(self, centre: tuple[float, float], radius_m: float, colour: str, rim: str = "#ffffff") -> None:
        x, y = self.at(centre)
        _add(self.group, "circle", cx=x, cy=y, r=radius_m, fill=colour, stroke=rim, stroke_width=0.012)

    def text(
        self, centre: tuple[float, float], words: str, height_m: float, colour: str, *, bold: bool = False
    ) -> None:
        x, y = self.at(centre)
        label = _add(
            self.group,
            "text",
            x=x,
            y=y + 0.36 * height_m,
            font_size=height_m,
            fill=colour,
            text_anchor="middle",
            font_weight="700" if bold else "400",
        )
        label.text = words


def _draw_road(sheet: _Sheet, city: City) -> None:
    """Pavement, then all edge lines, then all road surfaces, so that lines stay on the rim of the whole road."""
    curves = [edge.curve for edge in city.edges.values()] + [way.curve for way in city.movements.values()]
    middles = [curve.points_m for curve in curves]
    half_m = city.lane_width_m / 2
    line_m = half_m - LINE_WIDTH_M / 2
    sheet.path(middles, "#cfc2a6", city.lane_width_m + 2 * PAVEMENT_M + 0.016, "round")
    sheet.path(middles, _PAVEMENT, city.lane_width_m + 2 * PAVEMENT_M, "round")
    sheet.path([curve.offset(line_m) for curve in curves], _LEFT, LINE_WIDTH_M)
    sheet.path([curve.offset(-line_m) for curve in curves], _RIGHT, LINE_WIDTH_M)
    sheet.path(middles, _ROAD, city.lane_width_m - 2 * LINE_WIDTH_M, "round")


def _beside(pose: Pose, ahead_m: float, left_m: float) -> tuple[float, float]:
    cos, sin = math.cos(pose.heading_rad), math.sin(pose.heading_rad)
    return pose.x_m + ahead_m * cos - left_m * sin, pose.y_m + ahead_m * sin + left_m * cos


def _draw_edge_marks(sheet: _Sheet, city: City, edge: Edge) -> None:
    """A stop line, arrows along the lane and the edge's number."""
    curve, inner_m = edge.curve, city.lane_width_m / 2 - LINE_WIDTH_M
    end = curve.pose_at(curve.length_m)
    stop = np.array([_beside(end, 0, -inner_m), _beside(end, 0, inner_m)])
    sheet.path([stop], "#b9b9c0", 0.018)
    count = max(1, round(curve.length_m / 0.8))
    for k in range(count):
        _draw_arrow(sheet, curve.pose_at(curve.length_m * (k + 0.45) / count), "#9aa0aa")
    label = curve.pose_at(0.08 * curve.length_m / count)
    sheet.text((label.x_m, label.y_m), str(edge.id), 0.12, _INK, bold=True)


def _draw_arrow(sheet: _Sheet, pose: Pose, colour: str) -> None:
    outline = [(0.07, 0.0), (-0.01, 0.055), (-0.01, 0.02), (-0.08, 0.02)]
    outline += [(-0.08, -0.02), (-0.01, -0.02), (-0.01, -0.055)]
    sheet.polygon([_beside(pose, ahead, left) for ahead, left in outline], colour)


@lru_cache(maxsize=64)
def _sign_shapes(kind: str) -> ET.Element:
    return ET.fromstring(svg_path(kind).read_text(encoding="utf-8"))  # noqa: S314  # a file of this package


def _draw_sign(sheet: _Sheet, sign: Sign) -> None:
    """The sign's picture, upright, with a small tick towards where its face looks."""
    centre = sign.pose.x_m, sign.pose.y_m
    tip = _beside(sign.pose, 0.12, 0.0)
    sheet.path([np.array([centre, tip])], _INK, 0.012, "round")
    x, y = sheet.at(centre)
    picture = ET.SubElement(
        sheet.group,
        f"{{{_SVG}}}svg",
        {
            "x": f"{x - SIGN_M / 2:.3f}",
            "y": f"{y - SIGN_M / 2:.3f}",
            "width": f"{SIGN_M}",
            "height": f"{SIGN_M}",
            "viewBox": "0 0 120 120",
        },
    )
    picture.extend(list(_sign_shapes(sign.kind)))


def _place_name(place: Place, language: str) -> str:
    return place.names.get(language) or place.names.get("en") or next(iter(place.names.values()), place.id)


@dataclass(frozen=True, slots=True)
class _Label:
    """A place's name: where cars stop, and the box that the name is written in."""

    name: str
    stop: tuple[float, float]
    centre: tuple[float, float]
    width_m: float


def _label(city: City, place: Place, language: str) -> _Label:
    name = _place_name(place, language)
    # Letters are about 0.65 of their height wide; Chinese, Japanese and Korean ones are square.
    width_m = LABEL_M * (0.9 + sum(1.0 if ord(letter) > 0x2E80 else 0.66 for letter in name))
    stop = city.edges[place.edge].curve.pose_at(place.stop_s_m)
    right_x, right_y = abs(math.sin(stop.heading_rad)), abs(math.cos(stop.heading_rad))
    away_m = city.lane_width_m / 2 + PAVEMENT_M + 0.05
    away_m += right_x * width_m / 2 + right_y * LABEL_HEIGHT_M / 2
    # A little back along the lane, clear of the sign at its end.
    centre = _beside(stop, -0.12 - 0.5 * right_y * width_m, -away_m)
    return _Label(name, (stop.x_m, stop.y_m), centre, width_m)


def _sheet_bounds(city: City, labels: Iterable[_Label]) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = city.bounds_m
    xs, ys = [x0 - MARGIN_M, x1 + MARGIN_M], [y0 - MARGIN_M, y1 + MARGIN_M]
    for label in labels:
        (x, y), half_m = label.centre, label.width_m / 2 + 0.1
        xs += [x - half_m, x + half_m]
        ys += [y - LABEL_HEIGHT_M, y + LABEL_HEIGHT_M]
    return min(xs), min(ys), max(xs), max(ys)


def _draw_label(sheet: _Sheet, label: _Label) -> None:
    sheet.disc(label.stop, 0.035, _FLAG)
    x, y = sheet.at(label.centre)
    _add(
        sheet.group,
        "rect",
        x=x - label.width_m / 2,
        y=y - LABEL_HEIGHT_M / 2,
        width=label.width_m,
        height=LABEL_HEIGHT_M,
        rx=0.05,
        fill="#fffdf6",
        stroke=_FLAG,
        stroke_width=0.014,
    )
    sheet.text(label.centre, label.name, LABEL_M, _INK, bold=True)
