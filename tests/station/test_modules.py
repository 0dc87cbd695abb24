"""The page's pure modules, imported one by one in the browser."""

from __future__ import annotations

import pytest

from tests.station.conftest import Run

VISIT = """
const ride = (state, more = {}) => ({ ride_id: "r", state, place_id: null, ...more });
const play = (...events) => events.reduce(m.reduce, m.freshVisit());
const booked = (state, more) => [
  { type: "book", requestId: "q" }, { type: "booked", requestId: "q", ride: ride(state, more) }];
"""


def test_screen_follows_the_state_of_the_ride(run: Run) -> None:
    states = ["waiting", "choosing", "riding", "interrupted", "arrived", "ended", "cancelled"]
    screens = run("visit", f"{VISIT} return {states}.map((state) => play(...booked(state)).screen)")
    assert screens == ["waiting", "choose", "ride", "interrupted", "arrived", "thanks", "start"]


def test_late_view_does_not_unchoose_the_place(run: Run) -> None:
    screen = run("visit", f"{VISIT} return play(...booked('riding', {{ place_id: 'museum' }}),"
                 "{ type: 'ride', ride: ride('choosing') }).screen")  # fmt: skip
    assert screen == "ride"


def test_a_place_that_was_closed_is_chosen_anew_with_a_word_why(run: Run) -> None:
    visit = run("visit", f"""{VISIT}
        const unchosen = {{ type: "ride", ride: ride("choosing", {{ refused_place_id: "museum" }}) }};
        const visit = play(...booked("riding", {{ place_id: "museum" }}), unchosen, unchosen);
        const again = m.reduce(m.reduce(visit, {{ type: "choose", placeId: "landmark" }}),
                               {{ type: "ride", ride: ride("riding", {{ place_id: "landmark" }}) }});
        return [visit.screen, visit.notice, visit.wish, m.duty(visit), again.screen, m.reduce(again, unchosen).screen];
    """)  # fmt: skip
    assert visit == ["choose", "notice.place_refused", None, None, "ride", "ride"]


def test_views_of_other_rides_are_ignored(run: Run) -> None:
    screens = run("visit", f"""{VISIT}
        const other = {{ ...ride("arrived"), ride_id: "other" }};
        return [play(...booked("riding"), {{ type: "ride", ride: other }}).screen,
                play({{ type: "book", requestId: "q" }}, {{ type: "booked", requestId: "old", ride: other }}).screen]
    """)  # fmt: skip
    assert screens == ["ride", "waiting"]


def test_duties_come_one_after_the_other(run: Run) -> None:
    kinds = run("visit", f"""{VISIT}
        const seen = [];
        let visit = m.freshVisit();
        const after = (event) => {{ visit = m.reduce(visit, event); seen.push(m.duty(visit)?.kind ?? null); }};
        after({{ type: "book", requestId: "a" }});
        after({{ type: "leave" }});
        after({{ type: "book", requestId: "b" }});
        after({{ type: "parted", parting: visit.partings[0] }});
        after({{ type: "booked", requestId: "b", ride: ride("choosing") }});
        after({{ type: "choose", placeId: "museum" }});
        after({{ type: "ride", ride: ride("riding", {{ place_id: "museum" }}) }});
        after({{ type: "finish" }});
        return seen;
    """)  # fmt: skip
    assert kinds == ["book", "part", "part", "book", None, "destination", None, "part"]


def test_another_car_keeps_the_wish(run: Run) -> None:
    visit = run("visit", f"""{VISIT}
        return play(...booked("interrupted", {{ place_id: "museum" }}), {{ type: "anotherCar", requestId: "q2" }});
    """)  # fmt: skip
    assert (visit["screen"], visit["wish"], visit["requestId"]) == ("waiting", "museum", "q2")
    assert visit["partings"] == [{"requestId": "q", "rideId": "r", "verb": "cancel"}]


def test_stored_visit_comes_back(run: Run) -> None:
    back = run("visit", f"""{VISIT}
        const stored = (visit) => m.recalledVisit(JSON.parse(JSON.stringify(m.remembered(visit))));
        const riding = stored(play(...booked("riding", {{ place_id: "museum" }})));
        const over = stored(play(...booked("arrived"), {{ type: "finish" }}));
        return [riding.screen, riding.requestId, riding.wish, over.screen, over.partings.length,
                m.recalledVisit(null).screen, m.recalledVisit({{ partings: 3, requestId: 7 }}).screen];
    """)  # fmt: skip
    assert back == ["waiting", "q", "museum", "start", 1, "start", "start"]


@pytest.mark.parametrize(
    ("message", "values", "tag", "text"),
    [
        ("plain", {}, "en", "plain"),
        ("to {place}!", {"place": "the {odd} #1"}, "en", "to the {odd} #1!"),
        ("{n, plural, =1 {next} one {# car} other {# cars}}", {"n": 1}, "en", "next"),
        ("{n, plural, one {# car} other {# cars}}", {"n": 1}, "en", "1 car"),
        ("{n, plural, one {# car} other {# cars}}", {"n": 1234}, "en", "1,234 cars"),
        ("{n, plural, other {#台}}です", {"n": 1}, "ja", "1台です"),
        ("{n, plural, few {# few} many {# many} other {#}}", {"n": 3}, "ru", "3 few"),
        ("{n, plural, one {{who} has #} other {{who} have #}}", {"n": 2, "who": "We"}, "en", "We have 2"),
    ],
)
def test_messages(run: Run, message: str, values: dict[str, object], tag: str, text: str) -> None:
    assert run("i18n", f"return m.formatMessage({message!r}, {values!r}, {tag!r})") == text


