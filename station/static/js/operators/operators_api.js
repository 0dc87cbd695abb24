/** The server's calls for operators, whose session is in a cookie. Acts are sent once; only a stop is insisted upon. */

import { EventStream } from "../event_stream.js";
import { RefusedError, callServer, insist } from "../server_call.js";

const TIMEOUT_MS = 5000;
const SECRET_TIMEOUT_MS = 20_000; // the server is slow with passwords on purpose
const STOP_TIMEOUT_MS = 2500;
const STOP_PAUSE_MS = 400;
const UNAUTHORIZED = 401;

export const PAGE = 50; // entries of a log

export class OperatorsApi {
  #onReachable;
  #onTrouble;
  #onLoggedOut;

  /**
   * `onReachable(boolean)` hears after each call whether the server was there, `onTrouble(words)` why it cannot
   * work (null when it can), `onLoggedOut()` that it does not take the session.
   */
  constructor({ onReachable, onTrouble, onLoggedOut }) {
    this.#onReachable = onReachable;
    this.#onTrouble = onTrouble;
    this.#onLoggedOut = onLoggedOut;
  }

  me() {
    return insist(() => this.#once("GET", "/api/me"));
  }

  logIn(name, password) {
    return this.#once("POST", "/api/sessions", { name, password }, SECRET_TIMEOUT_MS);
  }

  becomeOperator(name, code, password) {
    return this.#once("POST", "/api/operators", { name, code, password }, SECRET_TIMEOUT_MS);
  }

  logOut() {
    return this.#once("DELETE", "/api/me/session");
  }

  /** Asks whether the server can work; `onTrouble` hears the answer. */
  async health() {
    try {
      await this.#once("GET", "/api/health");
      this.#onTrouble(null);
    } catch (error) {
      this.#onTrouble(error.words ?? null);
      throw error;
    }
  }

  city() {
    return insist(() => this.#once("GET", "/api/city"));
  }

  fleet() {
    return this.#once("GET", "/api/operator/fleet");
  }

  events(listeners) {
    return new EventStream("/api/events", {}, listeners);
  }

  /** Asks until the server has answered or `signal` aborts; `onFailure(error)` hears of each try that failed. */
  stop(signal, onFailure) {
    return insist(async () => {
      try {
        return await this.#once("POST", "/api/operator/stop", undefined, STOP_TIMEOUT_MS);
      } catch (error) {
        if (!signal.aborted) onFailure(error);
        throw error;
      }
    }, signal, () => STOP_PAUSE_MS);
  }

  resume() {
    return this.#once("POST", "/api/operator/resume");
  }

  /** `verb` is "hold", "release" or "lift". */
  ofCar(carId, verb) {
    return this.#once("POST", `/api/operator/cars/${encodeURIComponent(carId)}/${verb}`);
  }

  /** `stop` is {place_id} or {edge}. */
  send(carId, stop) {
    return this.#once("POST", `/api/operator/cars/${encodeURIComponent(carId)}/send`, stop);
  }

  /** `verb` is "close" or "open". */
  ofEdge(edge, verb) {
    return this.#once("POST", `/api/operator/edges/${edge}/${verb}`);
  }

  /** What has happened, newest first; `before` is the lowest number that is known, or null. */
  history(before = null) {
    return this.#once("GET", `/api/history?${pageOf(before)}`);
  }

  /** What operators did, likewise. */
  audit(before = null) {
    return this.#once("GET", `/api/operator/audit?${pageOf(before)}`);
  }

  enrolled() {
    return this.#once("GET", "/api/operator/enrolled");
  }

  /** A one-time code; `name` is null for any name that is not taken. */
  issueCode(role, name) {
    return this.#once("POST", "/api/operator/codes", { role, name }, SECRET_TIMEOUT_MS);
  }

  revoke(role, name) {
    return this.#once("DELETE", `/api/operator/enrolled/${role}/${encodeURIComponent(name)}`);
  }

  async #once(method, path, body, timeoutMs = TIMEOUT_MS) {
    try {
      const answer = await callServer(method, path, { body, timeoutMs });
      this.#onReachable(true);
      return answer;
    } catch (error) {
      this.#onReachable(error instanceof RefusedError || error.words !== null);
      if (error.status === UNAUTHORIZED) this.#onLoggedOut();
      throw error;
    }
  }
}

function pageOf(before) {
  return before === null ? `limit=${PAGE}` : `limit=${PAGE}&before=${before}`;
}
