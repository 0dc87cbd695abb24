/** What all cars see: the picked one live and large, the others as stills that are renewed each second. */

import { html, setAttribute, setText } from "../../dom.js";
import { LiveVideo } from "../../video.js";
import { carsInOrder } from "../fleet_model.js";
import { PictureTile } from "../picture_tile.js";
import { Snapshots } from "../snapshots.js";

export function createPictures({ i18n, watch, selection }) {
  const heading = html("h1", { class: "view-title", tabindex: "-1" });
  const overlayText = html("span");
  const overlay = html("input", { type: "checkbox", checked: true, class: "check-box" });
  const video = new LiveVideo();
  const caption = html("figcaption", { class: "wall-caption" });
  const list = html("ul", { class: "tiles" });
  const empty = html("p", { class: "empty" });
  const tiles = new Map();
  const snapshots = new Snapshots((carId) => tiles.get(carId).renew(`size=medium&overlay=${overlayChoice()}`));
  const root = html("section", { class: "view pictures" },
    html("div", { class: "view-head" }, heading, html("label", { class: "check" }, overlay, overlayText)),
    html("div", { class: "wall" }, html("figure", { class: "wall-large" }, video.root, caption), list), empty);
  overlay.addEventListener("change", () => update());

  function overlayChoice() {
    return overlay.checked ? "on" : "off";
  }

  function updateLarge(carId) {
    const words = i18n.t("detail.video", { car: carId ?? "" });
    const path = carId && `/api/cars/${encodeURIComponent(carId)}/stream.mjpg?overlay=${overlayChoice()}`;
    video.show(path, words);
    setText(caption, carId ? words : "");
  }

  function updateTile(car, picked) {
    if (!tiles.has(car.car_id)) {
      tiles.set(car.car_id, new PictureTile(i18n, car.car_id, (carId) => selection.pickCar(carId)));
      list.append(tiles.get(car.car_id).root);
    }
    tiles.get(car.car_id).update(car, picked);
  }

  function update() {
    const cars = carsInOrder(watch.known);
    const large = selection.carId ?? cars[0]?.car_id ?? null;
    setText(heading, i18n.t("pictures.title"));
    setText(overlayText, i18n.t("pictures.overlay"));
    setText(empty, cars.length === 0 ? i18n.t("cars.none") : "");
    setAttribute(list, "aria-label", i18n.t("pictures.list"));
    for (const car of cars) updateTile(car, car.car_id === large);
    snapshots.want(cars.map((car) => car.car_id));
    updateLarge(large);
  }

  return {
    root,
    heading,
    update,
    reconnected: () => video.restart(),
    dispose() {
      snapshots.stop();
      video.stop();
    },
  };
}
