"""Hard looks that a scene and a camera may be given: dark, glare, a strong colour cast, worn lines.

`strength` goes from 0 (nothing is changed) to 1 (as evaluation has it at most); training goes a little beyond.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from sim.render.photo import PhotoStyle
from sim.render.style import Colour, LightStyle, SceneStyle

EVALUATED_STRENGTH = (0.8, 1.0)
TRAINED_STRENGTH = (0.3, 1.1)


@dataclass(frozen=True, slots=True)
class Look:
    """What is done to a sampled scene, and to each sampled photo of it."""

    name: str
    scene: Callable[[SceneStyle, float, np.random.Generator], SceneStyle]
    photo: Callable[[PhotoStyle, float, np.random.Generator], PhotoStyle]


def _dimmed(light: LightStyle, factor: float) -> LightStyle:
    return replace(
        light,
        sun_strength=light.sun_strength * factor,
        ambient_strength=light.ambient_strength * factor,
        spot_strength=light.spot_strength * factor,
    )


def _same_photo(photo: PhotoStyle, strength: float, rng: np.random.Generator) -> PhotoStyle:  # noqa: ARG001
    return photo


def _dark_scene(style: SceneStyle, strength: float, rng: np.random.Generator) -> SceneStyle:
    """Light such that white paper comes out at a quarter of full scale."""
    level = style.light.sun_strength + style.light.ambient_strength
    wanted = float(rng.uniform(0.25, 0.35))
    factor = (1 - strength) + strength * min(1.0, wanted / max(level, 1e-3))
    sky = replace(style.sky, exposure=style.sky.exposure * factor)
    return replace(style, light=_dimmed(style.light, factor), sky=sky)


def _dark_photo(photo: PhotoStyle, strength: float, rng: np.random.Generator) -> PhotoStyle:
    """A sensor at its limit is noisy."""
    return replace(photo, noise=max(photo.noise, strength * float(rng.uniform(0.02, 0.04))))


def _glare_scene(style: SceneStyle, strength: float, rng: np.random.Generator) -> SceneStyle:
    brighter = 1 + strength * float(rng.uniform(0.1, 0.3))
    sky = replace(style.sky, exposure=style.sky.exposure * (1 + strength))
    return replace(style, light=_dimmed(style.light, brighter), sky=sky)


def _glare_photo(photo: PhotoStyle, strength: float, rng: np.random.Generator) -> PhotoStyle:
    """A lamp that shines into the lens: a white spot in the upper half, and a veil over all."""
    return replace(
        photo,
        glare=strength * float(rng.uniform(0.5, 0.8)),
        glare_at=(float(rng.uniform(0.1, 0.9)), float(rng.uniform(0.05, 0.5))),
        gamma=min(photo.gamma, 1.1),
    )


def _cast_scene(style: SceneStyle, strength: float, rng: np.random.Generator) -> SceneStyle:
    """Coloured lamps: one or two of the channels lose up to 60 %."""
    lost = strength * rng.uniform(0.4, 0.6) * _few_channels(rng)
    cast: Colour = tuple((np.array(style.light.cast) * (1 - lost)).tolist())
    return replace(style, light=replace(style.light, cast=cast))


def _few_channels(rng: np.random.Generator) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    channels = np.zeros(3)
    channels[rng.permutation(3)[: int(rng.integers(1, 3))]] = 1.0
    return channels


def _worn_scene(style: SceneStyle, strength: float, rng: np.random.Generator) -> SceneStyle:
    """Edge lines with gaps, on a stained road."""
    return replace(
        style,
        road=replace(
            style.road,
            line_wear=max(style.road.line_wear, strength * float(rng.uniform(0.6, 0.75))),
            dirt=max(style.road.dirt, strength * float(rng.uniform(0.3, 0.6))),
        ),
    )


LOOKS: dict[str, Look] = {
    look.name: look
    for look in (
        Look("dark", _dark_scene, _dark_photo),
        Look("glare", _glare_scene, _glare_photo),
        Look("colour_cast", _cast_scene, _same_photo),
        Look("worn_lines", _worn_scene, _same_photo),
    )
}


def look_named(name: str) -> Look:
    """The look called `name`.

    Raises:
        ValueError: if there is none; lists those that exist.
    """
    if name not in LOOKS:
        raise ValueError(f"there is no look {name!r}; known are {', '.join(LOOKS)}")
    return LOOKS[name]
