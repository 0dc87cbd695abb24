/** The server's REST calls. Every call may be repeated: ids in the requests make the second one harmless. */

import { EventStream } from "./event_stream.js";
import { RefusedError, UnreachableError, callServer, insist } from "./server_call.js";

const UNAUTHORIZED = 401;

/** The server does not take this station's key; the call is worth another attempt once it has a new one. */
export class NotEnrolledError extends UnreachableError {
  constructor(path) {
    super(path);
    this.name = "NotEnrolledError";
  }
}

/** Where a ride is found, and what is done with it. */
export function ridePath(rideId) {
  return `/api/rides/${encodeURIComponent(rideId)}`;
}

/** Where a shared ride is found. */
export function sharedRidePath(token) {
  return `/api/shared/${encodeURIComponent(token)}`;
}

export class Api {
  #onReachable;
  #enrolment = null;

  /** `onReachable(boolean)` hears after each attempt whether the server was there. */
  constructor(onReachable) {
    this.#onReachable = onReachable;
  }

  /** From now on calls are made with this station's key. */
  useKeyOf(enrolment) {
    this.#enrolment = enrolment;
  }

  /** A key for this station; without a code (null) only where the server is open on loopback. */
  enrol(name, code) {
    return this.#insist("POST", "/api/enrolments", { role: "station", name, code });
  }

  /** The events at a path; see EventStream for `listeners`. */
  events(path, listeners) {
    return new EventStream(path, headersWith(this.#enrolment?.key), listeners);
  }

  health() {
    return this.#once("GET", "/api/health");
  }

  /** The ride, shared or not, at a path. */
  ride(path) {
    return this.#once("GET", path);
  }

  city(signal) {
    return this.#insist("GET", "/api/city", undefined, signal);
  }

  /** Registers the station and books a car for it. The same `requestId` always means the same ride. */
  async book(deviceId, requestId, signal) {
    const station = await this.#insist("POST", "/api/stations", { device_id: deviceId, name: deviceId }, signal);
    const request = { station_id: station.station_id, request_id: requestId };
    return this.#insist("POST", "/api/rides", request, signal);
  }

  setDestination(rideId, placeId, signal) {
    return this.#insist("POST", `${ridePath(rideId)}/destination`, { place_id: placeId }, signal);
  }

  /** `verb` is "cancel" or "end". */
  part(rideId, verb, signal) {
    return this.#insist("POST", `${ridePath(rideId)}/${verb}`, undefined, signal);
  }

  /** Repeats until the server answers or `signal` aborts. Throws RefusedError when the answer is no. */
  #insist(method, path, body, signal) {
    return insist(() => this.#once(method, path, body), signal);
  }

  async #once(method, path, body) {
    const key = this.#enrolment?.key;
    const headers = { ...headersWith(key), ...traceparentOf(path) };
    try {
      const answer = await callServer(method, path, { headers, body });
      this.#onReachable(true);
      return answer;
    } catch (error) {
      this.#onReachable(error instanceof RefusedError);
      if (error.status !== UNAUTHORIZED || !this.#enrolment) throw error;
      this.#enrolment.refused(key);
      throw new NotEnrolledError(path);
    }
  }
}

function headersWith(key) {
  return key ? { Authorization: `Bearer ${key}` } : {};
}

/** A ride's trace has the ride's id (W3C Trace Context): whoever collects traces finds this call in it. */
function traceparentOf(path) {
  const rideId = /^\/api\/rides\/([0-9a-f]{32})/.exec(path)?.[1];
  return rideId ? { traceparent: `00-${rideId}-${rideId.slice(0, 16)}-01` } : {};
}
