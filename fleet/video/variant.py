"""The kinds of pictures that can be watched: few and fixed, so that viewers share what is encoded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar


class PictureSize(StrEnum):
    """How large a picture is, from the best to the lightest: about 25, 12, 6 and 2 KB with drawings."""

    FULL = "full"  # as wide and as good as the car has it
    COARSE = "coarse"  # as wide, of low quality
    MEDIUM = "medium"  # at most 320 pixels wide
    SMALL = "small"  # at most 160 pixels wide


class SizeChoice(StrEnum):
    """What a viewer asks for as `size`."""

    AUTO = "auto"  # whichever it keeps up with
    FULL = "full"
    COARSE = "coarse"
    MEDIUM = "medium"
    SMALL = "small"

    @property
    def fixed(self) -> PictureSize | None:
        """The size that was asked for; None for whichever fits."""
        return None if self is SizeChoice.AUTO else PictureSize(self.value)


class OverlayChoice(StrEnum):
    """What a viewer asks for as `overlay`."""

    ON = "on"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Variant:
    """One kind of picture."""

    size: PictureSize = PictureSize.FULL
    overlay: bool = True  # with what the car makes of it drawn on it

    @property
    def query(self) -> dict[str, str]:
        """What a car is asked for to get it."""
        overlay = OverlayChoice.ON if self.overlay else OverlayChoice.OFF
        return {"size": self.size.value, "overlay": overlay.value}


@dataclass(frozen=True, slots=True)
class StreamRequest:
    """What a viewer asked for."""

    size: SizeChoice = SizeChoice.AUTO
    overlay: OverlayChoice = OverlayChoice.ON

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> StreamRequest:
        """From `size` and `overlay` of an address.

        Raises:
            ValueError: naming the key, and what it may be.
        """
        return cls(
            _choice(SizeChoice, "size", query.get("size", SizeChoice.AUTO)),
            _choice(OverlayChoice, "overlay", query.get("overlay", OverlayChoice.ON)),
        )

    def variant(self, size: PictureSize) -> Variant:
        """The kind of picture, in a size."""
        return Variant(size, self.overlay is OverlayChoice.ON)

    @property
    def still(self) -> Variant:
        """The kind of a single picture, which need not keep up with anything."""
        return self.variant(self.size.fixed or PictureSize.FULL)


_Choice = TypeVar("_Choice", bound=StrEnum)


def _choice(kind: type[_Choice], key: str, value: str) -> _Choice:
    try:
        return kind(value)
    except ValueError as error:
        raise ValueError(f"{key}: may be {', '.join(kind)}, not {value[:20]!r}") from error
