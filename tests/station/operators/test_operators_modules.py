"""The pure modules of the operators' page, and those that need no server, imported one by one in the browser."""

from __future__ import annotations

import pytest

from tests.station.conftest import Run

FLEET = """
const car = (more) => ({ car_id: "car-1", status: "online", faults: [], fault_codes: [], held: false, errand: null,
                         battery_low: false, road: null, position: null, mode: "driving", wait_reason: null, ...more });
const ride = (more) => ({ ride_id: "r", state: "waiting", ...more });
const fleet = { stopped: false, closed_edges: [3], blocked_edges: [3, 4], cut_off_edges: [5] };
const known = (...views) => views.reduce((all, [kind, view]) => m.withView(all, kind, view), m.NOTHING_KNOWN);
"""
LINES = """
const lines = new m.RoadLines([
  { edge: 1, next_edge: null, points: [[0, 0], [1, 0]] }, { edge: 2, next_edge: null, points: [[2, 0], [3, 0]] },
  { edge: 1, next_edge: 2, points: [[1, 0], [2, 0]] }]);
const car = (s_m, released_edge, released_s_m, edge = 1) => ({
  position: { edge, s_m, next_edge: null }, road: { edges: [1, 2], released_edge, released_s_m } });
"""


def test_rides_that_are_over_are_forgotten_and_waiting_ones_queue(run: Run) -> None:
    queue = run("operators/fleet_model", f"""{FLEET}
        const all = known(["ride", ride({{ ride_id: "b", queue_position: 2 }})],
                          ["ride", ride({{ queue_position: 1 }})],
                          ["ride", ride({{ ride_id: "c", state: "riding" }})],
                          ["ride", ride({{ ride_id: "d" }})], ["ride", ride({{ ride_id: "d", state: "ended" }})]);
        return [m.queueOf(all).map((one) => one.ride_id), all.rides.size];
    """)  # fmt: skip
    assert queue == [["r", "b"], 3]


def test_cars_are_in_the_order_of_their_numbers(run: Run) -> None:
    ids = run("operators/fleet_model", f"""{FLEET}
        const cars = ["car-10", "car-2", "car-1"].map((car_id) => ["car", car({{ car_id }})]);
        return m.carsInOrder(known(...cars)).map((one) => one.car_id);
    """)  # fmt: skip
    assert ids == ["car-1", "car-2", "car-10"]


def test_a_closed_edge_is_called_so_whatever_else_it_is(run: Run) -> None:
    states = run("operators/fleet_model", f"{FLEET} return [2, 3, 4, 5].map((edge) => m.edgeState(fleet, edge))")
    assert states == ["open", "closed", "blocked", "cut_off"]


def test_news_of_cars_that_fall_silent_come_back_or_have_a_fault(run: Run) -> None:
    news = run("operators/fleet_model", f"""{FLEET}
        const fault = (code, words) => ({{ faults: [words], fault_codes: [code] }});
        const blind = (age) => fault("camera", `camera: newest picture is ${{age}} s old`);
        const steps = [{{}}, {{ status: "lost" }}, {{ status: "lost" }}, {{}}, fault("board", "board: no answer"),
                       blind(0.3), blind(0.4), fault("other", "one"), fault("other", "another")];
        const states = steps.map((more) => known(["car", car(more)]));
        return states.slice(1).map((state, index) => m.newsBetween(states[index], state).map((one) => one.kind));
    """)  # fmt: skip
    fault = ["car_fault"]
    assert news == [["car_lost"], [], ["car_back"], fault, fault, [], fault, fault]


@pytest.mark.parametrize(
    ("before", "after", "is_step"),
    [
        ('["car", car({})]', '["car", car({ speed_mps: 1 })]', False),
        ('["car", car({})]', '["car", car({ held: true })]', True),
        ('["ride", ride({})]', '["ride", ride({ eta_s: 3 })]', False),
        ('["ride", ride({})]', '["ride", ride({ state: "choosing" })]', True),
        ('["fleet", fleet]', '["fleet", { ...fleet, stopped: true }]', True),
    ],
)
def test_only_what_is_in_the_history_counts_as_a_step(run: Run, before: str, after: str, is_step: bool) -> None:
    statements = f"{FLEET} const first = known({before}); return m.isStep(first, m.withView(first, ...{after}))"
    assert run("operators/fleet_model", statements) is is_step


