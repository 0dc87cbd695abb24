/** What the marks on the map mean. */

import { html, setText } from "../dom.js";

const MARKS = {
  released: "legend.released",
  kept: "legend.kept",
  closed: "edge.closed",
  blocked: "edge.blocked",
  cut_off: "edge.cut_off",
};

export function createLegend(i18n) {
  const items = Object.entries(MARKS).map(([mark, key]) => ({ key, mark, text: html("span") }));
  const root = html("ul", { class: "legend" }, ...items.map(({ mark, text }) => html("li", {},
    html("span", { class: `legend-mark legend-${mark.replace("_", "-")}`, "aria-hidden": "true" }), text)));
  return {
    root,
    update() {
      for (const { key, text } of items) setText(text, i18n.t(key));
    },
  };
}
