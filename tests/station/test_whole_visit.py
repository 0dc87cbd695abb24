"""A visit from the start to the next visitor, as people go through it."""

from __future__ import annotations

import math

import pytest
from playwright.sync_api import Browser, Page, expect

from fleet.messages import DriveMode
from fleet.views import RideState
from tests.station.double import CityDouble
from tests.station.serving import RunningDouble
from tests.station.visitor_page import VisitorPage

WHAT = ("start", "choose", "ride", "speed", "arrived", "thanks")
ENGLISH_START = "Ride through Pixelopolis"
TEXTS = {
    "en": (
        ENGLISH_START,
        "Where would you like to go?",
        "Next stop: Planetarium",
        "30 cm/s",
        "You have arrived!",
        "Thank you for riding along!",
    ),
    "ja": (
        "ピクセロポリスを走ろう",
        "どこに出かけるか選ぼう！",
        "プラネタリウムに向かっています",
        "30 cm/秒",
        "目的地に到着しました！",
        "ご乗車ありがとうございました！",
    ),
    "es": (
        "Pasea por Pixelópolis",
        "¿Adónde quieres ir?",
        "Próxima parada: Planetario",
        "30 cm/s",
        "¡Has llegado!",
        "¡Gracias por viajar con nosotros!",
    ),
    "th": (
        "นั่งรถเที่ยวพิกเซโลโพลิส",
        "อยากไปที่ไหนดี?",
        "ป้ายหน้า: ท้องฟ้าจำลอง",
        "30 ซม./วิ",
        "ถึงแล้ว!",
        "ขอบคุณที่ร่วมเดินทาง!",
    ),
    "ar": (
        "جولة في بيكسلوبوليس",
        "إلى أين تودّ الذهاب؟",
        "المحطة التالية: القبة السماوية",
        "30 سم/ث",
        "لقد وصلت!",
        "شكرًا لأنك رافقتنا!",
    ),
    "zh-Hans": ("乘车游 Pixelopolis", "想去哪里？", "下一站：天文馆", "30厘米/秒", "到啦！", "谢谢您的乘坐！"),
}
QUICK = {"en", "ar"}
CASES = [pytest.param(one, marks=() if one in QUICK else pytest.mark.slow) for one in TEXTS]


@pytest.mark.parametrize("language", CASES)
def test_whole_visit(page: Page, server: RunningDouble, double: CityDouble, language: str) -> None:
    texts = dict(zip(WHAT, TEXTS[language], strict=True))
    visitor = VisitorPage(page, server)
    visitor.speak(language)
    visitor.sees(texts["start"])
    assert page.evaluate("document.documentElement.lang") == language
    visitor.start()
    visitor.on("choose")
    visitor.sees(texts["choose"])
    assert page.locator(".place").count() == 5
    visitor.choose("planetarium")
    visitor.sees(texts["ride"])
    visitor.wait_for_video()
    visitor.picture_changes()
    double.drive(0.1)
    page.wait_for_timeout(1200)
    before = visitor.car_spot()
    double.drive(0.5)
    visitor.sees(texts["speed"])
    page.wait_for_timeout(1200)
    assert math.dist(before, visitor.car_spot()) > 20
    double.drive(1)
    visitor.on("arrived")
    visitor.sees(texts["arrived"])
    assert texts["arrived"] in page.title()
    page.locator(".arrived .button").click()
    visitor.on("thanks")
    visitor.sees(texts["thanks"])
    page.locator(".thanks .button").click()
    visitor.on("start")
    visitor.sees(ENGLISH_START)  # the next visitor meets the station's own language
    assert double.trip.state == RideState.ENDED
    assert double.trip.place_id == "planetarium"


def test_next_turn_follows_the_car(page: Page, server: RunningDouble, double: CityDouble) -> None:
    visitor = VisitorPage(page, server)
    visitor.start()
    visitor.choose("museum")
    double.drive_to_a_turn("left")
    visitor.sees("Left turn")
    double.drive_to_a_turn("forward")
    visitor.sees("Straight on")


def test_reasons_for_standing_are_told(page: Page, server: RunningDouble, double: CityDouble) -> None:
    visitor = VisitorPage(page, server)
    visitor.start()
    visitor.choose("museum")
    visitor.sees("Here we go! The car is setting off.")
    double.drive(0.2)
    expect(page.locator(".ride-note")).to_be_empty()
    double.set_mode(DriveMode.BLOCKED)
    visitor.sees("The road is busy. The car waits until it is clear.")
    double.set_mode(DriveMode.WAITING)
    visitor.sees("The car gives way at a crossing.")


def test_what_an_operator_does_with_the_car_is_told(page: Page, server: RunningDouble, double: CityDouble) -> None:
    visitor = VisitorPage(page, server)
    visitor.start()
    visitor.choose("museum")
    double.drive(0.2)
    expect(page.locator(".ride-note")).to_be_empty()
    double.set_operator(held=True)
    visitor.sees("The car has been asked to wait. It goes on in a moment.")
    double.set_operator(held=True, driven=True)
    visitor.sees("A member of staff is at the wheel for a moment.")
    double.set_operator(held=False)
    expect(page.locator(".ride-note")).to_be_empty()


