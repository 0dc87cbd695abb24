/** The car is lost in mid-ride: said in plain words, with a choice. */

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

  function keepWaiting() {
    waiting = true;
    update();
    another.focus();
  }

  function update() {
    setText(heading, i18n.t("interrupted.title"));
    setText(text, i18n.t(waiting ? "interrupted.waiting" : "interrupted.text"));
    setText(wait, i18n.t("interrupted.wait"));
    setText(another, i18n.t("interrupted.another"));
    setText(leave, i18n.t("interrupted.leave"));
    wait.hidden = waiting;
    another.classList.toggle("button-second", !waiting);
  }

  return { root, heading, update };
}
