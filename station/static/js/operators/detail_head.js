/** The head of the panel of what was picked: its name, how it is, and a button that closes the panel. */

import { html, setAttribute, setText } from "../dom.js";
import { icon } from "../icons.js";

/** `name`: what stands in the heading; a heading that differs by language gets its text by `update`. */
export function createDetailHead(i18n, selection, ...name) {
  const heading = html("h2", { tabindex: "-1" }, ...name);
  const state = html("p", { class: "detail-state" });
  const close = html("button", { class: "detail-close", type: "button" }, icon("close"));
  close.addEventListener("click", () => selection.clear());

  return {
    root: html("div", { class: "detail-head" }, heading, state, close),
    heading,
    update(stateWords) {
      setText(state, stateWords);
      setAttribute(close, "aria-label", i18n.t("detail.close"));
    },
  };
}
