"""What drives amount to: the figures of an evaluation, in all, by condition and for each drive."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.lane.evaluation.crossings import Crossings
from models.lane.evaluation.episodes import EPISODE_S, EpisodeResult


def figures(results: Sequence[EpisodeResult]) -> dict[str, Any]:
    """The figures of some drives, one or more.

    Lateral deviations are absolute, from the commanded line, over all frames of all drives; shares are of the lane's
    width; "drive_lateral" is of each drive's own mean. Time outside the lane counts from the first part of a wheel on.
    After a wrong turn a crossing counts as taken, not as commanded.

    Raises:
        ValueError: if there are no drives, or nobody drove a frame.
    """
    if not any(len(result.lateral_m) for result in results):
        raise ValueError("there are no drives to make figures of")
    lateral_m = np.concatenate([_deviations_m(result) for result in results])
    shares = np.concatenate([_deviations_m(result) / result.lane_width_m for result in results])
    crossings = sum((result.crossings for result in results), Crossings())
    return {
        "episodes": len(results),
        "departures": sum(result.why == "departure" for result in results),
        "wrong_turns": sum(result.why == "wrong_turn" for result in results),
        "survival_s_mean": _rounded(np.mean([result.seconds for result in results]), 2),
        "survival_s_median": _rounded(np.median([result.seconds for result in results]), 2),
        "distance_total_m": _rounded(sum(result.distance_m for result in results), 3),
        **_spread("distance_m", [result.distance_m for result in results]),
        "lane_width_m": _rounded(np.mean([result.lane_width_m for result in results]), 4),
        "lateral_mean_m": _rounded(lateral_m.mean(), 4),
        "lateral_median_m": _rounded(np.median(lateral_m), 4),
        "lateral_p95_m": _rounded(np.quantile(lateral_m, 0.95), 4),
        "lateral_mean_share": _rounded(shares.mean(), 4),
        "lateral_p95_share": _rounded(np.quantile(shares, 0.95), 4),
        **_spread("drive_lateral_m", [_mean_m(result) for result in results]),
        **_spread("outside_s", [result.outside_s for result in results]),
        "crossings_taken": crossings.taken,
        "crossings_as_commanded": crossings.as_commanded,
        "choices_taken": crossings.choices_taken,
        "choices_as_commanded": crossings.choices_as_commanded,
        "cities": len({result.episode.city for result in results}),
        "looks": sum(result.saw_pictures for result in results),  # each episode draws one of its own
    }


def report(results: Sequence[EpisodeResult], variant: str) -> dict[str, Any]:
    """Figures in all, for each condition, and a row for each drive.

    Args:
        results: the drives.
        variant: who drove, as on the command line.
    """
    names = dict.fromkeys(result.episode.condition.name for result in results)
    by_condition = {
        name: figures([result for result in results if result.episode.condition.name == name]) for name in names
    }
    return {
        "variant": variant,
        **figures(results),
        "conditions": by_condition,
        "drives": [drive_row(result, variant) for result in results],
    }


def drive_row(result: EpisodeResult, variant: str) -> dict[str, Any]:
    """One drive, with the command line that drives it again."""
    episode, deviations_m = result.episode, _deviations_m(result)
    return {
        "seed": episode.seed,
        "index": episode.index,
        "condition": episode.condition.name,
        "city": episode.city,
        "why": result.why,
        "seconds": result.seconds,
        "distance_m": _rounded(result.distance_m, 3),
        "lateral_mean_m": _rounded(_mean_m(result), 4),
        "lateral_p95_m": _rounded(np.quantile(deviations_m, 0.95), 4) if len(deviations_m) else 0.0,
        "outside_s": result.outside_s,
        "crossings_taken": result.crossings.taken,
        "crossings_as_commanded": result.crossings.as_commanded,
        "choices_taken": result.crossings.choices_taken,
        "choices_as_commanded": result.crossings.choices_as_commanded,
        "again": _again(result, variant),
    }


def _again(result: EpisodeResult, variant: str) -> str:
    episode = result.episode
    words = ["pixelopolis", "evaluate", "lane", "--variant", variant, "--seed", str(episode.seed)]
    words += ["--only", str(episode.index), "--condition", episode.condition.name, "--city", episode.city]
    words += [] if episode.seconds == EPISODE_S else ["--seconds", str(episode.seconds)]
    return shlex.join(words)


def _spread(name: str, values: Sequence[float]) -> dict[str, float]:
    """Mean, median and 95th percentile over drives; the unit is the last word of `name`."""
    stem, _, unit = name.rpartition("_")
    return {
        f"{stem}_mean_{unit}": _rounded(np.mean(values), 4),
        f"{stem}_median_{unit}": _rounded(np.median(values), 4),
        f"{stem}_p95_{unit}": _rounded(np.quantile(values, 0.95), 4),
    }


def _deviations_m(result: EpisodeResult) -> NDArray[np.float64]:
    return np.abs(result.lateral_m.astype(np.float64))


def _mean_m(result: EpisodeResult) -> float:
    return float(_deviations_m(result).mean()) if len(result.lateral_m) else 0.0


def _rounded(value: float | np.floating[Any], decimals: int) -> float:
    return round(float(value), decimals)
