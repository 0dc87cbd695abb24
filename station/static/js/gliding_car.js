/** A car on a map that moves as views of it come in, and never jerks. */

import { svg } from "./dom.js";
import { unwrapped } from "./map_geometry.js";

const SLOWEST_GLIDE_MS = 1000;

export class GlidingCar {
  #turning;
  #angle = 0;
  #seenAt = 0;

  /** `turning`: what turns with the car's heading; `upright`: what does not. */
  constructor(turning, upright = [], attributes = {}) {
    this.#turning = svg("g", { class: "map-turning" }, ...turning);
    this.root = svg("g", { class: "map-car", ...attributes }, this.#turning, ...upright);
  }

  /** Shows the car of a view in a MapFrame; not at all for null, and where the car does not know its place. */
  place(frame, car) {
    const known = car !== null && car.x_m !== null && car.y_m !== null && car.heading_rad !== null;
    this.root.classList.toggle("hidden", !known);
    if (!known) {
      this.#seenAt = 0;
      return;
    }
    const [x, y] = frame.place([car.x_m, car.y_m]);
    this.#angle = unwrapped(this.#angle, frame.angle(car.heading_rad));
    this.#glide();
    this.root.style.transform = `translate(${x}px, ${y}px)`;
    this.#turning.style.transform = `rotate(${this.#angle}deg)`;
  }

  /** Views come at some rate: the car moves for as long as the last pause between two. */
  #glide() {
    const now = performance.now();
    const pause = this.#seenAt === 0 ? 0 : Math.min(now - this.#seenAt, SLOWEST_GLIDE_MS);
    this.#seenAt = now;
    for (const { style } of [this.root, this.#turning]) style.transitionDuration = `${pause}ms`;
  }
}