@pytest.mark.parametrize(
    ("car", "points"),
    [
        ("car(0.5, 1, 1)", [[0.5, 0], [1, 0]]),
        ("car(0.5, 2, 0.25)", [[0.5, 0], [1, 0], [1, 0], [2, 0], [2, 0], [2.25, 0]]),
        ("car(1.5, 2, 0.25)", [[1.5, 0], [2, 0], [2, 0], [2.25, 0]]),
        ("car(0.5, null, null)", []),
        ("car(0.1, 2, 0.25, 2)", []),
    ],
)
def test_released_road_leads_from_the_car_through_the_node(run: Run, car: str, points: list[list[float]]) -> None:
    found = run("operators/road_lines", f"{LINES} return lines.released({car})")
    assert _without_doubles(found) == _without_doubles(points)


def _without_doubles(points: list[list[float]]) -> list[list[float]]:
    return [point for index, point in enumerate(points) if index == 0 or point != points[index - 1]]


def test_a_stop_is_repeated_until_it_is_answered(run: Run) -> None:
    said = run("operators/stop_order", """
        const said = [];
        const stop = async (signal, onFailure) => { onFailure(new Error()); onFailure(new Error()); return "stopped"; };
        const order = new m.StopOrder({ stop, onAnswer: (answer) => said.push(answer), onChange() {} });
        const given = order.give();
        said.push(order.isPending, order.failures);
        await given;
        return [...said, order.isPending, order.isRefused];
    """)  # fmt: skip
    assert said == [True, 2, "stopped", False, False]


def test_a_stop_that_is_given_again_begins_anew(run: Run) -> None:
    answers = run("operators/stop_order", """
        const answers = [];
        let count = 0;
        const stop = (signal) => new Promise((resolve, reject) => {
          count += 1;
          if (count === 2) resolve(count);
          signal.addEventListener("abort", () => reject(signal.reason));
        });
        const order = new m.StopOrder({ stop, onAnswer: (answer) => answers.push(answer), onChange() {} });
        await Promise.all([order.give(), order.give()]);
        return [...answers, order.isPending, order.isRefused];
    """)  # fmt: skip
    assert answers == [2, False, False]


def test_a_stop_that_is_refused_says_so(run: Run) -> None:
    order = run("operators/stop_order", """
        const stop = async (signal, onFailure) => {
          const error = Object.assign(new Error(), { words: "not from here" });
          onFailure(error);
          throw error;
        };
        const order = new m.StopOrder({ stop, onAnswer() {}, onChange() {} });
        await order.give();
        return [order.isPending, order.isRefused, order.words];
    """)  # fmt: skip
    assert order == [False, True, "not from here"]


def test_a_log_is_read_page_by_page_and_has_no_gap(run: Run) -> None:
    read = run("operators/log_reader", """
        let newest = 120;
        const asked = [];
        const fetchPage = async (before) => {
          asked.push(before);
          const first = Math.min(newest, (before ?? Infinity) - 1);
          return Array.from({ length: Math.min(50, first) }, (_, index) => ({ number: first - index }));
        };
        const reader = new m.LogReader(fetchPage, () => {});
        const seen = () => [reader.entries.length, reader.entries[0].number, reader.isComplete];
        await reader.renew();
        const sights = [seen()];
        newest = 300;
        await reader.renew();
        sights.push(seen(), reader.entries.every((entry, index) => entry.number === 300 - index));
        for (let count = 0; count < 2; count += 1) await reader.earlier();
        return [...sights, seen(), asked];
    """)  # fmt: skip
    assert read[:3] == [[50, 120, False], [230, 300, False], True]
    assert read[3:] == [[300, 300, True], [None, None, 251, 201, 151, 71, 21]]


def test_few_pictures_are_asked_for_at_once_and_each_again(run: Run) -> None:
    counts = run("operators/snapshots", """
        let open = 0;
        let most = 0;
        const asked = new Map();
        const snapshots = new m.Snapshots(async (carId) => {
          open += 1;
          most = Math.max(most, open);
          asked.set(carId, (asked.get(carId) ?? 0) + 1);
          await new Promise((resolve) => setTimeout(resolve, 20));
          open -= 1;
          return carId !== "car-3";
        });
        snapshots.want(["car-1", "car-2", "car-3", "car-4"]);
        await new Promise((resolve) => setTimeout(resolve, 1500));
        snapshots.stop();
        return [most, Object.fromEntries(asked)];
    """)  # fmt: skip
    assert counts == [2, {"car-1": 2, "car-2": 2, "car-3": 1, "car-4": 2}]


def test_cars_are_told_apart_by_number_and_colour(run: Run) -> None:
    names = run("operators/car_colours", """
        const ids = ["car-1", "car-12", "rover"];
        return [ids.map(m.shortName), new Set(ids.map(m.colourOf)).size];
    """)  # fmt: skip
    assert names == [["1", "12", "ro"], 3]