@pytest.mark.parametrize("message", ["{", "{n", "{n, plural, other {#}", "{n, plural, {#}}", "{missing}"])
def test_broken_messages_are_refused(run: Run, message: str) -> None:
    statements = f"try {{ m.formatMessage({message!r}, {{ n: 1 }}, 'en') }} catch {{ return 'refused' }}"
    assert run("i18n", statements) == "refused"


def test_language_is_matched_by_its_first_part_too(run: Run) -> None:
    wanted = [["ja-JP", "en"], ["fr", "en-GB"], ["fr"], ["ZH-hant"]]
    matched = run("i18n", f"return {wanted}.map((tags) => m.matchLanguage(tags, ['en', 'ja', 'zh']))")
    assert matched == ["ja", "en", "en", "zh"]


def test_identifiers(run: Run) -> None:
    names = ["hall 3/left", "--x", "駅", "a" * 80]
    assert run("ids", f"return {names}.map(m.toIdentifier)") == ["hall-3-left", "x", "", "a" * 64]
    made = run("ids", "return Array.from({ length: 50 }, m.randomId)")
    assert len(set(made)) == 50


def test_map_turns_to_fill_its_frame(run: Run) -> None:
    turned = run("map_geometry", "return [0.5, 2].map((aspect) => new m.MapFrame([0, -1, 2, 3], aspect, 0).turned)")
    assert turned == [False, True]


@pytest.mark.parametrize("aspect", [0.5, 2.0])
def test_map_keeps_every_corner_and_heading(run: Run, aspect: float) -> None:
    """A step along a heading goes where the drawing's angle points, and the bounds stay inside the drawing."""
    result = run(
        "map_geometry",
        f"""
        const frame = new m.MapFrame([0, -1, 2, 3], {aspect}, 0.1);
        const [left, top, width, height] = frame.viewBox;
        const inside = [[0, -1], [2, -1], [0, 3], [2, 3]].map(frame.place, frame).every(
          ([x, y]) => x >= left && y >= top && x <= left + width && y <= top + height);
        const errors = [0, 1, 2.5, -2].map((heading) => {{
          const [x0, y0] = frame.place([1, 1]);
          const [x1, y1] = frame.place([1 + Math.cos(heading), 1 + Math.sin(heading)]);
          const angle = frame.angle(heading) * Math.PI / 180;
          return Math.hypot(x1 - x0 - Math.cos(angle), y1 - y0 - Math.sin(angle));
        }});
        return [inside, Math.max(...errors)];
    """,
    )
    assert result[0] is True
    assert result[1] < 1e-9


@pytest.mark.parametrize(
    ("part", "points"),
    [
        ("0.5, 1.5", [[0.5, 0], [1, 0], [1, 0.5]]),
        ("-1, 9", [[0, 0], [1, 0], [1, 2]]),
        ("0.25, 0.75", [[0.25, 0], [0.75, 0]]),
        ("4, 5", []),
    ],
)
def test_part_of_a_line(run: Run, part: str, points: list[list[float]]) -> None:
    assert run("map_geometry", f"return m.lineBetween([[0, 0], [1, 0], [1, 0], [1, 2]], {part})") == points


def test_lines_beside_lines(run: Run) -> None:
    beside = run("map_geometry", "return m.offsetLine([[0, 0], [1, 0], [2, 0]], 0.5)")
    assert beside == [[0, 0.5], [1, 0.5], [2, 0.5]]
    spot = run("map_geometry", "return m.besideNearestLine([[[0, 0], [0, 1]], [[5, 0], [5, 1]]], [4.9, 1], 1)")
    assert spot == [4, 1]
    assert run("map_geometry", "return [m.unwrapped(350, 10), m.unwrapped(-720, 5)]") == [370, -715]


@pytest.mark.parametrize(
    ("text", "events", "rest"),
    [
        ("", [], ""),
        ("event: ri", [], "event: ri"),
        ("event: ride\ndata: {}\n\n", [["ride", "{}"]], ""),
        ("event: ride\ndata: 1\n\ndata: 2\n\nevent:", [["ride", "1"], ["message", "2"]], "event:"),
        (": ping\n\nevent: ride\ndata: a: b\n\n", [["ride", "a: b"]], ""),
    ],
)
def test_events_out_of_a_stream_however_it_is_cut(run: Run, text: str, events: list[list[str]], rest: str) -> None:
    found = run("event_stream", f"""
        const {{ events, rest }} = m.parseEvents({text!r});
        return [events.map(({{ name, data }}) => [name, data]), rest];
    """)  # fmt: skip
    assert found == [events, rest]
