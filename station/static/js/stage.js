/** Shows the screen that belongs to a visit, and moves the keyboard's focus along. */

import { Screen } from "./visit.js";
import { createArrived } from "./screens/arrived.js";
import { createChoose } from "./screens/choose.js";
import { createInterrupted } from "./screens/interrupted.js";
import { createRide } from "./screens/ride.js";
import { createStart } from "./screens/start.js";
import { createThanks } from "./screens/thanks.js";
import { createWaiting } from "./screens/waiting.js";

const CREATORS = {
  [Screen.START]: createStart,
  [Screen.WAITING]: createWaiting,
  [Screen.CHOOSE]: createChoose,
  [Screen.RIDE]: createRide,
  [Screen.INTERRUPTED]: createInterrupted,
  [Screen.ARRIVED]: createArrived,
  [Screen.THANKS]: createThanks,
};

export class Stage {
  #place;
  #context;
  #name = null;
  #screen = null;

  /** `place` is the element that holds the screen; `context` goes to each screen's creator. */
  constructor(place, context) {
    this.#place = place;
    this.#context = context;
  }

  /** Brings the page up to date with the visit and the language. */
  show(visit) {
    if (visit.screen !== this.#name) this.#enter(visit.screen);
    this.#screen.update(visit);
    document.title = this.#context.i18n.t("app.title", { screen: this.#screen.heading.textContent });
  }

  /** The server is back after it was away. */
  reconnected() {
    this.#screen.reconnected?.();
  }

  focusHeading() {
    this.#screen.heading.focus({ preventScroll: true });
    scrollTo(0, 0);
  }

  #enter(name) {
    this.#screen?.dispose?.();
    this.#name = name;
    this.#screen = CREATORS[name](this.#context);
    document.body.dataset.screen = name;
    this.#place.replaceChildren(this.#screen.root);
  }
}
