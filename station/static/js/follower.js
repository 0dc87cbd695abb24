/** Follows what changes on the server: events while they flow, a plain question when they fall silent or break. */

import { RefusedError, pauseMs } from "./server_call.js";

const SILENCE_MS = 4000;

export class Follower {
  #listeners;
  #source = null;
  #timer = 0;
  #attempt = 0;
  #stopped = false;

  /**
   * `listen(listeners)` opens an EventStream, whose events `onEvent({name, data})` hears; `ask()` asks once, and
   * `onAnswer(answer)` hears the answer; `onRefused(error)` says whether a refusal is the end of it.
   */
  constructor({ listen, onEvent, ask, onAnswer, onRefused, silenceMs = SILENCE_MS }) {
    this.#listeners = { listen, onEvent, ask, onAnswer, onRefused, silenceMs };
    this.#listen();
  }

  stop() {
    this.#stopped = true;
    this.#hangUp();
    clearTimeout(this.#timer);
  }

  #listen() {
    this.#source = this.#listeners.listen({
      onEvent: (event) => {
        if (this.#stopped) return;
        this.#attempt = 0;
        this.#askIn(this.#listeners.silenceMs);
        this.#listeners.onEvent(event);
      },
      onEnd: () => {
        this.#source = null;
        this.#askIn(pauseMs(this.#attempt));
      },
    });
    this.#askIn(this.#listeners.silenceMs);
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
      const answer = await this.#listeners.ask();
      if (this.#stopped) return;
      if (this.#source) this.#askIn(this.#listeners.silenceMs);
      else this.#listen();
      this.#listeners.onAnswer(answer);
    } catch (error) {
      if (this.#stopped) return;
      if (error instanceof RefusedError && this.#listeners.onRefused(error)) this.stop();
      else this.#retry();
    }
  }

  #retry() {
    this.#hangUp();
    this.#askIn(pauseMs(this.#attempt));
    this.#attempt += 1;
  }
}
