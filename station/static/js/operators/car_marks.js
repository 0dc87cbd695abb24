/** The cars on the operators' map: each with its number and colour, the road that it holds, and how it is. */

import { setAttribute, setText, svg } from "../dom.js";
import { GlidingCar } from "../gliding_car.js";
import { colourOf, shortName } from "./car_colours.js";
import { carState, stateWords } from "./car_words.js";
import { carsInOrder } from "./fleet_model.js";
import { keepOneStop, makeRoving } from "./roving.js";

const RADIUS_M = 0.17;
const NUMBER_M = 0.2;
const KEPT_SHARE = 0.72; // of the lane
const RELEASED_M = 0.07;

export class CarMarks {
  #i18n;
  #lines;
  #frame;
  #laneWidth;
  #marks = new Map();

  /** `lines`: the RoadLines; `frame`: the MapFrame; `laneWidth` in metres; `onPick(carId)` hears of a pick. */
  constructor({ i18n, lines, frame, laneWidth, onPick }) {
    this.#i18n = i18n;
    this.#lines = lines;
    this.#frame = frame;
    this.#laneWidth = laneWidth;
    this.roads = svg("g", { class: "map-roads", "aria-hidden": "true" });
    this.root = svg("g", { class: "map-cars", role: "group" });
    makeRoving(this.root, () => this.#elements(), (element) => onPick(element.dataset.car));
  }

  update(known, pickedCar) {
    setAttribute(this.root, "aria-label", this.#i18n.t("map.cars"));
    for (const car of carsInOrder(known)) this.#updateCar(car, car.car_id === pickedCar);
    const elements = this.#elements();
    if (elements.length > 0) keepOneStop(elements);
  }

  /** Those that are on the map now. */
  #elements() {
    return [...this.#marks.values()].map(({ car }) => car.root).filter((root) => !root.classList.contains("hidden"));
  }

  #updateCar(view, picked) {
    if (!this.#marks.has(view.car_id)) this.#add(view.car_id);
    const mark = this.#marks.get(view.car_id);
    if (mark.view !== view) this.#place(mark, view);
    const { car } = mark;
    setAttribute(car.root, "data-state", carState(view));
    setAttribute(car.root, "aria-pressed", String(picked));
    const words = { car: view.car_id, state: stateWords(this.#i18n, view) };
    setAttribute(car.root, "aria-label", this.#i18n.t("map.car", words));
  }

  /** Once for each view: a car glides for as long as the pause between two. */
  #place(mark, view) {
    mark.view = view;
    setAttribute(mark.kept, "d", this.#frame.path(this.#lines.kept(view)));
    setAttribute(mark.released, "d", this.#frame.path(this.#lines.released(view)));
    mark.car.place(this.#frame, view);
  }

  #add(carId) {
    const line = (name, width) => svg("path", { class: name, "stroke-width": width });
    const mark = {
      view: null,
      car: createCar(carId),
      kept: line("map-kept", this.#laneWidth * KEPT_SHARE),
      released: line("map-released", RELEASED_M),
    };
    for (const { style } of [mark.car.root, mark.kept, mark.released]) style.setProperty("--car", colourOf(carId));
    this.#marks.set(carId, mark);
    this.roads.append(mark.kept, mark.released);
    this.root.append(mark.car.root);
  }
}

function createCar(carId) {
  const number = svg("text", {
    class: "map-car-number", y: NUMBER_M * 0.36, "font-size": NUMBER_M, "text-anchor": "middle",
  });
  setText(number, shortName(carId));
  const ring = svg("circle", { class: "map-car-ring", r: RADIUS_M + 0.07 });
  const nose = svg("path", { class: "map-car-nose", d: "M.12 -.13 .31 0 .12 .13z" });
  const disc = svg("circle", { class: "map-car-disc", r: RADIUS_M });
  return new GlidingCar([nose], [ring, disc, number], { role: "button", tabindex: "-1", "data-car": carId });
}
