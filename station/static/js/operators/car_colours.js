/** The colour and the short name by which a car is told from the others, on the map and in lists. */

import { html, setText } from "../dom.js";

// White letters can be read on each of them, and neighbours in the row differ.
const COLOURS = [
  "#1f52dd", "#b3261e", "#1b7a3d", "#8a4b00", "#7a2fb5", "#00707a", "#b0186f", "#566000", "#41506a", "#a13d00",
  "#005a9c", "#6b3f2a",
];
const LAST_NUMBER = /(\d{1,3})$/;

/** `car-12` is 12; a car whose name has no number goes by its first letters. */
export function shortName(carId) {
  return LAST_NUMBER.exec(carId)?.[1] ?? carId.slice(0, 2);
}

export function colourOf(carId) {
  const number = Number(LAST_NUMBER.exec(carId)?.[1] ?? sumOfCodes(carId));
  return COLOURS[(number + COLOURS.length - 1) % COLOURS.length];
}

/** A badge with the short name in the car's colour; its full name stands beside it. */
export function carBadge(carId) {
  const badge = html("span", { class: "car-badge", "aria-hidden": "true" });
  badge.style.setProperty("--car", colourOf(carId));
  setText(badge, shortName(carId));
  return badge;
}

function sumOfCodes(text) {
  return [...text].reduce((sum, letter) => sum + letter.codePointAt(0), 0);
}
