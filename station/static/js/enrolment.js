/**
 * The station's own key: got once with an operator's code, kept in this browser, sent with every call. Where the server
 * is open on loopback, it is got without a code.
 */

import { RefusedError } from "./server_call.js";

export class Enrolment {
  #api;
  #name;
  #memory;
  #onChange;
  #trying = false;

  /** `name`: the station's device id; `memory` keeps the key; `onChange()` hears of its every change. */
  constructor({ api, name, memory, onChange }) {
    this.#api = api;
    this.#name = name;
    this.#memory = memory;
    this.#onChange = onChange;
    const stored = memory.load();
    this.key = typeof stored === "string" ? stored : null;
    this.needsCode = false;
    this.wasRefused = false;
  }

  /** Gets a key if there is none; `code` is from the address, or null. */
  begin(code) {
    if (this.key === null) this.#enrol(code);
  }

  /** The server does not take `key`; if that is still the present one, another one is needed. */
  refused(key) {
    if (key !== this.key) return;
    this.key = null;
    this.#memory.save(null);
    if (!this.needsCode) this.#enrol(null);
  }

  /** Somebody has typed a code. */
  submit(code) {
    this.#enrol(code);
  }

  async #enrol(code) {
    if (this.#trying) return;
    this.#trying = true;
    try {
      this.key = (await this.#api.enrol(this.#name, code)).key;
      this.#memory.save(this.key);
      this.needsCode = this.wasRefused = false;
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      this.needsCode = true;
      this.wasRefused = code !== null;
    } finally {
      this.#trying = false;
    }
    this.#onChange();
  }
}
