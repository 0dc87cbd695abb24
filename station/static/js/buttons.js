/** Buttons that lead on or back: their chevrons point along the direction of reading. */

import { html } from "./dom.js";
import { icon } from "./icons.js";

/** A button on to the next screen; its text goes into `label`. */
export function onwardButton(name, onclick) {
  const label = html("span");
  return { label, root: chevronButton(name, onclick, label, icon("onward")) };
}

/** A button that gives up what was begun. */
export function backButton(name, onclick) {
  const label = html("span");
  return { label, root: chevronButton(name, onclick, icon("back"), label) };
}

function chevronButton(name, onclick, ...children) {
  return html("button", { class: `button ${name} button-chevron`, type: "button", onclick }, ...children);
}
