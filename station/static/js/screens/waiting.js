/** No car yet: being called, or the visitor's place in line. */

import { backButton } from "../buttons.js";
import { html, setText } from "../dom.js";

export function createWaiting({ i18n, visitor }) {
  const heading = html("h1", { tabindex: "-1" });
  const place = html("p", { class: "place-in-line", role: "status" });
  const text = html("p", { class: "lead" });
  const leave = backButton("button-quiet", () => visitor.leave());
  const root = html("section", { class: "screen waiting" },
    html("div", { class: "loop", "aria-hidden": "true" },
      html("img", { class: "loop-car", src: "/static/pictures/car.svg", alt: "" })),
    heading, place, text, leave.root);

  return {
    root,
    heading,
    update({ ride }) {
      const inLine = ride !== null;
      const position = ride?.queue_position ?? null;
      setText(heading, i18n.t(inLine ? "waiting.title" : "waiting.calling_title"));
      setText(place, position === null ? "" : i18n.t("waiting.place_in_line", { position }));
      setText(text, i18n.t(inLine ? "waiting.text" : "waiting.calling_text"));
      setText(leave.label, i18n.t("waiting.leave"));
    },
  };
}
