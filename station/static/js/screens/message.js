/** A screen that only says something. */

import { html, setText } from "../dom.js";

/** A creator of screens with these two texts. */
export function messageScreen(titleKey, textKey) {
  return ({ i18n }) => {
    const heading = html("h1", { tabindex: "-1" });
    const text = html("p", { class: "lead" });
    const picture = html("img", { class: "message-car", src: "/static/pictures/car.svg", alt: "" });
    return {
      root: html("section", { class: "screen message" }, picture, heading, text),
      heading,
      update() {
        setText(heading, i18n.t(titleKey));
        setText(text, i18n.t(textKey));
      },
    };
  };
}
