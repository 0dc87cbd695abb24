/** What is known of the fleet, made of the views that the server sends. Pure: all is made anew, nothing is changed. */

const OVER = new Set(["ended", "cancelled"]);
const IDS = new Intl.Collator("en", { numeric: true }); // car-2 before car-10

/** Nothing known yet: `fleet` is null, cars and rides are maps by id. */
export const NOTHING_KNOWN = Object.freeze({ fleet: null, cars: new Map(), rides: new Map() });

/** What is known after one more view, of `kind` "fleet", "car" or "ride". */
export function withView(known, kind, view) {
  switch (kind) {
    case "fleet":
      return Object.freeze({ ...known, fleet: view });
    case "car":
      return Object.freeze({ ...known, cars: new Map(known.cars).set(view.car_id, view) });
    case "ride":
      return Object.freeze({ ...known, rides: withRide(known.rides, view) });
    default:
      return known;
  }
}

export function carsInOrder(known) {
  return [...known.cars.values()].sort((one, other) => IDS.compare(one.car_id, other.car_id));
}

/** Rides of visitors who wait for a car, who is next first. */
export function queueOf(known) {
  const waiting = [...known.rides.values()].filter((ride) => ride.state === "waiting");
  return waiting.sort((one, other) => (one.queue_position ?? 0) - (other.queue_position ?? 0));
}

/** The ride that a car is on, or null. */
export function rideOf(known, car) {
  return known.rides.get(car.ride_id) ?? null;
}

/** What is the matter with an edge: "closed", "blocked", "cut_off" or "open". */
export function edgeState(fleet, edge) {
  if (fleet?.closed_edges.includes(edge)) return "closed";
  if (fleet?.blocked_edges.includes(edge)) return "blocked";
  return fleet?.cut_off_edges.includes(edge) ? "cut_off" : "open";
}

/** Cars of which a part is on an edge, or that may come onto it next. */
export function carsHolding(known, edge) {
  return carsInOrder(known).filter((car) => car.road?.edges.includes(edge));
}

/** What became of cars that no history tells: array of {kind: "car_lost", "car_back" or "car_fault", car_id}. */
export function newsBetween(before, after) {
  const news = [];
  for (const car of carsInOrder(after)) {
    const known = before.cars.get(car.car_id);
    if (!known) continue;
    const wasLost = known.status === "lost";
    const isLost = car.status === "lost";
    if (wasLost !== isLost) news.push({ kind: isLost ? "car_lost" : "car_back", car_id: car.car_id });
    const fault = newFault(known, car);
    if (fault) news.push({ kind: "car_fault", car_id: car.car_id, ...fault });
  }
  return news;
}

/** A fault that a car did not have before; words of the same code may change all the time, as ages do. */
function newFault(before, after) {
  const isKnown = (words, code) => (code === "other" ? before.faults.includes(words) : before.fault_codes.includes(code));
  const index = after.faults.findIndex((words, at) => !isKnown(words, after.fault_codes[at]));
  return index < 0 ? null : { fault: after.faults[index], fault_code: after.fault_codes[index] };
}

/** Whether the history has something new in it, as far as views tell. */
export function isStep(before, after) {
  if (before.fleet !== after.fleet || before.rides.size !== after.rides.size) return true;
  const changedRide = [...after.rides].some(([id, ride]) => before.rides.get(id)?.state !== ride.state);
  return changedRide || [...after.cars].some(([id, car]) => stepOf(before.cars.get(id)) !== stepOf(car));
}

function stepOf(car) {
  return car && `${car.held} ${car.battery_low} ${car.errand?.edge ?? ""}`;
}

function withRide(rides, view) {
  const changed = new Map(rides);
  if (OVER.has(view.state)) changed.delete(view.ride_id);
  else changed.set(view.ride_id, view);
  return changed;
}
