/** The city seen from above: its roads and places, under whatever else a map shows. */

import { svg } from "./dom.js";
import { MapFrame, besideNearestLine, offsetLine } from "./map_geometry.js";
import { pictureOf } from "./places.js";

const EDGE_LINE_M = 0.045;
const KERB_M = 0.05;
const MARGIN_M = 0.5;
const PICTURE_M = 0.78;
const PICTURE_DISTANCE_M = 0.58; // to the left of the lane

export class CityDrawing {
  #city;
  #margin;
  #layers = () => [];
  #drawn = () => {};
  #observer;

  /** `attributes` are those of the drawing's element, `root`; `margin` is left round the city, in metres. */
  constructor(city, attributes, margin = MARGIN_M) {
    this.#city = city;
    this.#margin = margin;
    this.root = svg("svg", { class: "map", ...attributes });
    this.frame = null;
    this.#observer = new ResizeObserver(([{ contentRect }]) => {
      if (contentRect.height > 0) this.#draw(contentRect.width / contentRect.height);
    });
  }

  /** Draws now, and anew whenever the map turns: on the city what `layers()` gives; then `drawn()` is called. */
  show(layers, drawn) {
    this.#layers = layers;
    this.#drawn = drawn;
    this.#draw(1);
    this.#observer.observe(this.root);
  }

  dispose() {
    this.#observer.disconnect();
  }

  /** The spot in the drawing that lies `distance` metres to the left of the lane at a place. */
  beside(place, distance) {
    const lines = this.#city.lines.map((line) => line.points);
    return this.frame.place(besideNearestLine(lines, [place.x_m, place.y_m], distance));
  }

  #draw(aspect) {
    const frame = new MapFrame(this.#city.bounds_m, aspect, this.#margin);
    if (this.frame?.turned === frame.turned) return;
    this.frame = frame;
    this.root.setAttribute("viewBox", frame.viewBox.join(" "));
    const pictures = this.#city.places.map((place) => this.#drawPicture(place));
    this.root.replaceChildren(...this.#drawRoads(), ...pictures, ...this.#layers());
    this.#drawn();
  }

  /**
   * White strokes laid over coloured ones leave red and blue only at the outer edges of the road, because each
   * lane's surface covers the lines of the lanes that join it.
   */
  #drawRoads() {
    const half = this.#city.lane_width_m / 2 - EDGE_LINE_M / 2;
    const stroke = (points, name, width) => svg("path", {
      class: name, d: this.frame.path(points), "stroke-width": width,
    });
    const lines = this.#city.lines.map((line) => line.points);
    const layer = (drawn) => svg("g", { "aria-hidden": "true" }, ...lines.map(drawn));
    return [
      layer((points) => stroke(points, "map-kerb", this.#city.lane_width_m + 2 * KERB_M)),
      layer((points) => stroke(offsetLine(points, half), "map-left", EDGE_LINE_M)),
      layer((points) => stroke(offsetLine(points, -half), "map-right", EDGE_LINE_M)),
      layer((points) => stroke(points, "map-road", this.#city.lane_width_m - 2 * EDGE_LINE_M)),
    ];
  }

  #drawPicture(place) {
    const [x, y] = this.beside(place, PICTURE_DISTANCE_M);
    const half = PICTURE_M / 2;
    return svg("image", {
      href: pictureOf(place), x: x - half, y: y - half, width: PICTURE_M, height: PICTURE_M, "aria-hidden": "true",
    });
  }
}
