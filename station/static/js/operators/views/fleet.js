/** The fleet: map, cars, waiting visitors, and what was picked. */

import { html, setText } from "../../dom.js";
import { createCarDetail } from "../car_detail.js";
import { CarTable } from "../car_table.js";
import { createEdgeDetail } from "../edge_detail.js";
import { FleetMap } from "../fleet_map.js";
import { createLegend } from "../legend.js";
import { QueueList } from "../queue_list.js";

const LOWEST_IN_SIGHT = 0.6; // of the window's height

export function createFleet(context) {
  const { i18n, watch, selection, city } = context;
  const heading = html("h1", { class: "view-title", tabindex: "-1" });
  const room = html("p", { class: "room" });
  const mapFrame = html("div", { class: "map-frame" });
  const legend = createLegend(i18n);
  const table = new CarTable(i18n, city, (carId) => pick({ carId }));
  const queue = new QueueList(i18n);
  const detailPlace = html("div", { class: "detail-place" });
  const root = html("section", { class: "view fleet" },
    html("div", { class: "fleet-head" }, heading, room),
    html("div", { class: "fleet-map" }, mapFrame, legend.root), detailPlace,
    html("div", { class: "fleet-lists" }, table.root, queue.root));
  let map = null;
  let detail = null;
  let shownDetail = null;
  let cameFrom = null;

  /** Who picks something goes on with it, and back when it is closed. */
  function pick({ carId, edge }) {
    cameFrom = document.activeElement;
    if (carId !== undefined) selection.pickCar(carId);
    else selection.pickEdge(edge);
    updateDetail();
    detail.heading.focus({ preventScroll: true });
    const { top } = detail.root.getBoundingClientRect();
    if (top < 0 || top > innerHeight * LOWEST_IN_SIGHT) detail.root.scrollIntoView();
  }

  function updateDetail() {
    const wanted = `${selection.carId} ${selection.edge}`;
    if (wanted !== shownDetail) enterDetail(wanted);
    detail?.update(watch.known);
  }

  function enterDetail(wanted) {
    const hadFocus = detailPlace.contains(document.activeElement);
    shownDetail = wanted;
    detail?.dispose();
    detail = null;
    if (selection.carId !== null) detail = createCarDetail(selection.carId, context);
    else if (selection.edge !== null) detail = createEdgeDetail(selection.edge, context);
    root.classList.toggle("with-detail", detail !== null);
    detailPlace.replaceChildren(...(detail ? [detail.root] : []));
    if (hadFocus && detail === null) cameFrom?.focus();
  }

  return {
    root,
    heading,
    update() {
      if (city() === null) return setText(heading, i18n.t("fleet.title"));
      if (map === null) {
        map = new FleetMap(city(), i18n, selection, pick);
        mapFrame.append(map.root);
        mapFrame.style.setProperty("--shape", map.shape);
      }
      const { known } = watch;
      const limit = known.fleet?.room_for_cars ?? null;
      setText(heading, i18n.t("fleet.title"));
      setText(room, limit === null ? "" : i18n.t("fleet.room", { count: known.cars.size, limit }));
      map.update(known);
      legend.update();
      table.update(known, selection.carId);
      queue.update(known);
      updateDetail();
    },
    reconnected: () => detail?.reconnected(),
    dispose() {
      map?.dispose();
      detail?.dispose();
    },
  };
}
