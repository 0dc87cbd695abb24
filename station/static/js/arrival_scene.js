/** The arrival: the car drives up to the place, bunting drops, confetti flies. It comes to rest by itself. */

import { html } from "./dom.js";

const CONFETTI = 44;
const GOLDEN_ANGLE = 2.39996; // spreads any number of pieces evenly

export function createArrivalScene() {
  const picture = html("img", { class: "arrival-picture", alt: "" });
  const root = html("div", { class: "arrival" },
    html("div", { class: "arrival-rays" }),
    html("img", { class: "arrival-bunting", src: "/static/pictures/bunting.svg", alt: "" }),
    picture,
    html("div", { class: "arrival-road" },
      html("img", { class: "arrival-car", src: "/static/pictures/car.svg", alt: "" })),
    html("div", { class: "arrival-confetti", "aria-hidden": "true" }, ...Array.from({ length: CONFETTI }, confetto)));
  return { root, picture };
}

/** Piece `index` lies on a spiral around the middle of the scene, in shares of the scene's size. */
function confetto(_, index) {
  const piece = html("i", { class: "confetto" });
  const radius = 12 + 42 * Math.sqrt((index + 1) / CONFETTI);
  piece.style.setProperty("--x", `${(radius * Math.cos(index * GOLDEN_ANGLE)).toFixed(1)}cqi`);
  piece.style.setProperty("--y", `${(radius * 0.62 * Math.sin(index * GOLDEN_ANGLE)).toFixed(1)}cqi`);
  piece.style.setProperty("--turn", `${(index * 67) % 360}deg`);
  piece.style.setProperty("--wait", `${0.9 + (index % 7) * 0.09}s`);
  return piece;
}
