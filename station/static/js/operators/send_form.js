/** Where to send a car: to a place or to the end of an edge. */

import { html, setText } from "../dom.js";
import { EDGE_STATES } from "./edge_marks.js";
import { createChoice, setOptions } from "./fields.js";
import { edgeState } from "./fleet_model.js";

const PLACE = "place ";
const EDGE = "edge ";

/** `onSend(stop, name)` hears {place_id} or {edge}, and what it is called. */
export function createSendForm({ i18n, city, onSend }) {
  const choice = createChoice();
  const button = html("button", { class: "act" });
  const root = html("form", { class: "send-form", onsubmit: submit }, choice.root, button);

  function submit(event) {
    event.preventDefault();
    const { value } = choice.select;
    onSend(stopOf(value), choice.select.selectedOptions[0].textContent);
  }

  function options(fleet) {
    const { places, lines } = city();
    const edges = lines.filter((line) => line.next_edge === null);
    return [
      ...places.map((place) => ({ value: PLACE + place.place_id, text: i18n.pick(place.names) })),
      ...edges.map(({ edge }) => ({ value: EDGE + edge, text: edgeName(edge, edgeState(fleet, edge)) })),
    ];
  }

  function edgeName(edge, state) {
    if (state === "open") return i18n.t("edge.name", { edge });
    return i18n.t("map.edge", { edge, state: i18n.t(EDGE_STATES[state]) });
  }

  return {
    root,
    update(fleet) {
      setText(choice.name, i18n.t("send.where"));
      setText(button, i18n.t("send.button"));
      setOptions(choice.select, options(fleet));
    },
  };
}

function stopOf(value) {
  if (value.startsWith(PLACE)) return { place_id: value.slice(PLACE.length) };
  return { edge: Number(value.slice(EDGE.length)) };
}
