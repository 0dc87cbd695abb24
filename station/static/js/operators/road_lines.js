/** The lines of the roads that cars hold, in metres. Pure. */

import { lineBetween } from "../map_geometry.js";

export class RoadLines {
  #edges = new Map();
  #movements = new Map();

  /** `lines`: those of a CityView. */
  constructor(lines) {
    for (const { edge, next_edge: next, points } of lines) {
      if (next === null) this.#edges.set(edge, points);
      else this.#movements.set(`${edge} ${next}`, points);
    }
  }

  /** The ids of all edges, in rising order. */
  get edges() {
    return [...this.#edges.keys()].sort((one, other) => one - other);
  }

  ofEdge(edge) {
    return this.#edges.get(edge);
  }

  /** All that is kept for a car, with the ways through nodes; empty if nothing is. */
  kept(car) {
    return car.road === null ? [] : this.#along(car.road.edges);
  }

  /** From where a car is to where it may drive now; empty if it may not. */
  released(car) {
    const { road, position } = car;
    if (road === null || position === null || road.released_edge === null || position.edge !== road.edges[0]) return [];
    const before = road.edges.slice(0, road.edges.indexOf(road.released_edge));
    const start = this.#along([...before, road.released_edge]);
    const ahead = lengthOf(start) - lengthOf(this.#edges.get(road.released_edge));
    return lineBetween(start, position.s_m, ahead + road.released_s_m);
  }

  #along(edges) {
    return edges.flatMap((edge, index) => {
      const way = index === 0 ? [] : this.#movements.get(`${edges[index - 1]} ${edge}`) ?? [];
      return [...way, ...this.#edges.get(edge) ?? []];
    });
  }
}

/** Length of a polyline. */
export function lengthOf(points) {
  return points.reduce((sum, [x, y], index) => {
    const [fromX, fromY] = points[Math.max(index - 1, 0)];
    return sum + Math.hypot(x - fromX, y - fromY);
  }, 0);
}
