/** What is known of a car, as a list of names and values. */

import { html, setText } from "../dom.js";
import { purposeWords, reasonWords } from "./car_words.js";
import { rideOf } from "./fleet_model.js";
import { delay, duration, percent } from "./quantities.js";
import { allFaultWords } from "./server_words.js";

const ENGLISH = { lang: "en", dir: "ltr" };

export function createCarFacts({ i18n, city }) {
  const root = html("dl", { class: "car-facts" });
  const rows = [
    ["fact.purpose", (car, ride) => purposeWords(i18n, city(), car, ride)],
    ["fact.station", (_, ride) => ride?.station_device_id],
    ["fact.reason", (car) => reasonWords(i18n, car)],
    ["fact.faults", (car) => allFaultWords(i18n, car)],
    ["fact.fault_words", (car) => car.faults.join("; "), ENGLISH],
    ["fact.speed", (car) => i18n.speed(car.speed_mps)],
    ["fact.edge", (car) => car.position && i18n.number(car.position.edge)],
    ["fact.battery", (car) => batteryWords(car)],
    ["fact.heard", (car) => heardWords(car)],
  ].map((row) => createRow(...row));
  root.append(...rows.map((row) => row.root));

  function batteryWords(car) {
    const charge = percent(i18n, car.battery_percent);
    if (car.battery_left_s === null) return charge;
    return i18n.t("battery.with_left", { charge, left: duration(i18n, car.battery_left_s) });
  }

  function heardWords(car) {
    const words = car.status === "lost" ? duration : delay;
    return i18n.t("heard.ago", { age: words(i18n, car.last_seen_age_s) });
  }

  return {
    root,
    update(known, car) {
      for (const { key, value, name, shown, root: row } of rows) {
        const words = value(car, rideOf(known, car)) || "";
        setText(name, i18n.t(key));
        setText(shown, words);
        row.hidden = words === "";
      }
    },
  };
}

function createRow(key, value, attributes = {}) {
  const name = html("dt");
  const shown = html("dd", attributes);
  return { key, value, name, shown, root: html("div", { class: "car-fact" }, name, shown) };
}
