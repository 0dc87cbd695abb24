/** The city from above with all cars, the roads that they hold, and the edges that nobody may enter. */

import { CityDrawing } from "../city_drawing.js";
import { setAttribute, setText, svg } from "../dom.js";
import { CarMarks } from "./car_marks.js";
import { EdgeMarks } from "./edge_marks.js";
import { RoadLines } from "./road_lines.js";

const MARGIN_M = 0.3;
const NAME_M = 0.14;
const NAME_DISTANCE_M = 0.58; // to the left of the lane, under the place's picture
const UNDER_PICTURE_M = 0.42;

export class FleetMap {
  #city;
  #i18n;
  #selection;
  #onPick;
  #drawing;
  #lines;
  #edges = null;
  #cars = null;
  #names = [];
  #shown = null;

  constructor(city, i18n, selection, onPick) {
    this.#city = city;
    this.#i18n = i18n;
    this.#selection = selection;
    this.#lines = new RoadLines(city.lines);
    this.#drawing = new CityDrawing(city, { role: "group" }, MARGIN_M);
    this.#onPick = onPick;
    this.#drawing.show(() => this.#layers(), () => this.update(this.#shown));
  }

  /** Width / height of the city as it lies broad. */
  get shape() {
    const [xMin, yMin, xMax, yMax] = this.#city.bounds_m;
    const sides = [xMax - xMin + 2 * MARGIN_M, yMax - yMin + 2 * MARGIN_M];
    return Math.max(...sides) / Math.min(...sides);
  }

  get root() {
    return this.#drawing.root;
  }

  dispose() {
    this.#drawing.dispose();
  }

  /** Shows what is known, or nothing yet for null. */
  update(known) {
    this.#shown = known;
    setAttribute(this.root, "aria-label", this.#i18n.t("map.label"));
    this.#updateNames(known?.fleet?.closed_places ?? []);
    if (known === null) return;
    this.#edges.update(known, this.#selection.edge);
    this.#cars.update(known, this.#selection.carId);
  }

  /** Crosses out the places to which no visitor can go. */
  #updateNames(closedPlaces) {
    for (const { place, text } of this.#names) {
      const isClosed = closedPlaces.includes(place.place_id);
      const name = this.#i18n.pick(place.names);
      setText(text, isClosed ? `✕ ${name}` : name);
      text.classList.toggle("map-closed", isClosed);
    }
  }

  #layers() {
    const shared = {
      i18n: this.#i18n, lines: this.#lines, frame: this.#drawing.frame, laneWidth: this.#city.lane_width_m,
    };
    this.#edges = new EdgeMarks({ ...shared, onPick: (edge) => this.#onPick({ edge }) });
    this.#cars = new CarMarks({ ...shared, onPick: (carId) => this.#onPick({ carId }) });
    this.#names = this.#city.places.map((place) => ({ place, text: this.#createName(place) }));
    return [this.#cars.roads, this.#edges.root, ...this.#names.map(({ text }) => text), this.#cars.root];
  }

  #createName(place) {
    const [x, y] = this.#drawing.beside(place, NAME_DISTANCE_M);
    return svg("text", { class: "map-label", x, y: y + UNDER_PICTURE_M, "font-size": NAME_M, "text-anchor": "middle" });
  }
}
