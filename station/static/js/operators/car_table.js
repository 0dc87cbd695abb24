/** All cars as a table: how each is, its battery, and when it was heard last. */

import { html, setAttribute, setText } from "../dom.js";
import { carBadge } from "./car_colours.js";
import { carState, purposeWords, reasonWords, stateWords } from "./car_words.js";
import { carsInOrder, rideOf } from "./fleet_model.js";
import { delay, duration, percent } from "./quantities.js";
import { allFaultWords } from "./server_words.js";

const COLUMNS = ["column.car", "column.state", "column.battery", "column.heard"];

export class CarTable {
  #i18n;
  #city;
  #onPick;
  #rows = new Map();
  #heads = COLUMNS.map((key) => ({ key, cell: html("th", { scope: "col", role: "columnheader" }) }));
  #body = html("tbody", { role: "rowgroup" });
  #caption = html("caption");
  #empty = html("p", { class: "empty" });

  /** `city()` gives the CityView; `onPick(carId)` hears of a pick. */
  constructor(i18n, city, onPick) {
    this.#i18n = i18n;
    this.#city = city;
    this.#onPick = onPick;
    const heads = html("tr", { role: "row" }, ...this.#heads.map(({ cell }) => cell));
    const table = html("table", { class: "car-table", role: "table" },
      this.#caption, html("thead", { role: "rowgroup" }, heads), this.#body);
    this.root = html("div", { class: "cars card" }, table, this.#empty);
  }

  update(known, pickedCar) {
    const cars = carsInOrder(known);
    setText(this.#caption, this.#i18n.t("cars.title", { count: cars.length }));
    for (const { key, cell } of this.#heads) setText(cell, this.#i18n.t(key));
    setText(this.#empty, cars.length === 0 ? this.#i18n.t("cars.none") : "");
    for (const car of cars) this.#updateRow(car, rideOf(known, car), car.car_id === pickedCar);
    this.#keepOrder(cars);
  }

  #updateRow(car, ride, picked) {
    if (!this.#rows.has(car.car_id)) this.#rows.set(car.car_id, createRow(car.car_id, this.#onPick));
    const row = this.#rows.get(car.car_id);
    setAttribute(row.root, "data-state", carState(car));
    row.root.classList.toggle("picked", picked);
    setAttribute(row.button, "aria-pressed", String(picked));
    setText(row.state, stateWords(this.#i18n, car));
    setText(row.reason, reasonWords(this.#i18n, car));
    setText(row.faults, allFaultWords(this.#i18n, car));
    setText(row.purpose, purposeWords(this.#i18n, this.#city(), car, ride));
    this.#updateBattery(row, car);
    this.#updateHeard(row, car);
  }

  #updateBattery(row, car) {
    row.battery.classList.toggle("bad", car.battery_low);
    setText(row.charge, percent(this.#i18n, car.battery_percent));
    const left = car.battery_left_s === null ? "" : duration(this.#i18n, car.battery_left_s);
    setText(row.left, car.battery_low ? this.#i18n.t("battery.low", { left }) : left);
  }

  #updateHeard(row, car) {
    const age = car.last_seen_age_s;
    setText(row.age, car.status === "lost" ? duration(this.#i18n, age) : delay(this.#i18n, age));
    const rate = car.control_rate_hz;
    setText(row.rate, rate === null ? "" : this.#i18n.t("car.rate", { rate: Math.round(rate) }));
  }

  /** New rows come where they belong; those that are there do not move. */
  #keepOrder(cars) {
    cars.forEach((car, index) => {
      const { root } = this.#rows.get(car.car_id);
      if (this.#body.children[index] !== root) this.#body.insertBefore(root, this.#body.children[index] ?? null);
    });
  }
}

function createRow(carId, onPick) {
  const part = (name) => html("span", { class: name });
  const row = {
    state: part("row-state"), reason: part("row-reason"), purpose: part("row-purpose"),
    faults: html("span", { class: "row-faults", dir: "auto" }),
    charge: part("row-charge"), left: part("row-left"), age: part("row-age"), rate: part("row-rate"),
  };
  row.button = html("button", { class: "car-button", type: "button", onclick: () => onPick(carId) },
    carBadge(carId), html("span", { class: "car-name", translate: "no" }, carId));
  row.battery = html("td", { role: "cell" }, row.charge, row.left);
  row.root = html("tr", { class: "car-row", role: "row", "data-car": carId },
    html("th", { scope: "row", role: "rowheader" }, row.button),
    html("td", { role: "cell" }, row.state, row.reason, row.faults, row.purpose),
    row.battery,
    html("td", { role: "cell" }, row.age, row.rate));
  return row;
}
