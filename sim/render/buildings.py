"""Buildings of toy blocks, each standing about the origin within a given footprint and height."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sim.render.materials import COLUMNS, DARK_WOOD, PANES, SLATS, WINDOWS, WOOD
from sim.render.mesh import PLAIN, Mesh, ball, box, cylinder, join_meshes, lathe, placed, prism
from sim.render.style import Colour

_WHITE: Colour = (0.97, 0.96, 0.93)
_GREY: Colour = (0.72, 0.72, 0.72)
_NATURAL: Colour = (1.0, 1.0, 1.0)
_RED: Colour = (0.85, 0.22, 0.12)
_YELLOW: Colour = (0.93, 0.78, 0.22)
_ORANGE: Colour = (0.92, 0.48, 0.16)
_GREEN: Colour = (0.42, 0.68, 0.38)
_PINK: Colour = (0.93, 0.74, 0.66)
_BLUE: Colour = (0.40, 0.60, 0.82)


@dataclass(frozen=True, slots=True)
class Palette:
    """What a town is made of: wall colours, accent colours and how much of it is wood."""

    walls: tuple[Colour, ...]
    accents: tuple[Colour, ...]
    wood_share: float


PALETTES: dict[str, Palette] = {
    "toy_blocks": Palette((_WHITE, _WHITE, _GREY, _PINK), (_RED, _YELLOW, _ORANGE, _GREEN), 0.4),
    "white": Palette((_WHITE, (0.90, 0.90, 0.90)), (_WHITE, _GREY), 0.05),
    "wood": Palette(((0.95, 0.88, 0.76),), (_ORANGE, _YELLOW), 0.9),
    "pastel": Palette((_PINK, (0.75, 0.86, 0.90), (0.95, 0.90, 0.68), (0.80, 0.90, 0.74)), (_BLUE, _ORANGE), 0.15),
    "grey": Palette(((0.55, 0.55, 0.56), (0.38, 0.39, 0.41), (0.68, 0.67, 0.66)), (_GREY, _RED), 0.1),
    "bright": Palette((_RED, _YELLOW, _BLUE, _GREEN), (_WHITE, _ORANGE, _BLUE), 0.2),
}


@dataclass(frozen=True, slots=True)
class Lot:
    """Room for one building: footprint along x and y, greatest height."""

    width_m: float
    depth_m: float
    height_m: float

    @property
    def side_m(self) -> float:
        """The shorter side of the footprint."""
        return min(self.width_m, self.depth_m)


def building(rng: np.random.Generator, lot: Lot, palette: Palette) -> Mesh:
    """A random building that stays within the lot."""
    kinds: tuple[Callable[[np.random.Generator, Lot, Palette], Mesh], ...]
    if lot.height_m < 0.16:
        kinds = (_low_hall, _wooden_house, _steps, _pavilion)
    else:
        kinds = (_tower, _tower, _ball_tower, _arch, _steps, _wooden_house, _drum, _colonnade)
    return kinds[int(rng.integers(len(kinds)))](rng, lot, palette)


def _wall(rng: np.random.Generator, palette: Palette) -> tuple[Colour, bool]:
    """A wall colour and whether the wall is of wood."""
    if rng.random() < palette.wood_share:
        return _NATURAL, True
    return palette.walls[int(rng.integers(len(palette.walls)))], False


def _accent(rng: np.random.Generator, palette: Palette) -> Colour:
    return palette.accents[int(rng.integers(len(palette.accents)))]


def _grain(rng: np.random.Generator) -> int:
    return int(rng.choice([WOOD, DARK_WOOD]))


def _block(
    rng: np.random.Generator, palette: Palette, lot: Lot, z0: float, height: float, openings: int, inset: float = 0.0
) -> Mesh:
    """A box that fills the lot but for an inset: with openings if painted, of grained wood otherwise."""
    colour, wooden = _wall(rng, palette)
    size = (lot.width_m - 2 * inset, lot.depth_m - 2 * inset, height)
    if wooden:
        grain = _grain(rng)
        return box((0, 0, z0), size, colour, grain, grain)
    return box((0, 0, z0), size, colour, openings)


def _tower(rng: np.random.Generator, lot: Lot, palette: Palette) -> Mesh:
    base = lot.height_m * rng.uniform(0.2, 0.35)
    inset = lot.side_m * rng.uniform(0.05, 0.2)
    parts = [
        _block(rng, palette, lot, 0, base, SLATS),
        _block(rng, palette, lot, base, 0.85 * lot.height_m - base, WINDOWS, inset),
        box(
            (0, 0, 0.85 * lot.height_m),
            (lot.width_m * 0.4, lot.depth_m * 0.4, 0.15 * lot.height_m),
            _accent(rng, palette),
        ),
    ]
    return join_meshes(parts)


def _ball_tower(rng: np.random.Generator, lot: Lot, palette: Palette) -> Mesh:
    radius = min(0.42 * lot.side_m, 0.25 * lot.height_m)
    top = lot.height_m - 2 * radius
    base = _block(rng, palette, lot, 0, 0.5 * top, SLATS)
    upper = _block(rng, palette, lot, 0.5 * top, 0.5 * top, WINDOWS, 0.12 * lot.side_m)
    return join_meshes([base, upper, ball((0, 0, top + 0.97 * radius), radius, _accent(rng, palette))])


def _arch(rng: np.random.Generator, lot: Lot, palette: Palette) -> Mesh:
    radius = min(lot.width_m / 2, 0.7 * lot.height_m)
    base = lot.height_m - radius
    angles = np.linspace(0, math.pi, 12)
    outline = [(radius * math.cos(a), base + radius * math.sin(a)) for a in angles]
    plinth = _block(rng, palette, lot, 0, base, PANES)
    return join_meshes([plinth, prism(outline, 0.32 * lot.depth_m, _accent(rng, palette))])


def _steps(rng: np.random.Generator, lot: Lot, palette: Palette) -> Mesh:
    count = int(rng.integers(3, 6))
    colour, wooden = _wall(rng, palette)
    grain = _grain(rng) if wooden else PLAIN
    rise, run = lot.height_m / count, lot.width_m / count
    parts = []
    for k in range(count):
        x = -lot.width_m / 2 + (k + count) / 2 * run
        parts.append(box((x, 0, k * rise), ((count - k) * run, lot.depth_m, rise), colour, grain, grain))
    return placed(join_meshes(parts), 0, 0, math.pi * int(rng.integers(2)))


def _wooden_house(rng: np.random.Generator, lot: Lot, palette: Palette) -> Mesh:
    wall = 0.72 * lot.height_m
    grain = _grain(rng)
    body = box((0, 0, 0), (lot.width_m * 0.94, lot.depth_m * 0.94, wall), _NATURAL, grain, grain)
    panel = box((0, 0, 0.2 * wall), (lot.width_m * 0.96, lot.depth_m * 0.7, 0.6 * wall), (1.0, 0.95, 0.85), PANES)
    half, ridge = lot.width_m / 2, lot.height_m
    roof = prism([(-half, wall), (half, wall), (0, ridge)], lot.depth_m / 2, _accent(rng, palette))
    return join_meshes([body, panel, roof])


def _drum(rng: np.random.Generator, lot: Lot, palette: Palette) -> Mesh:
    radius = lot.side_m / 2
    split = lot.height_m * rng.uniform(0.35, 0.6)
    lower = cylinder((0, 0, 0), radius, split, _NATURAL, segments=14, layer=_grain(rng))
    rest = lot.height_m - split
    if rng.random() < 0.5:
        angles = np.linspace(0, math.pi / 2, 5)
        dome = [(0.92 * radius * math.cos(a), min(rest, 0.92 * radius) * math.sin(a)) for a in angles]
        upper = lathe((0, 0, split), dome, _accent(rng, palette), segments=14)
    else:
        colour, _ = _wall(rng, palette)
        upper = cylinder((0, 0, split), 0.7 * radius, rest, colour, segments=14, layer=COLUMNS)
    return join_meshes([lower, upper])


def _colonnade(rng: np.random.Generator, lot: Lot, palette: Palette) -> Mesh:
    colour = palette.walls[int(rng.integers(len(palette.walls)))]
    floor = box((0, 0, 0), (lot.width_m, lot.depth_m, 0.12 * lot.height_m), colour)
    hall = box((0, 0, 0.12 * lot.height_m), (lot.width_m * 0.9, lot.depth_m * 0.9, 0.6 * lot.height_m), colour, COLUMNS)
    half = lot.width_m / 2
    gable = [(-half, 0.72 * lot.height_m), (half, 0.72 * lot.height_m), (0, lot.height_m)]
    return join_meshes([floor, hall, prism(gable, lot.depth_m / 2, _accent(rng, palette))])


def _low_hall(rng: np.random.Generator, lot: Lot, palette: Palette) -> Mesh:
    return join_meshes(
        [
            _block(rng, palette, lot, 0, 0.85 * lot.height_m, SLATS),
            box(
                (0, 0, 0.85 * lot.height_m),
                (lot.width_m * 0.9, lot.depth_m * 0.9, 0.15 * lot.height_m),
                _accent(rng, palette),
            ),
        ]
    )


def _pavilion(rng: np.random.Generator, lot: Lot, palette: Palette) -> Mesh:
    base = _block(rng, palette, lot, 0, 0.4 * lot.height_m, PLAIN)
    drum = cylinder((0, 0, 0.4 * lot.height_m), 0.4 * lot.side_m, 0.6 * lot.height_m, _NATURAL, layer=_grain(rng))
    return join_meshes([base, drum])


def lamp_post(height_m: float) -> Mesh:
    """A white ball on a stick."""
    stick = cylinder((0, 0, 0), 0.004, height_m - 0.04, (0.22, 0.22, 0.24), segments=5)
    return join_meshes([stick, ball((0, 0, height_m - 0.024), 0.024, (0.98, 0.97, 0.93), segments=10)])


def tree(rng: np.random.Generator, height_m: float) -> Mesh:
    """A toy tree: a cone or a ball on a peg."""
    green = (0.25 + 0.2 * rng.random(), 0.5 + 0.2 * rng.random(), 0.22 + 0.1 * rng.random())
    peg = cylinder((0, 0, 0), 0.008, 0.35 * height_m, _NATURAL, segments=5, layer=DARK_WOOD)
    radius = 0.26 * height_m
    if rng.random() < 0.5:
        crown = lathe((0, 0, 0.3 * height_m), [(radius, 0), (0.0, 0.7 * height_m)], green, segments=8)
    else:
        crown = ball((0, 0, 0.65 * height_m), radius * 1.2, green, segments=8)
    return join_meshes([peg, crown])
