/** Operators' acts, one try each, and what is to be said of the last one. */

import { CallError, RefusedError } from "../server_call.js";

export class Acts {
  #onChange;
  #count = 0;

  /** `onChange()` hears of its every change. */
  constructor(onChange) {
    this.#onChange = onChange;
    this.notice = null; // {outcome: "running", "done", "refused" or "unanswered", act, error: a CallError or null}
  }

  /** Carries out `call()`; `act` is {key, values}: its name. Gives the answer, or null when it was not done. */
  async run(act, call) {
    this.#count += 1;
    const number = this.#count;
    this.#tell(number, { outcome: "running", act, error: null });
    try {
      const answer = await call();
      this.#tell(number, { outcome: "done", act, error: null });
      return answer;
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      const answered = error instanceof RefusedError || error.words !== null;
      this.#tell(number, { outcome: answered ? "refused" : "unanswered", act, error });
      return null;
    }
  }

  /** Nothing is to be said any more. */
  forget() {
    this.notice = null;
    this.#onChange();
  }

  #tell(number, notice) {
    if (number !== this.#count) return; // another act was begun meanwhile
    this.notice = notice;
    this.#onChange();
  }
}
