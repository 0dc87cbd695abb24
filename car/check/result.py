"""What the trial of one part of a car has found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One line of the table.

    Attributes:
        part: what was tried.
        fit: whether a car can drive with it.
        found: what was measured, or the error.
        advice: what to do; empty if nothing.
    """

    part: str
    fit: bool
    found: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one trial measured, and what is wrong with it; each complaint tells what to do."""

    found: str
    complaints: tuple[str, ...] = ()


def tried(part: str, trial: Callable[[], Finding], advice: str) -> CheckResult:
    """The result of a trial; `advice` is for one that ends in an error."""
    try:
        finding = trial()
    except (RuntimeError, OSError, ValueError) as error:
        return CheckResult(part, False, str(error), advice)
    return CheckResult(part, not finding.complaints, finding.found, "; ".join(finding.complaints))


def complaints(*checks: tuple[bool, str]) -> tuple[str, ...]:
    """The advice of those checks that do not hold."""
    return tuple(advice for holds, advice in checks if not holds)
