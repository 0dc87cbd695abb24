"""The lane models that come with the program."""

from __future__ import annotations

from pathlib import Path

from models.lane.variants import VARIANTS, Variant

SHIPPED = Path(__file__).parents[1] / "shipped"


def shipped_model(variant: Variant) -> Path:
    """Where a variant's model lies, if it is shipped."""
    return SHIPPED / f"{variant.file_stem}.tflite"


def shipped_models() -> dict[str, Path]:
    """The models that are there, by variant."""
    return {name: shipped_model(variant) for name, variant in VARIANTS.items() if shipped_model(variant).is_file()}


def shipped_files() -> list[Path]:
    """The files that are there, each integer model's float twin behind it."""
    names = [f"{variant.file_stem}{ending}.tflite" for variant in VARIANTS.values() for ending in ("", "_float")]
    return [SHIPPED / name for name in names if (SHIPPED / name).is_file()]
