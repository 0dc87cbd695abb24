"""Chimes: what they sound like, when they are to be heard, and that visitors can switch them off."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.station.conftest import Run
from tests.station.double import CityDouble
from tests.station.serving import RunningDouble
from tests.station.visitor_page import VisitorPage, wait_until

RATE_HZ = 22_050
LENGTH_S = 1.5
TUNES = {"choose": [523.25, 783.99], "arrived": [523.25, 659.26, 783.99, 1046.5], "interrupted": [329.63, 261.63]}
BETWEEN_S = 0.15

PLAY = f"""
const audio = new OfflineAudioContext(1, {LENGTH_S} * {RATE_HZ}, {RATE_HZ});
m.schedule(audio, m.CHIMES["%s"], 0);
return [...(await audio.startRendering()).getChannelData(0)];
"""

# Notes that the page has begun, whatever the loudspeaker does.
LISTEN = """
window.notes = [];
const create = AudioContext.prototype.createOscillator;
AudioContext.prototype.createOscillator = function () {
  const tone = create.call(this);
  const start = tone.start.bind(tone);
  tone.start = (at) => { window.notes.push(Math.round(tone.frequency.value * 100) / 100); start(at); };
  return tone;
};
"""


@pytest.mark.parametrize("screen", TUNES)
def test_a_chime_has_its_notes_one_after_the_other_and_ends(run: Run, screen: str) -> None:
    wave = np.array(run("chimes", PLAY % screen))
    assert 0.05 < np.abs(wave).max() < 0.5  # to be heard, and far from clipping
    assert np.abs(wave[-RATE_HZ // 10 :]).max() < 1e-3
    for index, frequency_hz in enumerate(TUNES[screen]):
        begin = int(index * BETWEEN_S * RATE_HZ)
        strength = np.abs(np.fft.rfft(wave[begin : begin + int(BETWEEN_S * RATE_HZ)], RATE_HZ))
        assert strength[round(frequency_hz)] > 0.5 * strength.max()


@pytest.fixture
def heard(context: BrowserContext, page: Page, server: RunningDouble) -> VisitorPage:
    context.add_init_script(LISTEN)
    return VisitorPage(page, server)


def notes(page: Page) -> list[float]:
    found: list[float] = page.evaluate("window.notes")
    return found


def test_a_visitor_hears_that_the_car_is_ready(page: Page, heard: VisitorPage) -> None:
    assert notes(page) == []
    heard.start()
    wait_until(page, "window.notes.length >= 2")
    assert notes(page) == TUNES["choose"]


def test_a_visitor_who_switched_the_sound_off_hears_nothing_and_the_next_one_does(
    page: Page, heard: VisitorPage, double: CityDouble
) -> None:
    button = page.locator(".sound")
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(button).to_have_accessible_name("Sound")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    heard.start()
    heard.choose("museum")
    double.drive(1)
    heard.on("arrived")
    assert notes(page) == []
    page.locator(".arrived .button").click()
    page.locator(".thanks .button").click()
    heard.on("start")
    expect(button).to_have_attribute("aria-pressed", "true")
    heard.start()
    heard.choose("museum")
    double.drive(1)
    wait_until(page, "window.notes.length >= 6")
    assert notes(page) == TUNES["choose"] + TUNES["arrived"]


def test_a_station_can_be_silent_from_the_start(context: BrowserContext, page: Page, server: RunningDouble) -> None:
    context.add_init_script(LISTEN)
    visitor = VisitorPage(page, server, "?sound=off")
    expect(page.locator(".sound")).to_have_attribute("aria-pressed", "false")
    visitor.start()
    visitor.on("choose")
    assert notes(page) == []
