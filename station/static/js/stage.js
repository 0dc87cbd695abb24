/** Shows the screen that belongs to a visit, and moves the keyboard's focus along. */

export class Stage {
  #place;
  #creators;
  #context;
  #name = null;
  #screen = null;

  /** `place` is the element that holds the screen; `context` goes to each screen's creator. */
  constructor(place, creators, context) {
    this.#place = place;
    this.#creators = creators;
    this.#context = context;
  }

  /** Brings the screen up to date with the visit and the language; true if it is another one than before. */
  show(visit) {
    const entered = visit.screen !== this.#name;
    if (entered) this.#enter(visit.screen);
    this.#screen.update(visit);
    document.title = this.#context.i18n.t("app.title", { screen: this.#screen.heading.textContent });
    return entered;
  }

  /** The server is back after it was away. */
  reconnected() {
    this.#screen.reconnected?.();
  }

  focusHeading() {
    this.#screen.heading.focus({ preventScroll: true });
    scrollTo(0, 0);
  }

  #enter(name) {
    this.#screen?.dispose?.();
    this.#name = name;
    this.#screen = this.#creators[name](this.#context);
    document.body.dataset.screen = name;
    this.#place.replaceChildren(this.#screen.root);
  }
}
