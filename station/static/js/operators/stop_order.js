/** The stop of all cars: asked for until the server has answered. */

export class StopOrder {
  #stop;
  #onAnswer;
  #onChange;
  #abort = null;

  /** `stop(signal, onFailure)` asks until there is an answer, which `onAnswer` hears; `onChange()` hears of changes. */
  constructor({ stop, onAnswer, onChange }) {
    this.#stop = stop;
    this.#onAnswer = onAnswer;
    this.#onChange = onChange;
    this.failures = 0;
    this.isRefused = false; // the server does not do it; nothing is tried again
    this.words = null; // why the last try failed, if the server told
    this.code = null; // of these words
  }

  get isPending() {
    return this.#abort !== null;
  }

  /** Asks now, whatever was asked before. */
  async give() {
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    this.failures = 0;
    this.isRefused = false;
    this.words = this.code = null;
    this.#onChange();
    try {
      const answer = await this.#stop(abort.signal, (error) => this.#failed(error));
      if (!abort.signal.aborted) this.#onAnswer(answer);
    } catch (error) {
      if (!abort.signal.aborted) this.isRefused = true;
    } finally {
      if (this.#abort === abort) this.#abort = null;
      this.#onChange();
    }
  }

  #failed(error) {
    this.failures += 1;
    this.words = error.words ?? null;
    this.code = error.code ?? null;
    this.#onChange();
  }
}
