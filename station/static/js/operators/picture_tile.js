/** A car's picture on the wall: renewed as a still, and a button that shows the car large. */

import { html, setAttribute, setText } from "../dom.js";
import { carBadge } from "./car_colours.js";
import { carState, stateWords } from "./car_words.js";

export class PictureTile {
  #i18n;
  #carId;
  #frame = html("span", { class: "tile-frame" });
  #state = html("span", { class: "tile-state" });
  #missing = html("span", { class: "tile-missing" });
  #button;
  #count = 0;
  #hasPicture = null; // not known yet

  constructor(i18n, carId, onPick) {
    this.#i18n = i18n;
    this.#carId = carId;
    const name = html("span", { translate: "no" }, carId);
    this.#button = html("button", { class: "tile", type: "button", "data-car": carId, onclick: () => onPick(carId) },
      this.#frame, this.#missing, html("span", { class: "tile-name" }, carBadge(carId), name, this.#state));
    this.root = html("li", {}, this.#button);
  }

  update(car, picked) {
    setAttribute(this.#button, "data-state", carState(car));
    setAttribute(this.#button, "aria-pressed", String(picked));
    setText(this.#state, stateWords(this.#i18n, car));
    setText(this.#missing, this.#hasPicture === false ? this.#i18n.t("pictures.none") : "");
  }

  /** Fetches the next picture; `query` says which kind. Gives whether there was one. */
  async renew(query) {
    this.#count += 1;
    const image = html("img", { class: "tile-picture", alt: "" });
    image.src = `/api/cars/${encodeURIComponent(this.#carId)}/snapshot.jpg?${query}&load=${this.#count}`;
    try {
      await image.decode();
      this.#frame.replaceChildren(image);
      this.#hasPicture = true;
    } catch {
      this.#hasPicture = false;
    }
    return this.#hasPicture;
  }
}
