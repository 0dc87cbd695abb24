/** Thank you, and the way back to the start, which goes by itself after a while. */

import { onwardButton } from "../buttons.js";
import { html, setText } from "../dom.js";

const BACK_AFTER_S = 15;

export function createThanks({ i18n, visitor }) {
  const heading = html("h1", { tabindex: "-1" });
  const text = html("p", { class: "lead" });
  const countdown = html("p", { class: "countdown" });
  const next = onwardButton("button-large", () => visitor.next());
  const root = html("section", { class: "screen thanks" },
    html("img", { class: "thanks-car", src: "/static/pictures/car.svg", alt: "" }),
    heading, text, next.root, countdown);
  let left = BACK_AFTER_S;
  const timer = setInterval(() => {
    left -= 1;
    if (left === 0) visitor.next();
    else update();
  }, 1000);

  function update() {
    setText(heading, i18n.t("thanks.title"));
    setText(text, i18n.t("thanks.text"));
    setText(next.label, i18n.t("thanks.next"));
    setText(countdown, i18n.t("thanks.countdown", { seconds: left }));
  }

  return { root, heading, update, dispose: () => clearInterval(timer) };
}
