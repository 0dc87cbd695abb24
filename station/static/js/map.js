/** The city seen from above, with one car moving and one destination. */

import { CityDrawing } from "./city_drawing.js";
import { setText, svg } from "./dom.js";
import { GlidingCar } from "./gliding_car.js";

const LABEL_DISTANCE_M = 0.6; // to the right of the lane, beyond the pin's head
const LABEL_M = 0.22;

export class CityMap {
  #i18n;
  #drawing;
  #destination = null;
  #car = null;
  #label = null;
  #shown = { car: null, place: null };

  constructor(city, i18n) {
    this.#i18n = i18n;
    this.#drawing = new CityDrawing(city, { role: "img" });
    this.#drawing.show(() => this.#layers(), () => this.update(this.#shown.car, this.#shown.place));
  }

  get root() {
    return this.#drawing.root;
  }

  dispose() {
    this.#drawing.dispose();
  }

  /** `car` is a CarView or null, `place` a PlaceView or null. */
  update(car, place) {
    this.#shown = { car, place };
    this.#updateDestination(place);
    this.#car.place(this.#drawing.frame, car);
    const name = place ? this.#i18n.pick(place.names) : "";
    this.root.setAttribute("aria-label", this.#i18n.t("ride.map", { place: name }));
  }

  #layers() {
    this.#car = createCar();
    this.#destination = drawPin();
    this.#label = svg("text", { class: "map-label", "text-anchor": "middle", "font-size": LABEL_M });
    return [this.#destination, this.#car.root, this.#label];
  }

  #updateDestination(place) {
    this.#destination.classList.toggle("hidden", place === null);
    setText(this.#label, place ? this.#i18n.pick(place.names) : "");
    if (!place) return;
    const [x, y] = this.#drawing.frame.place([place.x_m, place.y_m]);
    this.#destination.setAttribute("transform", `translate(${x} ${y})`);
    this.#placeLabel(...this.#drawing.beside(place, -LABEL_DISTANCE_M));
  }

  /** Keeps the whole name inside the map. */
  #placeLabel(x, y) {
    const [left, top, width, height] = this.#drawing.frame.viewBox;
    const room = this.#label.getComputedTextLength() / 2;
    this.#label.setAttribute("x", clamp(x, left + room, left + width - room));
    this.#label.setAttribute("y", clamp(y + LABEL_M / 3, top + LABEL_M, top + height - LABEL_M / 3));
  }
}

function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}

function createCar() {
  return new GlidingCar([
    svg("circle", { class: "map-car-halo", r: 0.24, cx: 0.03 }),
    svg("rect", { class: "map-car-body", x: -0.09, y: -0.1, width: 0.26, height: 0.2, rx: 0.06 }),
    svg("path", { class: "map-car-window", d: "M.06 -.07h.03q.04 .07 0 .14h-.03z" }),
  ]);
}

function drawPin() {
  return svg("g", { class: "map-pin hidden" },
    svg("path", { d: "M0 0C-.05 -.12-.15 -.17-.15 -.3A.15 .15 0 0 1 .15 -.3C.15 -.17 .05 -.12 0 0z" }),
    svg("circle", { cy: -0.3, r: 0.06 }));
}
