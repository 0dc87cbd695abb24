/** One button for each language, named in that language. */

import { html, setAttribute } from "./dom.js";

export class LanguageSwitch {
  #i18n;
  #buttons;

  constructor(place, i18n, onPick) {
    this.#i18n = i18n;
    this.root = place;
    this.#buttons = i18n.languages.map(({ tag, name, dir }) => html("button", {
      class: "language", type: "button", lang: tag, dir, onclick: () => onPick(tag),
    }, name));
    place.append(...this.#buttons);
  }

  update() {
    setAttribute(this.root, "aria-label", this.#i18n.t("app.languages"));
    for (const button of this.#buttons) {
      setAttribute(button, "aria-pressed", String(button.lang === this.#i18n.language.tag));
    }
  }
}
