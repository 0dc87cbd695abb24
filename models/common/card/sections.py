"""A card as its sections, which can be put in and replaced one by one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

LIMITS = "Limits"  # always the last section
_MARK = "## "
_FENCE = "```"


@dataclass(frozen=True, slots=True)
class Section:
    """What stands below a heading of the second level."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Card:
    """Everything in a card: what stands before the first section, and the sections."""

    head: str
    sections: tuple[Section, ...]

    @classmethod
    def parse(cls, text: str) -> Card:
        """Take a card apart; headings inside code blocks are none."""
        parts: list[list[str]] = [[]]
        in_code = False
        for line in text.splitlines():
            in_code ^= line.startswith(_FENCE)
            if line.startswith(_MARK) and not in_code:
                parts.append([])
            parts[-1].append(line)
        sections = (Section(lines[0].removeprefix(_MARK).strip(), _joined(lines[1:])) for lines in parts[1:])
        return cls(_joined(parts[0]), tuple(sections))

    def text(self) -> str:
        """The card as Markdown."""
        parts = [self.head, *(f"{_MARK}{section.title}\n\n{section.body}" for section in self.sections)]
        return "\n\n".join(parts) + "\n"

    def with_section(self, new: Section) -> Card:
        """The card with `new` in the place of the section of that title, or else before the limits."""
        titles = [section.title for section in self.sections]
        if new.title in titles:
            place = titles.index(new.title)
            others = [section for section in self.sections if section.title != new.title]
            return replace(self, sections=(*others[:place], new, *others[place:]))
        place = titles.index(LIMITS) if LIMITS in titles else len(titles)
        return replace(self, sections=(*self.sections[:place], new, *self.sections[place:]))


def add_section(card: Path, title: str, body: str) -> None:
    """Put a section into a card, in place of an older one of the same title, else before the limits.

    Args:
        card: an existing card.
        title: the section's heading, one line.
        body: Markdown; headings in it have to be of the third level or lower.

    Raises:
        ValueError: if title or body would not be one section when the card is read again.
        FileNotFoundError: if there is no such card.
    """
    found = Card.parse(f"{_MARK}{title}\n\n{body}\n")
    if [section.title for section in found.sections] != [title.strip()] or "\n" in title.strip():
        raise ValueError(f"{card}: {title!r} would not be one section; give a title of one line and headings with ###")
    text = Card.parse(card.read_text(encoding="utf-8")).with_section(found.sections[0]).text()
    card.write_text(text, encoding="utf-8")


def _joined(lines: list[str]) -> str:
    return "\n".join(lines).strip("\n")
