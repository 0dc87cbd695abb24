/** Notices when nobody has touched the page for a while. */

export class IdleWatch {
  #limitMs = null;
  #onIdle = null;
  #timer = 0;

  constructor(target) {
    for (const type of ["pointerdown", "keydown"]) {
      target.addEventListener(type, () => this.#restart(), { capture: true, passive: true });
    }
  }

  /** Calls `onIdle` once after `limitMs` without a touch; null watches nothing. */
  watch(limitMs, onIdle = null) {
    this.#limitMs = limitMs;
    this.#onIdle = onIdle;
    this.#restart();
  }

  #restart() {
    clearTimeout(this.#timer);
    if (this.#limitMs !== null) this.#timer = setTimeout(this.#onIdle, this.#limitMs);
  }
}
