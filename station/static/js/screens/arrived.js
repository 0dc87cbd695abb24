/** The arrival: the place itself, large and festive. */

import { createArrivalScene } from "../arrival_scene.js";
import { html, setAttribute, setText } from "../dom.js";
import { findPlace, pictureOf } from "../places.js";

/** Without a `visitor`, the screen is to watch only. */
export function createArrived({ i18n, visitor, city }) {
  const scene = createArrivalScene();
  const heading = html("h1", { tabindex: "-1" });
  const name = html("p", { class: "arrived-place" });
  const text = html("p", { class: "lead" });
  const finish = visitor && html("button", {
    class: "button button-large", type: "button", onclick: () => visitor.finish(),
  });
  const root = html("section", { class: "screen arrived" },
    scene.root, html("div", { class: "arrived-words" }, heading, name, text, finish));

  return {
    root,
    heading,
    update({ ride }) {
      const place = findPlace(city(), ride.place_id);
      if (place) setAttribute(scene.picture, "src", pictureOf(place));
      setText(heading, i18n.t("arrived.title"));
      setText(name, place ? i18n.pick(place.names) : "");
      setText(text, i18n.t("arrived.text"));
      if (finish) setText(finish, i18n.t("arrived.finish"));
    },
  };
}
