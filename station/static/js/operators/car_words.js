/** How a car is, in words. */

import { placeName } from "../places.js";

const STATES = {
  lost: "car.lost",
  fault: "car.fault",
  held: "car.held",
  localising: "car.localising",
  idle: "car.idle",
  driving: "car.driving",
  waiting: "car.waiting",
  blocked: "car.blocked",
  arrived: "car.arrived",
  stopped: "car.stopped",
};

/** By the server's codes for why a car waits for road; without one its words are shown as they come. */
const REASONS = {
  no_route: "reason.no_way",
  no_way: "reason.no_way",
  node_taken: "reason.node_taken",
  closed: "reason.road_closed",
  no_room: "reason.no_room",
  would_jam: "reason.would_jam",
  not_first: "reason.car_ahead",
  kept: "reason.kept",
};

const RIDES = {
  choosing: "purpose.choosing",
  riding: "purpose.riding",
  interrupted: "purpose.interrupted",
  arrived: "purpose.arrived",
};

/** One of the keys of STATES: what matters most about a car. */
export function carState(car) {
  if (car.status === "lost") return "lost";
  if (car.faults.length > 0) return "fault";
  if (car.held) return "held";
  return car.mode ?? "localising";
}

export function stateWords(i18n, car) {
  return i18n.t(STATES[carState(car)]);
}

/** Why a car waits for road, or an empty text. */
export function reasonWords(i18n, car) {
  if (car.wait_reason === null || car.status === "lost") return "";
  const key = REASONS[car.wait_code];
  return key ? i18n.t(key) : car.wait_reason;
}

/** Whom or what a car drives for; `city` is a CityView, `ride` a RideView or null. */
export function purposeWords(i18n, city, car, ride) {
  const place = placeName(i18n, city, car.errand?.place_id ?? ride?.place_id ?? null);
  if (car.errand?.place_id) return i18n.t("purpose.sent", { place });
  if (car.errand !== null) return i18n.t("purpose.sent_edge", { edge: car.errand.edge });
  if (ride !== null && ride.state in RIDES) return i18n.t(RIDES[ride.state], { place });
  return i18n.t(car.battery_low ? "purpose.battery_low" : "purpose.free");
}
