/** What the server tells in English, in the operator's language: by the codes that it gives beside the words. */

const REFUSALS = {
  car_held: "refusal.car_held",
  edge_taken: "refusal.edge_taken",
  no_way: "refusal.no_way",
  no_room: "refusal.no_room",
  may_drive: "refusal.may_drive",
  not_found: "refusal.not_found",
  not_allowed: "refusal.not_allowed",
  invalid: "refusal.invalid",
  too_often: "refusal.too_often",
  store_unavailable: "refusal.store_unavailable",
  no_leader: "refusal.no_leader",
  internal: "refusal.internal",
};

const FAULTS = {
  camera: "fault.camera",
  emergency_stop: "fault.emergency_stop",
  no_battery: "fault.no_battery",
  motor_power: "fault.motor_power",
  motor: "fault.motor",
  board: "fault.board",
  server: "fault.server",
};

/** Why the server refuses something, or null where only its own words tell. */
export function refusalWords(i18n, code) {
  return code in REFUSALS ? i18n.t(REFUSALS[code]) : null;
}

/** One fault; without a code that is known it stays in the car's words. */
export function faultWords(i18n, code, words) {
  return code in FAULTS ? i18n.t(FAULTS[code]) : words;
}

/** All faults of a car, or of what an operator at its wheel is shown. */
export function allFaultWords(i18n, { faults, fault_codes: codes }) {
  return faults.map((words, index) => faultWords(i18n, codes[index], words)).join("; ");
}
