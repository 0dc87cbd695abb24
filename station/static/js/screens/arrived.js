/** The arrival: the place itself, large and festive. */

import { html, setAttribute, setText } from "../dom.js";
import { findPlace, pictureOf } from "../places.js";

const CONFETTI = 14;

export function createArrived({ i18n, visitor, city }) {
  const heading = html("h1", { tabindex: "-1" });
  const name = html("p", { class: "arrived-place" });
  const text = html("p", { class: "lead" });
  const picture = html("img", { class: "arrived-picture", alt: "" });
  const confetti = Array.from({ length: CONFETTI }, () => html("i", { class: "confetti" }));
  const finish = html("button", { class: "button button-large", type: "button", onclick: () => visitor.finish() });
  const root = html("section", { class: "screen arrived" },
    html("div", { class: "arrived-stage" }, html("div", { "aria-hidden": "true" }, ...confetti), picture),
    heading, name, text, finish);

  return {
    root,
    heading,
    update({ ride }) {
      const place = findPlace(city(), ride.place_id);
      if (place) setAttribute(picture, "src", pictureOf(place));
      setText(heading, i18n.t("arrived.title"));
      setText(name, place ? i18n.pick(place.names) : "");
      setText(text, i18n.t("arrived.text"));
      setText(finish, i18n.t("arrived.finish"));
    },
  };
}
