/**
 * Pictures of many cars, each renewed about once a second: a few are asked for at a time and the next ones when these
 * are there, so that a slow line gets fewer of them and never a pile, and acts and events find the line free.
 */

const AT_ONCE = 2; // of the six connections that browsers open to a server
const PERIOD_MS = 1000;
const FAILED_PAUSE_MS = 5000;

export class Snapshots {
  #fetch;
  #due = new Map(); // by car, when its next picture is due
  #asked = new Set();
  #timer = 0;
  #stopped = false;

  /** `fetch(carId)` fetches a picture, and says (as a promise) whether there was one. */
  constructor(fetch) {
    this.#fetch = fetch;
    document.addEventListener("visibilitychange", this.#look);
  }

  /** From now on pictures of these cars are wanted. */
  want(carIds) {
    for (const carId of [...this.#due.keys()]) if (!carIds.includes(carId)) this.#due.delete(carId);
    for (const carId of carIds) if (!this.#due.has(carId)) this.#due.set(carId, 0);
    this.#look();
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
    document.removeEventListener("visibilitychange", this.#look);
  }

  #look = () => {
    clearTimeout(this.#timer);
    if (this.#stopped || document.hidden) return;
    const now = performance.now();
    const waiting = [...this.#due].filter(([carId]) => !this.#asked.has(carId));
    for (const [carId, due] of waiting.sort(([, one], [, other]) => one - other)) {
      if (this.#asked.size >= AT_ONCE) return; // whoever comes back looks again
      if (due > now) {
        this.#timer = setTimeout(this.#look, due - now);
        return;
      }
      this.#ask(carId);
    }
  };

  async #ask(carId) {
    this.#asked.add(carId);
    const begun = performance.now();
    const came = await this.#fetch(carId);
    this.#asked.delete(carId);
    if (this.#due.has(carId)) this.#due.set(carId, came ? begun + PERIOD_MS : performance.now() + FAILED_PAUSE_MS);
    this.#look();
  }
}
