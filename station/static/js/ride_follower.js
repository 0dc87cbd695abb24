/** Follows one ride: server-sent events while they flow, a plain question when they fall silent or break. */

import { RefusedError, pauseMs } from "./api.js";

const SILENCE_MS = 4000;

export class RideFollower {
  #api;
  #path;
  #onRide;
  #onGone;
  #source = null;
  #timer = 0;
  #attempt = 0;
  #stopped = false;

  /** `path`: of the ride; `onRide(view)` hears each new view of the ride, `onGone()` that the server does not know it. */
  constructor(api, path, { onRide, onGone }) {
    this.#api = api;
    this.#path = path;
    this.#onRide = onRide;
    this.#onGone = onGone;
    this.#listen();
  }

  get path() {
    return this.#path;
  }

  stop() {
    this.#stopped = true;
    this.#hangUp();
    clearTimeout(this.#timer);
  }

  #listen() {
    this.#source = this.#api.events(`${this.#path}/events`, {
      onEvent: ({ name, data }) => {
        if (name !== "ride" || this.#stopped) return;
        this.#attempt = 0;
        this.#askIn(SILENCE_MS);
        this.#onRide(JSON.parse(data));
      },
      onEnd: () => {
        this.#source = null;
        this.#askIn(pauseMs(this.#attempt));
      },
    });
    this.#askIn(SILENCE_MS);
  }

  #hangUp() {
    this.#source?.close();
    this.#source = null;
  }

  #askIn(milliseconds) {
    clearTimeout(this.#timer);
    if (!this.#stopped) this.#timer = setTimeout(() => this.#ask(), milliseconds);
  }

  async #ask() {
    try {
      const ride = await this.#api.ride(this.#path);
      if (this.#stopped) return;
      if (this.#source) this.#askIn(SILENCE_MS);
      else this.#listen();
      this.#onRide(ride);
    } catch (error) {
      if (this.#stopped) return;
      if (error instanceof RefusedError && error.status === 404) this.#onGone();
      else this.#retry();
    }
  }

  #retry() {
    this.#hangUp();
    this.#askIn(pauseMs(this.#attempt));
    this.#attempt += 1;
  }
}
