/** The edges on the operators' map: to be picked, and marked where nobody may enter. */

import { setAttribute, setText, svg } from "../dom.js";
import { edgeState } from "./fleet_model.js";
import { keepOneStop, makeRoving } from "./roving.js";

const NUMBER_M = 0.15;
const NUMBER_AT = 0.3; // of the edge's length
const ARROW_AT = 0.68;
const MOST_NUMBERS = 60; // more would only cover the map

export const EDGE_STATES = {
  open: "edge.open",
  closed: "edge.closed",
  blocked: "edge.blocked",
  cut_off: "edge.cut_off",
};

export class EdgeMarks {
  #i18n;
  #marks;

  /** `lines`: the RoadLines; `frame`: the MapFrame; `laneWidth` in metres; `onPick(edge)` hears of a pick. */
  constructor({ i18n, lines, frame, laneWidth, onPick }) {
    this.#i18n = i18n;
    const numbered = lines.edges.length <= MOST_NUMBERS;
    this.#marks = lines.edges.map((edge) => createMark(edge, lines.ofEdge(edge), frame, laneWidth, numbered));
    this.root = svg("g", { class: "map-edges", role: "group" }, ...this.#marks.map(({ root }) => root));
    const items = () => this.#marks.map(({ root }) => root);
    makeRoving(this.root, items, (element) => onPick(Number(element.dataset.edge)));
    keepOneStop(items());
  }

  update(known, picked) {
    setAttribute(this.root, "aria-label", this.#i18n.t("map.edges"));
    for (const { edge, root } of this.#marks) {
      const state = edgeState(known.fleet, edge);
      setAttribute(root, "data-state", state);
      setAttribute(root, "aria-pressed", String(edge === picked));
      setAttribute(root, "aria-label", this.#i18n.t("map.edge", { edge, state: this.#i18n.t(EDGE_STATES[state]) }));
    }
  }
}

function createMark(edge, points, frame, laneWidth, numbered) {
  const d = frame.path(points);
  const stroke = (name, width) => svg("path", { class: name, d, "stroke-width": width });
  const root = svg("g", { class: "map-edge", role: "button", tabindex: "-1", "data-edge": edge },
    stroke("map-edge-touch", laneWidth * 1.25), stroke("map-edge-state", laneWidth * 0.62),
    stroke("map-edge-picked", laneWidth * 0.3), createArrow(points, frame),
    numbered ? createNumber(edge, points, frame) : null);
  return { edge, root };
}

/** Points along the direction of traffic. */
function createArrow(points, frame) {
  const index = Math.ceil(points.length * ARROW_AT);
  const [ahead, here] = [points[index], points[index - 1]];
  const heading = Math.atan2(ahead[1] - here[1], ahead[0] - here[0]);
  const [x, y] = frame.place(here);
  const transform = `translate(${x} ${y}) rotate(${frame.angle(heading)})`;
  return svg("path", { class: "map-arrow", d: "M-.05 -.06 .04 0-.05 .06", transform, "aria-hidden": "true" });
}

function createNumber(edge, points, frame) {
  const [x, y] = frame.place(points[Math.floor(points.length * NUMBER_AT)]);
  const number = svg("text", {
    class: "map-number", x, y: y + NUMBER_M / 3, "font-size": NUMBER_M, "text-anchor": "middle", "aria-hidden": "true",
  });
  setText(number, String(edge));
  return number;
}
