/** Which text says why a hand-driven car does not move, or not faster. */

const DENIALS = {
  open: "drive.denial.open",
  not_held: "drive.denial.not_held",
  all_stopped: "drive.denial.all_stopped",
  held_again: "drive.denial.held_again",
  silent: "drive.denial.silent",
  late: "drive.denial.late",
  car_silent: "drive.denial.car_silent",
  fault: "drive.denial.fault",
  other_out: "drive.denial.other_out",
  taken: "drive.denial.taken",
  session_over: "drive.denial.session_over",
  no_car: "drive.denial.no_car",
  invalid: "drive.denial.invalid",
  store: "drive.denial.store",
};

const LIMITS = {
  road: "drive.limit.road",
  car: "drive.limit.car",
  off_lane: "drive.limit.off_lane",
  late: "drive.limit.late",
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
  return LIMITS[view.limited_by] ?? "drive.driving";
}
