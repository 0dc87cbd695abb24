/** What an operator's hands ask for, as steering (-1 … 1, right positive) and speed. Pure. */

export const FASTEST_MPS = 0.14; // that the page asks for; each car has its own limit by hand
const KEYS_FULL = 0.6; // of full steering, by keys
const KEYS_PER_S = 2.5; // keys turn the wheel little by little, and let it back faster
const BACK_PER_S = 5;
const DEAD_ZONE = 0.12; // of a stick, which never rests exactly in the middle
const TRIGGER = 7; // of a gamepad in its standard mapping: the right one
const TRIGGER_HELD = 0.1;

const ACTIONS = {
  ArrowUp: "ahead", KeyW: "ahead",
  ArrowLeft: "left", KeyA: "left",
  ArrowRight: "right", KeyD: "right",
  ArrowDown: "slow", KeyS: "slow",
  Space: "switch", ShiftLeft: "switch", ShiftRight: "switch",
};

/** What a key does ("ahead", "slow", "left", "right", "switch"), by where it is on the keyboard; else undefined. */
export function actionOf(code) {
  return ACTIONS[code];
}

/** The command of keys that are down (a set of actions), `seconds` after the steering was `former`. */
export function fromKeys(actions, former, seconds) {
  const wanted = KEYS_FULL * (Number(actions.has("right")) - Number(actions.has("left")));
  const outwards = wanted !== 0 && wanted * former >= 0 && Math.abs(wanted) > Math.abs(former);
  const most = (outwards ? KEYS_PER_S : BACK_PER_S) * seconds;
  const steering = former + clamped(wanted - former, -most, most);
  const share = actions.has("ahead") && !actions.has("slow") ? 1 : 0;
  return { steering, speed_mps: share * FASTEST_MPS };
}

/** The command of a gamepad: its left stick steers, its right trigger is the switch and says how fast; null: let go. */
export function fromGamepad(pad) {
  const pressed = pad.buttons[TRIGGER]?.value ?? 0;
  if (!pad.connected || pressed < TRIGGER_HELD) return null;
  const stick = clamped(pad.axes[0] ?? 0, -1, 1);
  const beyond = Math.max(0, Math.abs(stick) - DEAD_ZONE) / (1 - DEAD_ZONE);
  return { steering: Math.sign(stick) * beyond, speed_mps: clamped(pressed, 0, 1) * FASTEST_MPS };
}

/** The command of a finger at (x, y) on a pad of a size, all in pixels: across steers, upwards from the middle drives. */
export function fromTouch(x, y, width, height) {
  const across = clamped((2 * x) / width - 1, -1, 1);
  const upwards = clamped(1 - (2 * y) / height, 0, 1);
  return { steering: across, speed_mps: upwards * FASTEST_MPS };
}

function clamped(value, lowest, highest) {
  return Math.min(highest, Math.max(lowest, value));
}
