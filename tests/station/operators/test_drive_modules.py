"""The pure parts of driving by hand: from keys, sticks and fingers to commands, and the dead man's switch."""

from __future__ import annotations

import pytest

from fleet.driving import Denial
from fleet.messages import HandLimit
from tests.station.conftest import Run

SWITCH = """
const play = (...events) => events.reduce((state, [name, one]) => m[name](state, one), m.RELEASED);
"""


@pytest.mark.parametrize(
    ("events", "held"),
    [
        ([], None),
        ([("pressed", "key")], "key"),
        ([("pressed", "key"), ("pressed", "key")], "key"),
        ([("pressed", "key"), ("released", "key")], None),
        ([("pressed", "key"), ("released", "pointer 1")], "key"),
        ([("pressed", "key"), ("pressed", "gamepad")], None),
        ([("pressed", "key"), ("pressed", "gamepad"), ("released", "gamepad")], None),
        ([("pressed", "key"), ("pressed", "gamepad"), ("released", "key"), ("pressed", "key")], None),
        ([("pressed", "a"), ("pressed", "b"), ("released", "a"), ("released", "b"), ("pressed", "b")], "b"),
        ([("pressed", "key"), ("voided", None)], None),
        ([("pressed", "key"), ("voided", None), ("pressed", "key")], None),
        ([("pressed", "key"), ("voided", None), ("released", "key"), ("pressed", "key")], "key"),
        ([("pressed", "key"), ("dropped", None)], None),
        ([("pressed", "key"), ("dropped", None), ("pressed", "key")], "key"),
    ],
)
def test_only_one_switch_that_is_held_alone_counts(
    run: Run, events: list[tuple[str, str | None]], held: str | None
) -> None:
    listed = [[name, one] for name, one in events if one is not None or name in ("voided", "dropped")]
    text = str(listed).replace("None", "null")
    assert run("operators/drive_switch", f"{SWITCH} return play(...{text}).held") == held


def test_keys_are_told_by_their_place_on_the_keyboard(run: Run) -> None:
    codes = ["ArrowUp", "KeyW", "KeyA", "ArrowRight", "KeyS", "Space", "ShiftRight", "Tab", "KeyQ"]
    actions = run("operators/drive_command", f"return {codes}.map((code) => m.actionOf(code) ?? null)")
    assert actions == ["ahead", "ahead", "left", "right", "slow", "switch", "switch", None, None]


def test_keys_turn_the_wheel_little_by_little_and_back_faster(run: Run) -> None:
    steps = run("operators/drive_command", """
        const drive = (former, ...actions) => m.fromKeys(new Set(actions), former, 0.05);
        let steering = 0;
        const turned = [];
        for (let k = 0; k < 8; k += 1) turned.push(steering = drive(steering, "right", "ahead").steering);
        return {
          turned, back: drive(0.6).steering, over: drive(0.6, "left").steering,
          both: drive(0.6, "left", "right").steering,
          ahead: drive(0, "ahead").speed_mps, slow: drive(0, "ahead", "slow").speed_mps, none: drive(0).speed_mps,
        };
    """)  # fmt: skip
    assert steps["turned"][:2] == pytest.approx([0.125, 0.25])
    assert steps["turned"][-1] == pytest.approx(0.6)
    assert steps["back"] == steps["over"] == pytest.approx(0.35)
    assert steps["both"] == pytest.approx(0.35)
    assert (steps["ahead"] > 0.1, steps["slow"], steps["none"]) == (True, 0, 0)


def test_a_gamepad_is_held_by_its_trigger_and_a_stick_at_rest_steers_nothing(run: Run) -> None:
    commands = run("operators/drive_command", """
        const buttons = (trigger) => Array.from({ length: 8 }, (_, k) => ({ value: k === 7 ? trigger : 0 }));
        const pad = (axis, trigger, connected = true) => m.fromGamepad(
          { axes: [axis], connected, buttons: buttons(trigger) });
        return [pad(0.1, 1), pad(1, 0.5), pad(-1, 1), pad(1, 0.05), pad(1, 1, false),
                m.fromGamepad({ axes: [], buttons: [], connected: true })];
    """)  # fmt: skip
    assert commands[0]["steering"] == 0
    assert (commands[1]["steering"], commands[1]["speed_mps"]) == (1, pytest.approx(commands[2]["speed_mps"] / 2))
    assert commands[2]["steering"] == -1
    assert commands[3:] == [None, None, None]


def test_a_finger_steers_across_and_drives_upwards_and_leaves_no_range(run: Run) -> None:
    commands = run("operators/drive_command", """
        const at = ([x, y]) => m.fromTouch(x, y, 200, 150);
        return [[100, 75], [200, 0], [0, 150], [150, 37.5], [-50, -900], [900, 900]].map(
          (place) => [at(place).steering, at(place).speed_mps / m.FASTEST_MPS]);
    """)  # fmt: skip
    assert commands == [[0, 0], [1, 1], [-1, 0], [0.5, 0.5], [-1, 1], [1, 0]]


def test_every_reason_has_a_text(run: Run) -> None:
    """All that the server may say; `speed` is no limit worth a word."""
    denials, limits = [str(denial) for denial in Denial], [str(limit) for limit in HandLimit]
    texts = run("operators/drive_texts", f"""
        return [{denials}.map((denial) => m.textOf({{ denial, limited_by: null }})),
                {limits}.map((limited_by) => m.textOf({{ denial: null, limited_by }})),
                m.textOf({{ denial: null, limited_by: null }}), m.textOf({{ denial: "of tomorrow" }})];
    """)  # fmt: skip
    assert texts[0] == [f"drive.denial.{denial}" for denial in denials]
    named = [f"drive.limit.{limit}" for limit in limits if limit != HandLimit.SPEED]
    assert texts[1] == ["drive.driving", *named]
    assert texts[2:] == ["drive.driving", "drive.denial.invalid"]
