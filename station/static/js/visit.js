/**
 * One visit as a pure state machine: `reduce` says what an event makes of it, `duty` what has to be asked of the
 * server now. Nothing here knows about pages, networks or clocks.
 *
 * A visit is a frozen object:
 *   screen     which screen to show
 *   requestId  id of the booking, made once, so that a repeated request gives the same ride
 *   ride       the newest RideView of the server, or null
 *   wish       id of the place that the visitor chose, or null
 *   notice     catalogue key of something to tell on this screen, or null
 *   partings   rides that the visitor has left and that the server may not know of yet: {requestId, rideId, verb}
 */

export const Screen = Object.freeze({
  START: "start",
  WAITING: "waiting",
  CHOOSE: "choose",
  RIDE: "ride",
  INTERRUPTED: "interrupted",
  ARRIVED: "arrived",
  THANKS: "thanks",
});

const SCREEN_OF_STATE = Object.freeze({
  waiting: Screen.WAITING,
  choosing: Screen.CHOOSE,
  riding: Screen.RIDE,
  interrupted: Screen.INTERRUPTED,
  arrived: Screen.ARRIVED,
  ended: Screen.THANKS,
  cancelled: Screen.START,
});

/** A visit before its beginning; partings of the visit before are carried on. */
export function freshVisit(partings = [], notice = null) {
  return Object.freeze({ screen: Screen.START, requestId: null, ride: null, wish: null, notice, partings });
}

/** A visit as it was stored by `remembered`, or a fresh one when that makes no sense. */
export function recalledVisit(stored) {
  const partings = Array.isArray(stored?.partings) ? stored.partings : [];
  if (typeof stored?.requestId !== "string") return freshVisit(partings);
  const booked = reduce(freshVisit(partings), { type: "book", requestId: stored.requestId });
  return Object.freeze({ ...booked, wish: stored.wish ?? null });
}

/** What to store of a visit so that a reload finds it again. The ride itself comes back by its request id. */
export function remembered(visit) {
  const underWay = visit.screen !== Screen.START && visit.screen !== Screen.THANKS;
  return { requestId: underWay ? visit.requestId : null, wish: visit.wish, partings: visit.partings };
}

/** The visit after an event. Events that do not fit the visit's state leave it as it is. */
export function reduce(visit, event) {
  switch (event.type) {
    case "book":
      if (visit.screen !== Screen.START) return visit;
      return Object.freeze({ ...freshVisit(visit.partings), screen: Screen.WAITING, requestId: event.requestId });
    case "booked":
      return event.requestId === visit.requestId ? withRide(visit, event.ride) : visit;
    case "ride":
      return event.ride.ride_id === visit.ride?.ride_id ? withRide(visit, event.ride) : visit;
    case "choose":
      return visit.screen === Screen.CHOOSE ? Object.freeze({ ...visit, wish: event.placeId, notice: null }) : visit;
    case "placeRefused":
      return Object.freeze({ ...visit, wish: null, notice: "notice.place_refused" });
    case "gone":
      return freshVisit(visit.partings, "notice.ride_gone");
    case "leave":
      return freshVisit(partingsAfter(visit, "cancel"));
    case "finish":
      return Object.freeze({ ...visit, screen: Screen.THANKS, partings: partingsAfter(visit, "end") });
    case "anotherCar":
      return Object.freeze({
        ...reduce(freshVisit(partingsAfter(visit, "cancel")), { type: "book", requestId: event.requestId }),
        wish: visit.ride?.place_id ?? visit.wish,
      });
    case "parted":
      return Object.freeze({ ...visit, partings: visit.partings.filter((one) => one !== event.parting) });
    case "next":
      return freshVisit(visit.partings);
    default:
      throw new Error(`unknown event ${event.type}`);
  }
}

/** The one request that the visit needs now, or null. `key` stays the same while the need is the same. */
export function duty(visit) {
  const [parting] = visit.partings;
  if (parting) return { kind: "part", key: `part ${parting.requestId}`, parting };
  if (visit.screen === Screen.WAITING && visit.ride === null) {
    return { kind: "book", key: `book ${visit.requestId}`, requestId: visit.requestId };
  }
  if (visit.ride?.state === "choosing" && visit.wish !== null) {
    const { ride_id: rideId } = visit.ride;
    return { kind: "destination", key: `destination ${rideId} ${visit.wish}`, rideId, placeId: visit.wish };
  }
  return null;
}

/** Id of the ride whose changes the page has to hear of, or null. */
export function followedRide(visit) {
  return visit.ride !== null && visit.screen !== Screen.THANKS ? visit.ride.ride_id : null;
}

function withRide(visit, ride) {
  if (visit.screen === Screen.THANKS || isStale(visit.ride, ride)) return visit;
  if (ride.state === "cancelled") return freshVisit(visit.partings, "notice.cancelled");
  const screen = SCREEN_OF_STATE[ride.state];
  if (isUnchosen(visit.ride, ride)) {
    return Object.freeze({ ...visit, screen, ride, wish: null, notice: "notice.place_refused" });
  }
  const wish = ride.place_id ?? visit.wish;
  const notice = screen === visit.screen ? visit.notice : null;
  return Object.freeze({ ...visit, screen, ride, wish, notice });
}

/** Answers and events come over two connections, so an older view may come last. */
function isStale(known, next) {
  return known !== null && next.state === "choosing" && known.place_id !== null && !isUnchosen(known, next);
}

/** Only the server unchooses a place, when the way there was closed. */
function isUnchosen(known, next) {
  return next.state === "choosing" && typeof next.refused_place_id === "string"
    && next.refused_place_id === known?.place_id;
}

function partingsAfter(visit, verb) {
  if (visit.requestId === null) return visit.partings;
  const parting = Object.freeze({ requestId: visit.requestId, rideId: visit.ride?.ride_id ?? null, verb });
  return [...visit.partings, parting];
}
