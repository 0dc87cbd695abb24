/** Tells above the screen, in plain words, that the server is away or back. */

import { setText } from "./dom.js";

const ONLINE_MS = 4000;

export class Banner {
  #element;
  #i18n;
  #reachable = true;
  #timer = 0;

  constructor(element, i18n) {
    this.#element = element;
    this.#i18n = i18n;
  }

  /** The server is away, or is back. */
  connectionChanged(reachable) {
    clearTimeout(this.#timer);
    this.#reachable = reachable;
    this.#element.hidden = false;
    this.update();
    if (reachable) this.#timer = setTimeout(() => this.#hide(), ONLINE_MS);
  }

  /** Says the same in the language of now. */
  update() {
    this.#element.classList.toggle("banner-good", this.#reachable);
    setText(this.#element, this.#element.hidden ? "" : this.#i18n.t(this.#reachable ? "app.online" : "app.offline"));
  }

  #hide() {
    this.#element.hidden = true;
    this.update();
  }
}
