/** Symbols, drawn as strokes in a square of 24 units. */

import { svg } from "./dom.js";

const STROKES = {
  forward: "M12 21V4M5 11l7-7 7 7",
  left: "M19 21v-6a4 4 0 0 0-4-4H4M10 5l-6 6 6 6",
  right: "M5 21v-6a4 4 0 0 1 4-4h11M14 5l6 6-6 6",
  follow: "M8 21c-3-6 5-6 3-11S12 3 12 3M17 21c-3-6 5-6 3-11s1-7 1-7",
  clock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 7v5l4 2",
  speed: "M4 18a9 9 0 1 1 16 0M12 14l4-5",
  pause: "M9 5v14M15 5v14",
  play: "M8 5v14l11-7z",
  onward: "M9 5l7 7-7 7",
  back: "M15 5l-7 7 7 7",
  stop: "M8 3h8l5 5v8l-5 5H8l-5-5V8zM9 9l6 6M15 9l-6 6",
  sound: "M4 9v6h4l5 4V5L8 9zM16 9a4 4 0 0 1 0 6M18.5 6.5a8 8 0 0 1 0 11",
  muted: "M4 9v6h4l5 4V5L8 9zM16 9.5l5 5M21 9.5l-5 5",
  close: "M6 6l12 12M18 6 6 18",
  warning: "M12 3 2 20h20zM12 10v4M12 17v.5",
};

/** Those that point along the direction of reading, and so the other way in a language that is written leftwards. */
const MIRRORED = new Set(["onward", "back"]);

/** A symbol without meaning for screen readers: a text stands beside it. */
export function icon(name) {
  const path = svg("path", { d: STROKES[name] });
  const style = MIRRORED.has(name) ? "icon icon-mirrored" : "icon";
  return svg("svg", { class: style, viewBox: "0 0 24 24", "aria-hidden": "true", "data-icon": name }, path);
}

/** Changes which symbol an icon shows. */
export function setIcon(element, name) {
  if (element.dataset.icon === name) return;
  element.dataset.icon = name;
  element.firstChild.setAttribute("d", STROKES[name]);
}
