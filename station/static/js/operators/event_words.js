/** What has happened, in words, by the kind of entry in the server's history. */

import { faultWords } from "./server_words.js";

const KINDS = {
  ride_waiting: "event.ride_waiting",
  ride_choosing: "event.ride_choosing",
  ride_riding: "event.ride_riding",
  ride_interrupted: "event.ride_interrupted",
  ride_arrived: "event.ride_arrived",
  ride_ended: "event.ride_ended",
  ride_cancelled: "event.ride_cancelled",
  car_joined: "event.car_joined",
  car_battery_low: "event.car_battery_low",
  car_battery_swapped: "event.car_battery_swapped",
  car_held: "event.car_held",
  car_released: "event.car_released",
  car_sent: "event.car_sent",
  car_recalled: "event.car_recalled",
  car_lifted: "event.car_lifted",
  car_lost: "event.car_lost",
  car_back: "event.car_back",
  car_fault: "event.car_fault",
  fleet_stopped: "event.fleet_stopped",
  fleet_resumed: "event.fleet_resumed",
  edge_closed: "event.edge_closed",
  edge_opened: "event.edge_opened",
  station_registered: "event.station_registered",
};
const URGENT = new Set(["car_lost", "car_fault", "car_battery_low", "fleet_stopped", "ride_interrupted"]);

/** `event`: {kind, car_id, edge, fault, fault_code}, as far as it has them; a kind without words is shown as it is. */
export function eventWords(i18n, event) {
  const key = KINDS[nameOf(event.kind)];
  if (!key) return event.kind;
  const fault = faultWords(i18n, event.fault_code, event.fault ?? "");
  return i18n.t(key, { car: event.car_id ?? "–", edge: event.edge ?? "–", fault });
}

/** Whether an operator should look after it. */
export function isUrgent(event) {
  return URGENT.has(nameOf(event.kind));
}

function nameOf(kind) {
  return kind.replace(".", "_");
}
