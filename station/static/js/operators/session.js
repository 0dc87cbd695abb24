/** Whether somebody is logged in, and who. */

import { CallError, RefusedError } from "../server_call.js";

const FORBIDDEN = 403;

export class Session {
  #api = null;
  #onChange;

  /** `onChange()` hears of its every change. */
  constructor(onChange) {
    this.#onChange = onChange;
    this.state = "unknown"; // then "out" or "in"
    this.name = null;
    this.busy = false;
    this.notice = null; // {key, error}: what went wrong last, and the CallError that the server explains, or null
  }

  use(api) {
    this.#api = api;
  }

  /** Finds out whether this browser has a session already. */
  async begin() {
    try {
      this.#enter((await this.#api.me()).name);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      this.#leave(null);
    }
  }

  logIn(name, password) {
    return this.#prove(() => this.#api.logIn(name, password), "login.wrong");
  }

  becomeOperator(name, code, password) {
    return this.#prove(() => this.#api.becomeOperator(name, code, password), "login.wrong_code");
  }

  async logOut() {
    try {
      await this.#api.logOut();
      this.#leave(null);
    } catch (error) {
      if (this.state === "in") throw error; // not over: nobody should believe that it is
    }
  }

  /** The server does not take the session any more; `key` is of the text that says so. */
  lost(key) {
    if (this.state === "in") this.#leave({ key, error: null });
  }

  async #prove(ask, refusedKey) {
    if (this.busy) return;
    this.busy = true;
    this.notice = null;
    this.#onChange();
    try {
      this.#enter((await ask()).name);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      this.notice = noticeOf(error, refusedKey);
    } finally {
      this.busy = false;
      this.#onChange();
    }
  }

  #enter(name) {
    this.state = "in";
    this.name = name;
    this.notice = null;
    this.#onChange();
  }

  #leave(notice) {
    this.state = "out";
    this.name = null;
    this.notice = notice;
    this.#onChange();
  }
}

function noticeOf(error, refusedKey) {
  if (error.status === FORBIDDEN) return { key: refusedKey, error: null };
  if (error.words) return { key: "login.refused", error };
  return { key: "login.away", error: null };
}
