/** The server's REST calls. Every call may be repeated: ids in the requests make the second one harmless. */

import { EventStream } from "./event_stream.js";

const ATTEMPT_TIMEOUT_MS = 8000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 4000;
const UNAUTHORIZED = 401;
const PASSING_STATUSES = new Set([408, 425, 429]);

/** The server answered, and the answer is no. */
export class RefusedError extends Error {
  constructor(status, path) {
    super(`${path}: the server answered ${status}`);
    this.name = "RefusedError";
    this.status = status;
  }
}

/** No answer, or one that says "try again later". */
export class UnreachableError extends Error {
  constructor(path, cause) {
    super(`${path}: no answer from the server`, { cause });
    this.name = "UnreachableError";
  }
}

/** The server does not take this station's key; the call is worth another attempt once it has a new one. */
export class NotEnrolledError extends UnreachableError {
  constructor(path) {
    super(path);
    this.name = "NotEnrolledError";
  }
}

/** Pause before repetition number `attempt` (0 is the first), doubling up to a few seconds. */
export function pauseMs(attempt) {
  return Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS);
}

/** Repeats `attempt` until it gives a result or `signal` aborts. Only an UnreachableError is worth another attempt. */
export async function insist(attempt, signal) {
  for (let count = 0; ; count += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
    }
    await pause(pauseMs(count), signal);
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
    const options = { method, headers, cache: "no-store", signal: AbortSignal.timeout(ATTEMPT_TIMEOUT_MS) };
    if (body !== undefined) {
      headers["Content-Type"] = "application/json";
      options.body = JSON.stringify(body);
    }
    try {
      const response = await fetch(path, options);
      if (response.status >= 500 || PASSING_STATUSES.has(response.status)) throw new Error(`status ${response.status}`);
      this.#onReachable(true);
      if (response.status === UNAUTHORIZED && this.#enrolment) {
        this.#enrolment.refused(key);
        throw new NotEnrolledError(path);
      }
      if (!response.ok) throw new RefusedError(response.status, path);
      return await response.json();
    } catch (error) {
      if (error instanceof RefusedError || error instanceof NotEnrolledError) throw error;
      this.#onReachable(false);
      throw new UnreachableError(path, error);
    }
  }
}

function headersWith(key) {
  return key ? { Authorization: `Bearer ${key}` } : {};
}

/** A ride's trace has the ride's id, https://www.w3.org/TR/trace-context: whoever collects traces finds this call in it. */
function traceparentOf(path) {
  const rideId = /^\/api\/rides\/([0-9a-f]{32})/.exec(path)?.[1];
  return rideId ? { traceparent: `00-${rideId}-${rideId.slice(0, 16)}-01` } : {};
}

function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
  });
}
