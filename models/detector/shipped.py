"""Where the detector lies that cars use unless they are given another."""

from __future__ import annotations

from pathlib import Path

SHIPPED_DETECTOR = Path(__file__).parents[1] / "shipped" / "detector.tflite"
