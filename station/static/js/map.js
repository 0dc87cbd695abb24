/** The city seen from above, with one car moving and one destination. */

import { setText, svg } from "./dom.js";
import { MapFrame, besideNearestLine, offsetLine, unwrapped } from "./map_geometry.js";
import { pictureOf } from "./places.js";

const EDGE_LINE_M = 0.045;
const KERB_M = 0.05;
const MARGIN_M = 0.5;
const PICTURE_M = 0.78;
const PICTURE_DISTANCE_M = 0.58; // to the left of the lane, LABEL_DISTANCE_M to its right
const LABEL_DISTANCE_M = 0.6; // beyond the pin's head
const LABEL_M = 0.22;
const SLOWEST_GLIDE_MS = 1000;

export class CityMap {
  #city;
  #i18n;
  #frame = null;
  #destination = null;
  #car = null;
  #label = null;
  #angle = 0;
  #seenAt = 0;
  #observer;
  #shown = {};

  constructor(city, i18n) {
    this.#city = city;
    this.#i18n = i18n;
    this.root = svg("svg", { class: "map", role: "img" });
    this.#draw(1);
    this.#observer = new ResizeObserver(([{ contentRect }]) => {
      if (contentRect.height > 0) this.#draw(contentRect.width / contentRect.height);
    });
    this.#observer.observe(this.root);
  }

  dispose() {
    this.#observer.disconnect();
  }

  /** `car` is a CarView or null, `place` a PlaceView or null. */
  update(car, place) {
    this.#shown = { car, place };
    this.#updateDestination(place);
    this.#updateCar(car);
    const name = place ? this.#i18n.pick(place.names) : "";
    this.root.setAttribute("aria-label", this.#i18n.t("ride.map", { place: name }));
  }

  #draw(aspect) {
    const frame = new MapFrame(this.#city.bounds_m, aspect, MARGIN_M);
    if (this.#frame?.turned === frame.turned) return;
    this.#frame = frame;
    this.root.setAttribute("viewBox", frame.viewBox.join(" "));
    this.#car = drawCar();
    this.#destination = drawPin();
    this.#label = svg("text", { class: "map-label", "text-anchor": "middle", "font-size": LABEL_M });
    const pictures = this.#city.places.map((place) => this.#drawPicture(place));
    this.root.replaceChildren(...this.#drawRoads(), ...pictures, this.#destination, this.#car, this.#label);
    this.#seenAt = 0;
    this.update(this.#shown.car ?? null, this.#shown.place ?? null);
  }

  /**
   * White strokes laid over coloured ones leave red and blue only at the outer edges of the road, because each
   * lane's surface covers the lines of the lanes that join it.
   */
  #drawRoads() {
    const half = this.#city.lane_width_m / 2 - EDGE_LINE_M / 2;
    const stroke = (points, name, width) => svg("path", {
      class: name, d: this.#frame.path(points), "stroke-width": width,
    });
    const lines = this.#city.lines.map((line) => line.points);
    const layer = (drawn) => svg("g", {}, ...lines.map(drawn));
    return [
      layer((points) => stroke(points, "map-kerb", this.#city.lane_width_m + 2 * KERB_M)),
      layer((points) => stroke(offsetLine(points, half), "map-left", EDGE_LINE_M)),
      layer((points) => stroke(offsetLine(points, -half), "map-right", EDGE_LINE_M)),
      layer((points) => stroke(points, "map-road", this.#city.lane_width_m - 2 * EDGE_LINE_M)),
    ];
  }

  #drawPicture(place) {
    const [x, y] = this.#beside(place, PICTURE_DISTANCE_M);
    const half = PICTURE_M / 2;
    return svg("image", {
      href: pictureOf(place), x: x - half, y: y - half, width: PICTURE_M, height: PICTURE_M, "aria-hidden": "true",
    });
  }

  #updateDestination(place) {
    this.#destination.classList.toggle("hidden", place === null);
    setText(this.#label, place ? this.#i18n.pick(place.names) : "");
    if (!place) return;
    const [x, y] = this.#frame.place([place.x_m, place.y_m]);
    this.#destination.setAttribute("transform", `translate(${x} ${y})`);
    this.#placeLabel(...this.#beside(place, -LABEL_DISTANCE_M));
  }

  /** Keeps the whole name inside the map. */
  #placeLabel(x, y) {
    const [left, top, width, height] = this.#frame.viewBox;
    const room = this.#label.getComputedTextLength() / 2;
    this.#label.setAttribute("x", clamp(x, left + room, left + width - room));
    this.#label.setAttribute("y", clamp(y + LABEL_M / 3, top + LABEL_M, top + height - LABEL_M / 3));
  }

  #beside(place, distance) {
    const lines = this.#city.lines.map((line) => line.points);
    return this.#frame.place(besideNearestLine(lines, [place.x_m, place.y_m], distance));
  }

  #updateCar(car) {
    const known = car !== null && car.x_m !== null && car.y_m !== null && car.heading_rad !== null;
    this.#car.classList.toggle("hidden", !known);
    if (!known) {
      this.#seenAt = 0;
      return;
    }
    const [x, y] = this.#frame.place([car.x_m, car.y_m]);
    this.#angle = unwrapped(this.#angle, this.#frame.angle(car.heading_rad));
    this.#glide();
    this.#car.style.transform = `translate(${x}px, ${y}px) rotate(${this.#angle}deg)`;
  }

  /** Views come at some rate: the car moves for as long as the last pause between two, and so never jerks. */
  #glide() {
    const now = performance.now();
    const pause = this.#seenAt === 0 ? 0 : Math.min(now - this.#seenAt, SLOWEST_GLIDE_MS);
    this.#seenAt = now;
    this.#car.style.transitionDuration = `${pause}ms`;
  }
}

function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}

function drawCar() {
  return svg("g", { class: "map-car" },
    svg("circle", { class: "map-car-halo", r: 0.24, cx: 0.03 }),
    svg("rect", { class: "map-car-body", x: -0.09, y: -0.1, width: 0.26, height: 0.2, rx: 0.06 }),
    svg("path", { class: "map-car-window", d: "M.06 -.07h.03q.04 .07 0 .14h-.03z" }));
}

function drawPin() {
  return svg("g", { class: "map-pin hidden" },
    svg("path", { d: "M0 0C-.05 -.12-.15 -.17-.15 -.3A.15 .15 0 0 1 .15 -.3C.15 -.17 .05 -.12 0 0z" }),
    svg("circle", { cy: -0.3, r: 0.06 }));
}
