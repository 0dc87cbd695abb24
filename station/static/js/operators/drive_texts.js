/** Which text says why a hand-driven car does not move, or not faster. */

const DENIALS = {
  open: "operators.drive.denial.open",
  not_held: "operators.drive.denial.not_held",
  all_stopped: "operators.drive.denial.all_stopped",
  held_again: "operators.drive.denial.held_again",
  silent: "operators.drive.denial.silent",
  late: "operators.drive.denial.late",
  car_silent: "operators.drive.denial.car_silent",
  fault: "operators.drive.denial.fault",
  other_out: "operators.drive.denial.other_out",
  taken: "operators.drive.denial.taken",
  session_over: "operators.drive.denial.session_over",
  no_car: "operators.drive.denial.no_car",
  invalid: "operators.drive.denial.invalid",
  store: "operators.drive.denial.store",
};

const LIMITS = {
  road: "operators.drive.limit.road",
  car: "operators.drive.limit.car",
  off_lane: "operators.drive.limit.off_lane",
  late: "operators.drive.limit.late",
};

/** After these the server has ended the connection, and another try would end the same way. */
const FINAL = new Set(["taken", "session_over", "no_car", "invalid", "store"]);

/** Whether a view is the last one. */
export function isFinal(view) {
  return FINAL.has(view.denial);
}

/** The catalogue key for a view; "speed" is no limit worth a word. */
export function textOf(view) {
  if (view.denial !== null) return DENIALS[view.denial] ?? DENIALS.invalid;
  return LIMITS[view.limited_by] ?? "operators.drive.driving";
}
