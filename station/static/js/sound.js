/** What a visitor hears: a chime when the car is ready, when it has arrived, and when it cannot go on. */

import { CHIMES, schedule } from "./chimes.js";

export class Sound {
  #audio = null;
  #initially;

  /** `isOn`: whether this station makes sounds, until a visitor switches them. */
  constructor(isOn) {
    this.#initially = isOn;
    this.isOn = isOn;
    // Browsers let a page make sounds from the first touch on.
    for (const type of ["click", "keydown"]) document.addEventListener(type, () => this.#wake(), { capture: true });
  }

  /** On or off, for this visitor. */
  toggle() {
    this.isOn = !this.isOn;
  }

  /** The next visitor finds it as it was. */
  forget() {
    this.isOn = this.#initially;
  }

  /** A screen has been entered. */
  announce(screen) {
    if (this.isOn && this.#audio !== null && screen in CHIMES) {
      schedule(this.#audio, CHIMES[screen], this.#audio.currentTime);
    }
  }

  #wake() {
    if ("AudioContext" in window) this.#audio ??= new AudioContext();
    if (this.#audio?.state === "suspended") this.#audio.resume();
  }
}
