/**
 * Keys, gamepads and fingers on one pad: which switch is held, and what is asked for with it. Whatever makes it doubtful
 * that somebody holds the switch lets go of it.
 */

import { actionOf, fromGamepad, fromKeys, fromTouch } from "./drive_command.js";
import { dropped, pressed, RELEASED, released, voided } from "./drive_switch.js";

const KEY = "key";
const GAMEPAD = "gamepad";

export class DriveInputs {
  #pad;
  #onLetGo;
  #state = RELEASED;
  #keys = new Map();
  #steering = 0;
  #finger = null;
  #gamepadWasHeld = false;
  #ended = new AbortController();

  /** `pad` is the element that is focused or touched to drive; `onLetGo()` is called at once when the switch is let go. */
  constructor(pad, onLetGo) {
    this.#pad = pad;
    this.#onLetGo = onLetGo;
    const listen = (target, name, react) => target.addEventListener(name, react, { signal: this.#ended.signal });
    listen(pad, "keydown", (event) => this.#keyDown(event));
    listen(pad, "keyup", (event) => this.#keyUp(event));
    listen(pad, "blur", () => this.drop());
    listen(pad, "pointerdown", (event) => this.#fingerDown(event));
    listen(pad, "pointermove", (event) => this.#fingerMoved(event));
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
      listen(pad, end, (event) => this.#change(released(this.#state, pointer(event))));
    }
    listen(pad, "contextmenu", (event) => event.preventDefault());
    listen(window, "blur", () => this.drop());
    listen(window, "pagehide", () => this.drop());
    listen(document, "visibilitychange", () => document.hidden && this.drop());
  }

  get isHeld() {
    return this.#state.held !== null;
  }

  /** The command of this moment, `seconds` after the one before; null while the switch is not held. */
  command(seconds) {
    const gamepad = this.#pollGamepads();
    if (this.#state.held === null) {
      this.#steering = 0;
      return null;
    }
    if (this.#state.held === GAMEPAD) return gamepad;
    if (this.#state.held !== KEY) return this.#finger;
    const command = fromKeys(new Set(this.#keys.values()), this.#steering, seconds);
    this.#steering = command.steering;
    return command;
  }

  /** Forgets all that is pressed. */
  drop() {
    this.#keys.clear();
    this.#change(dropped());
  }

  /** What is held counts no more until it is let go and pressed again. */
  void() {
    this.#change(voided(this.#state));
  }

  dispose() {
    this.drop();
    this.#ended.abort();
  }

  #change(state) {
    const letGo = this.#state.held !== null && state.held === null;
    this.#state = state;
    if (letGo) this.#onLetGo();
  }

  #keyDown(event) {
    const action = actionOf(event.code);
    if (action === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault(); // neither scroll nor press a button
    if (event.repeat || this.#keys.has(event.code)) return;
    this.#keys.set(event.code, action);
    if (action === "switch") this.#change(pressed(this.#state, this.#keysDown("switch") === 1 ? KEY : event.code));
  }

  #keyUp(event) {
    const action = this.#keys.get(event.code);
    this.#keys.delete(event.code);
    if (action !== "switch") return;
    const state = released(this.#state, event.code);
    this.#change(this.#keysDown("switch") === 0 ? released(state, KEY) : state);
  }

  #keysDown(action) {
    return [...this.#keys.values()].filter((one) => one === action).length;
  }

  #fingerDown(event) {
    event.preventDefault();
    this.#pad.focus();
    this.#pad.setPointerCapture(event.pointerId);
    this.#change(pressed(this.#state, pointer(event)));
    this.#fingerMoved(event);
  }

  #fingerMoved(event) {
    if (this.#state.held !== pointer(event)) return;
    const box = this.#pad.getBoundingClientRect();
    this.#finger = fromTouch(event.clientX - box.left, event.clientY - box.top, box.width, box.height);
  }

  /** The command of the gamepad whose trigger is held, if one is. A trigger that went down meanwhile is a press. */
  #pollGamepads() {
    const commands = navigator.getGamepads().map((pad) => pad && fromGamepad(pad)).filter((command) => command);
    const isHeld = commands.length > 0 && document.hasFocus();
    if (commands.length > 1) this.void();
    else if (isHeld && !this.#gamepadWasHeld) this.#change(pressed(this.#state, GAMEPAD));
    else if (!isHeld && this.#gamepadWasHeld) this.#change(released(this.#state, GAMEPAD));
    this.#gamepadWasHeld = isHeld;
    return commands[0] ?? null;
  }
}

function pointer(event) {
  return `pointer ${event.pointerId}`;
}
