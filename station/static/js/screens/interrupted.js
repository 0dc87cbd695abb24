/** The car is lost in mid-ride, or operators keep it: said in plain words, with a choice. */

import { html, setText } from "../dom.js";
import { icon } from "../icons.js";

export function createInterrupted({ i18n, visitor }) {
  const heading = html("h1", { tabindex: "-1" });
  const text = html("p", { class: "lead", role: "status" });
  const wait = html("button", { class: "button", type: "button", onclick: keepWaiting });
  const another = html("button", { class: "button", type: "button", onclick: () => visitor.anotherCar() });
  const leave = html("button", { class: "button button-quiet", type: "button", onclick: () => visitor.leave() });
  const root = html("section", { class: "screen interrupted" },
    html("div", { class: "interrupted-sign" }, icon("warning")),
    heading, text, html("div", { class: "answers" }, wait, another), leave);
  let waiting = false;
  let isHeld = false;

  function keepWaiting() {
    waiting = true;
    showTexts();
    another.focus();
  }

  function textKey() {
    if (waiting) return "interrupted.waiting";
    return isHeld ? "interrupted.held_text" : "interrupted.text";
  }

  function showTexts() {
    setText(heading, i18n.t(isHeld ? "interrupted.held_title" : "interrupted.title"));
    setText(text, i18n.t(textKey()));
    setText(wait, i18n.t("interrupted.wait"));
    setText(another, i18n.t("interrupted.another"));
    setText(leave, i18n.t("interrupted.leave"));
    wait.hidden = waiting;
    another.classList.toggle("button-second", !waiting);
  }

  return {
    root,
    heading,
    update({ ride }) {
      isHeld = ride.car?.held ?? false;
      showTexts();
    },
  };
}
