"""How a scene looks: everything that may differ between two renderings of the same city.

Colours are (red, green, blue), 0 to 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

Colour = tuple[float, float, float]

SKY_KINDS = ("day", "overcast", "dusk", "night", "hall", "greenhouse", "dark_hall")
# Few enough that sampled styles find most pictures drawn already; rotation, colours and wear vary freely.
SKY_SEEDS = 8  # of each kind
FIRST_HELD_OUT_SKY = 1000
ROAD_VARIANTS = ((0.016, 1), (0.018, 2), (0.02, 3), (0.024, 4))  # line width, seed of the stains

BUILDING_PALETTES = ("toy_blocks", "white", "wood", "pastel", "grey", "bright")


@dataclass(frozen=True, slots=True)
class SkyStyle:
    """What is around the city: one of `SKY_KINDS` drawn from `seed`, or a panorama picture from a file."""

    kind: str = "hall"
    seed: int = 0
    rotation_rad: float = 0.0
    exposure: float = 1.0
    panorama: Path | None = None  # equirectangular .jpg, .png, .hdr or .exr


@dataclass(frozen=True, slots=True)
class LightStyle:
    """One sun, light from everywhere, coloured spots on the ground, and the tint of the whole picture."""

    sun_azimuth_rad: float = math.radians(215.0)
    sun_elevation_rad: float = math.radians(52.0)
    sun_colour: Colour = (1.0, 0.97, 0.9)
    sun_strength: float = 0.5
    ambient_colour: Colour = (0.96, 0.98, 1.0)
    ambient_strength: float = 0.62
    shadow_softness_m: float = 0.02
    spot_count: int = 0
    spot_strength: float = 0.0
    spot_seed: int = 0
    cast: Colour = (1.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class RoadStyle:
    """The road surface, its two edge lines and what lies beside it."""

    road_colour: Colour = (0.97, 0.97, 0.96)
    left_colour: Colour = (0.86, 0.06, 0.07)
    right_colour: Colour = (0.06, 0.25, 0.88)
    pavement_colour: Colour = (0.93, 0.91, 0.86)
    ground_colour: Colour = (0.80, 0.72, 0.58)
    line_width_m: float = 0.02
    pavement_width_m: float = 0.06
    line_wear: float = 0.0  # 0 as painted, 1 nearly gone
    dirt: float = 0.05  # 0 clean, 1 dark stains
    seed: int = 0  # of the stains


@dataclass(frozen=True, slots=True)
class TownStyle:
    """What stands beside the road."""

    density: float = 0.9  # 0 none, 1 as many buildings as find room
    palette: str = "toy_blocks"
    max_height_m: float = 0.55
    lamp_posts: float = 0.8  # 0 none, 1 one every `LAMP_SPACING_M`
    trees: float = 0.5


@dataclass(frozen=True, slots=True)
class SceneStyle:
    """The look of a scene."""

    sky: SkyStyle = field(default_factory=SkyStyle)
    light: LightStyle = field(default_factory=LightStyle)
    road: RoadStyle = field(default_factory=RoadStyle)
    town: TownStyle = field(default_factory=TownStyle)

    @classmethod
    def default(cls) -> SceneStyle:
        """The look of the live city: white toy blocks in a bright hall."""
        return cls()

    @classmethod
    def sample(cls, rng: np.random.Generator, hardness: float = 0.5, *, held_out: bool = False) -> SceneStyle:
        """A random look; `hardness` 0 stays close to the default, 1 goes to dark, tinted and worn.

        `held_out` draws skies that are never drawn without it, for evaluation.

        Raises:
            ValueError: if `hardness` is not within 0 to 1.
        """
        if not 0.0 <= hardness <= 1.0:
            raise ValueError(f"hardness must be within 0 to 1, not {hardness}")
        return cls(
            _sample_sky(rng, hardness, held_out),
            _sample_light(rng, hardness),
            _sample_road(rng, hardness),
            _sample_town(rng, hardness),
        )

    def repainted(self, rng: np.random.Generator, hardness: float) -> SceneStyle:
        """The same scene in other colours, wear, dirt and tint: what changes without anything being drawn anew."""
        road = replace(_sample_road(rng, hardness), line_width_m=self.road.line_width_m, seed=self.road.seed)
        sky = replace(self.sky, rotation_rad=float(rng.uniform(0, 2 * math.pi)))
        cast = _sample_light(rng, hardness).cast
        return replace(self, road=road, sky=sky, light=replace(self.light, cast=cast))


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**31))


def _about(rng: np.random.Generator, colour: Colour, spread: float) -> Colour:
    """A colour near `colour`."""
    shifted = np.clip(np.array(colour) + rng.uniform(-spread, spread, 3), 0.0, 1.0)
    return float(shifted[0]), float(shifted[1]), float(shifted[2])


def _tint(rng: np.random.Generator, spread: float) -> Colour:
    """A factor for each channel; the brightest one is 1."""
    factors = rng.uniform(1.0 - spread, 1.0, 3)
    factors /= factors.max()
    return float(factors[0]), float(factors[1]), float(factors[2])


def _sample_sky(rng: np.random.Generator, hardness: float, held_out: bool) -> SkyStyle:
    return SkyStyle(
        kind=str(rng.choice(SKY_KINDS)),
        seed=int(rng.integers(SKY_SEEDS)) + (FIRST_HELD_OUT_SKY if held_out else 0),
        rotation_rad=float(rng.uniform(0, 2 * math.pi)),
        exposure=float(2.0 ** rng.uniform(-0.4 - 1.2 * hardness, 0.3 + 0.4 * hardness)),
    )


def _sample_light(rng: np.random.Generator, hardness: float) -> LightStyle:
    level = float(2.0 ** rng.uniform(-0.2 - 1.2 * hardness, 0.2 + 0.4 * hardness))
    share = float(rng.uniform(0.15, 0.6))
    spots = int(rng.integers(0, 5)) if rng.random() < 0.2 + 0.5 * hardness else 0
    return LightStyle(
        sun_azimuth_rad=float(rng.uniform(0, 2 * math.pi)),
        sun_elevation_rad=float(rng.uniform(math.radians(22), math.radians(80))),
        sun_colour=_tint(rng, 0.1 + 0.35 * hardness),
        sun_strength=1.2 * level * share,
        ambient_colour=_tint(rng, 0.05 + 0.3 * hardness),
        ambient_strength=1.1 * level * (1.0 - share),
        shadow_softness_m=float(rng.uniform(0.005, 0.05)),
        spot_count=spots,
        spot_strength=float(rng.uniform(0.1, 0.2 + 0.6 * hardness)),
        spot_seed=_seed(rng),
        cast=_tint(rng, 0.05 + 0.3 * hardness),
    )


def _sample_road(rng: np.random.Generator, hardness: float) -> RoadStyle:
    base = RoadStyle()
    spread = 0.03 + 0.12 * hardness
    line_width_m, seed = ROAD_VARIANTS[int(rng.integers(len(ROAD_VARIANTS)))]
    grey = float(rng.uniform(0.86 - 0.35 * hardness, 0.99))
    return RoadStyle(
        road_colour=_about(rng, (grey, grey, grey), 0.02 + 0.05 * hardness),
        left_colour=_about(rng, base.left_colour, spread),
        right_colour=_about(rng, base.right_colour, spread),
        pavement_colour=_about(rng, base.pavement_colour, 0.05 + 0.2 * hardness),
        ground_colour=_about(rng, base.ground_colour, 0.1 + 0.3 * hardness),
        line_width_m=line_width_m,
        pavement_width_m=float(rng.uniform(0.03, 0.075)),
        line_wear=float(rng.uniform(0.0, 0.1 + 0.4 * hardness)),
        dirt=float(rng.uniform(0.0, 0.1 + 0.7 * hardness)),
        seed=seed,
    )


def _sample_town(rng: np.random.Generator, hardness: float) -> TownStyle:
    return TownStyle(
        density=float(rng.uniform(0.5 - 0.5 * hardness, 1.0)),
        palette=str(rng.choice(BUILDING_PALETTES)) if rng.random() < 0.3 + 0.6 * hardness else "toy_blocks",
        max_height_m=float(rng.uniform(0.25, 0.8)),
        lamp_posts=float(rng.uniform(0.0, 1.0)),
        trees=float(rng.uniform(0.0, 1.0)),
    )
