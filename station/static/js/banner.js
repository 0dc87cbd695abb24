/** Tells above the screen, in plain words, that the server is away or back. */

import { setText } from "./dom.js";

const ONLINE_MS = 4000;
const VISITORS_WORDS = { away: "app.offline", back: "app.online" };

export class Banner {
  #element;
  #i18n;
  #words;
  #reachable = true;
  #timer = 0;

  /** `words`: the catalogue keys {away, back}. */
  constructor(element, i18n, words = VISITORS_WORDS) {
    this.#element = element;
    this.#i18n = i18n;
    this.#words = words;
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
    const key = this.#reachable ? this.#words.back : this.#words.away;
    this.#element.classList.toggle("banner-good", this.#reachable);
    setText(this.#element, this.#element.hidden ? "" : this.#i18n.t(key));
  }

  #hide() {
    this.#element.hidden = true;
    this.update();
  }
}
