"""How good a detector is, for its card."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from models.common.card.markdown import table
from models.common.card.sections import add_section
from models.detector.evaluation.evaluate import Report

PICTURES, IN_USE = "Held-out pictures", "In use"


def add_report(card: Path, report: Report, command: str) -> None:
    """Put the figures of a set of pictures into a card, in place of older ones.

    Raises:
        FileNotFoundError: if there is no such card.
    """
    whole = report.whole
    classes = sorted(whole.per_class.items(), key=lambda item: -item[1]["ap50"])
    shown = f"{whole.images:,} pictures with {whole.objects:,} objects"
    times = f"{report.latency.p50_ms:.1f} ms in the median and {report.latency.p99_ms:.1f} ms at p99"
    body = [
        f"`{command}`, {shown}: **mAP50 {whole.map50:.3f}, mAP50:95 {whole.map50_95:.3f}**.",
        "",
        *table(
            ("class", "AP50", "AP50:95", "objects"),
            [(name, f"{v['ap50']:.3f}", f"{v['ap50_95']:.3f}", f"{v['objects']:.0f}") for name, v in classes],
        ),
        "",
        *table(
            ("slice", "mAP50", "mAP50:95", "objects", "pictures"),
            [
                (part.value, f"{p.map50:.3f}", f"{p.map50_95:.3f}", str(p.objects), str(p.images))
                for part, p in report.slices.items()
            ],
        ),
        "",
        f"A picture took {times} on that machine, cropping included.",
    ]
    add_section(card, PICTURES, "\n".join(body))


def add_drives(card: Path, lines: Sequence[str], command: str) -> None:
    """Put the figures of whole cars' drives into a card, in place of older ones.

    Raises:
        FileNotFoundError: if there is no such card.
    """
    add_section(card, IN_USE, "\n".join([f"`{command}`:", "", "```", *lines, "```"]))
