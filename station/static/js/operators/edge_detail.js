/** The edge that was picked: how it is, who holds it, and closing or opening it. */

import { html, setAttribute, setText } from "../dom.js";
import { createDetailHead } from "./detail_head.js";
import { EDGE_STATES } from "./edge_marks.js";
import { carsHolding, edgeState } from "./fleet_model.js";

const EXPLANATIONS = {
  open: "edge.open_text",
  closed: "edge.closed_text",
  blocked: "edge.blocked_text",
  cut_off: "edge.cut_off_text",
};

/** `edge`: its id; the other arguments are the page's context. */
export function createEdgeDetail(edge, { i18n, api, acts, watch, selection }) {
  const head = createDetailHead(i18n, selection);
  const text = html("p");
  const holders = html("p");
  const act = html("button", { class: "act", type: "button", onclick: change });
  const root = html("section", { class: "detail card", "data-edge": edge },
    head.root, text, holders, html("div", { class: "detail-acts" }, act));
  let isClosed = false;

  async function change() {
    const [key, verb] = isClosed ? ["act.open", "open"] : ["act.close", "close"];
    const fleet = await acts.run({ key, values: { edge } }, () => api.ofEdge(edge, verb));
    if (fleet !== null) watch.take("fleet", fleet);
  }

  return {
    root,
    heading: head.heading,
    update(known) {
      const now = edgeState(known.fleet, edge);
      isClosed = now === "closed";
      const cars = carsHolding(known, edge).map((car) => car.car_id);
      setAttribute(root, "data-state", now);
      setText(head.heading, i18n.t("edge.name", { edge }));
      head.update(i18n.t(EDGE_STATES[now]));
      setText(text, i18n.t(EXPLANATIONS[now]));
      setText(holders, cars.length === 0 ? i18n.t("edge.nobody") : i18n.t("edge.holders", { cars: cars.join(", ") }));
      setText(act, i18n.t(isClosed ? "edge.open_button" : "edge.close_button"));
    },
    reconnected() {},
    dispose() {},
  };
}
