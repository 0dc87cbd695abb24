"""Steering as the data sets write it (-1 … 1, right positive) and as geometry does (curvature, left positive)."""

from __future__ import annotations

# Full scale is a curve of 0.2 m radius: tighter than the tightest turn (0.32 m), to leave room for corrections.
MAX_CURVATURE_PER_M = 5.0


def steering_from_curvature(curvature_per_m: float) -> float:
    """Steering in [-1, 1] for a curvature in 1/m; beyond full scale it saturates."""
    return max(-1.0, min(1.0, -curvature_per_m / MAX_CURVATURE_PER_M))


def curvature_from_steering(steering: float) -> float:
    """Curvature in 1/m for a steering value; values outside [-1, 1] saturate."""
    return -max(-1.0, min(1.0, steering)) * MAX_CURVATURE_PER_M
