"""How a model drives, for its card."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from models.common.card.markdown import table
from models.common.card.sections import add_section

TITLE = "Closed loop"
_HEAD = ("condition", "episodes", "departures", "wrong turns", "median survival", "mean lateral", "p95 lateral")
_CHOICES = "choices as commanded"


def add_figures(card: Path, figures: Mapping[str, Any], seed: int, command: str | None = None) -> None:
    """Put the closed-loop figures of `pixelopolis evaluate lane` into a card, in place of older ones.

    Args:
        card: an existing card.
        figures: in all, and by condition under "conditions".
        seed: of the evaluation.
        command: the command line that gave them, if it was not the plain one.

    Raises:
        FileNotFoundError: if there is no such card.
    """
    command = command or f"pixelopolis evaluate lane --episodes {figures['episodes']} --seed {seed}"
    rows = {"all": figures, **figures["conditions"]}
    counted = all("choices_taken" in row for row in rows.values())
    body = [
        f"`{command}`, conditions as below, in cities and looks that no training has seen.",
        "",
        *table((*_HEAD, _CHOICES) if counted else _HEAD, [_row(name, row, counted) for name, row in rows.items()]),
    ]
    if counted:
        body += ["", "A choice is a crossing from which there are several ways on, so that only the command tells."]
    add_section(card, TITLE, "\n".join(body))


def _row(condition: str, figures: Mapping[str, Any], counted: bool) -> tuple[str, ...]:
    row = (
        condition,
        str(figures["episodes"]),
        str(figures["departures"]),
        str(figures["wrong_turns"]),
        f"{figures['survival_s_median']} s",
        f"{1000 * figures['lateral_mean_m']:.1f} mm",
        f"{1000 * figures['lateral_p95_m']:.1f} mm",
    )
    return (*row, f"{figures['choices_as_commanded']} of {figures['choices_taken']}") if counted else row
