"""What the operators' page costs before its pictures."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from tests.station.operators.live_city import LiveCity
from tests.station.operators.operator_page import OperatorPage

LARGEST_TRANSFER_BYTES = 300_000


def test_transfer_before_the_pictures(page: Page, live: LiveCity) -> None:
    loaded: list[dict[str, Any]] = []
    session = page.context.new_cdp_session(page)
    session.on("Network.loadingFinished", lambda event: loaded.append(event))
    session.send("Network.enable")
    live.log_in(page.context)
    OperatorPage(page, live).on("fleet")
    page.wait_for_selector(".map-cars .map-car:not(.hidden)")
    page.wait_for_timeout(1000)  # the other languages come last
    transferred = sum(int(one["encodedDataLength"]) for one in loaded)
    assert 50_000 < transferred < LARGEST_TRANSFER_BYTES
