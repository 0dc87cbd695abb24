/** No car yet: being called, or the visitor's place in line. */

import { backButton } from "../buttons.js";
import { html, setText } from "../dom.js";
import { createPauseButton } from "../pause_button.js";

export function createWaiting({ i18n, visitor }) {
  const heading = html("h1", { tabindex: "-1" });
  const place = html("p", { class: "place-in-line", role: "status" });
  const text = html("p", { class: "lead" });
  const leave = backButton("button-quiet", () => visitor.leave());
  const loop = html("div", { class: "loop" },
    html("img", { class: "loop-car", src: "/static/pictures/car.svg", alt: "" }));
  const pause = createPauseButton(i18n, loop);
  loop.append(pause.root);
  const root = html("section", { class: "screen waiting" }, loop, heading, place, text, leave.root);

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
      pause.update();
    },
  };
}