def test_a_car_that_drives_round_until_its_turn_says_so(page: Page, server: RunningDouble, double: CityDouble) -> None:
    visitor = VisitorPage(page, server)
    visitor.start()
    visitor.choose("museum")
    double.drive(0.2)
    double.set_place_queue(3)
    visitor.sees("Many cars go there. Yours looks around the city until its turn: number 3.")
    double.set_place_queue(1)
    visitor.sees("Many cars go there. Yours looks around the city and is next.")
    double.set_operator(held=True)
    visitor.sees("The car has been asked to wait. It goes on in a moment.")
    double.set_operator(held=False)
    double.set_place_queue(None)
    expect(page.locator(".ride-note")).to_be_empty()


def test_waiting_in_line(page: Page, server: RunningDouble, double: CityDouble) -> None:
    double.car_free = False
    visitor = VisitorPage(page, server)
    visitor.start()
    visitor.on("waiting")
    visitor.sees("You are number 2 in line.")
    double.set_queue(1)
    visitor.sees("You are next!")
    double.free_a_car()
    visitor.on("choose")


def test_leaving_the_line_gives_the_booking_back(page: Page, server: RunningDouble, double: CityDouble) -> None:
    double.car_free = False
    visitor = VisitorPage(page, server)
    visitor.start()
    visitor.sees("You are number 2 in line.")
    with page.expect_response("**/cancel"):
        page.get_by_text("Leave the line").click()
    visitor.on("start")
    assert double.trip.state == RideState.CANCELLED


def test_ending_a_ride_is_asked_twice(page: Page, server: RunningDouble, double: CityDouble) -> None:
    visitor = VisitorPage(page, server)
    visitor.start()
    visitor.choose("landmark")
    page.locator(".ride-foot .button").click()
    page.keyboard.press("Escape")
    visitor.on("ride")
    page.locator(".ride-foot .button").click()
    with page.expect_response("**/cancel"):
        page.locator("dialog [value=yes]").click()
    visitor.on("start")
    assert double.trip.state == RideState.CANCELLED


def test_refused_place_can_be_chosen_anew(page: Page, server: RunningDouble, double: CityDouble) -> None:
    double.refuse_places = True
    visitor = VisitorPage(page, server)
    visitor.start()
    visitor.on("choose")
    page.locator("[data-place=museum]").click()
    visitor.sees("The car cannot go there right now. Please choose another place.")
    double.refuse_places = False
    visitor.choose("landmark")


def test_closed_places_say_so_and_cannot_be_chosen(page: Page, server: RunningDouble, double: CityDouble) -> None:
    visitor = VisitorPage(page, server)
    visitor.start()
    visitor.on("choose")
    expect(page.locator(".place-closed").locator("visible=true")).to_have_count(0)
    double.close_places("museum")
    visitor.sees("Closed for now")
    museum = page.get_by_role("button", name="Museum Closed for now")
    expect(museum).to_have_attribute("aria-disabled", "true")
    museum.focus()
    page.keyboard.press("Enter")
    museum.click(force=True)
    assert double.count("POST", "/destination") == 0
    double.close_places()
    expect(page.locator(".place-closed").locator("visible=true")).to_have_count(0)
    visitor.choose("museum")


def test_two_stations_at_once(browser: Browser, server: RunningDouble, double: CityDouble) -> None:
    visitors = []
    for name in ("north", "south"):
        page = browser.new_context(locale="en").new_page()
        visitor = VisitorPage(page, server, f"?station={name}")
        visitor.start()
        visitor.choose("museum" if name == "north" else "landmark")
        visitors.append(visitor)
    assert [trip.station.device_id for trip in double.trips] == ["north", "south"]
    assert [trip.place_id for trip in double.trips] == ["museum", "landmark"]
    for visitor in visitors:
        visitor.page.context.close()


def test_visitor_who_walked_away(page: Page, server: RunningDouble, double: CityDouble) -> None:
    page.clock.install()
    visitor = VisitorPage(page, server)
    visitor.start()
    visitor.on("choose")
    page.clock.fast_forward(61_000)
    visitor.sees("Are you still there?")
    page.keyboard.press("Enter")  # "I'm still here" has the focus
    visitor.on("choose")
    page.clock.fast_forward(61_000)
    visitor.sees("Are you still there?")
    with page.expect_response("**/cancel"):
        page.clock.run_for(21_000)
    visitor.on("start")
    assert double.trip.state == RideState.CANCELLED


def test_thanks_goes_back_to_the_start_by_itself(page: Page, server: RunningDouble, double: CityDouble) -> None:
    page.clock.install()
    visitor = VisitorPage(page, server)
    visitor.start()
    visitor.choose("museum")
    double.drive(1)
    visitor.on("arrived")
    with page.expect_response("**/end"):
        page.clock.fast_forward(46_000)  # nobody presses the button either
    visitor.on("thanks")
    page.clock.run_for(15_000)
    visitor.on("start")
    assert double.trip.state == RideState.ENDED
