"""What a viewer may ask for, and what a car is asked for on its behalf."""

from __future__ import annotations

import pytest

from fleet.video.variant import OverlayChoice, PictureSize, SizeChoice, StreamRequest, Variant


def test_what_is_not_said() -> None:
    request = StreamRequest.from_query({"load": "3"})
    assert request == StreamRequest(SizeChoice.AUTO, OverlayChoice.ON)
    assert request.size.fixed is None
    assert request.still == Variant(PictureSize.FULL, overlay=True)


@pytest.mark.parametrize("size", PictureSize)
@pytest.mark.parametrize("overlay", [True, False])
def test_a_car_understands_what_it_is_asked_for(size: PictureSize, overlay: bool) -> None:
    variant = Variant(size, overlay)
    request = StreamRequest.from_query(variant.query)
    assert request.size.fixed is size
    assert request.still == request.variant(size) == variant


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"size": "huge"}, "size: may be auto, full, coarse, medium, small, not 'huge'"),
        ({"overlay": "0"}, "overlay: may be on, off, not '0'"),
    ],
)
def test_what_is_no_choice_is_named(query: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        StreamRequest.from_query(query)
