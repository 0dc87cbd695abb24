/** Keeps what is known of the fleet up to date, for as long as somebody is logged in. */

import { Follower } from "../follower.js";
import { NOTHING_KNOWN, isStep, newsBetween, withView } from "./fleet_model.js";

const SILENCE_MS = 2500; // cars make events twice a second
const MOST_NEWS = 200;
const UNAUTHORIZED = 401;

export class FleetWatch {
  #api;
  #onChange;
  #onStep = () => {};
  #follower = null;

  /** `onChange()` hears that something is known that was not. */
  constructor(api, onChange) {
    this.#api = api;
    this.#onChange = onChange;
    this.known = NOTHING_KNOWN;
    this.news = []; // {kind, car_id, at}: what became of cars while this page was open, newest first
  }

  begin() {
    this.#follower ??= new Follower({
      listen: (listeners) => this.#listen(listeners),
      onEvent: ({ name, data }) => this.take(name, JSON.parse(data)),
      ask: () => this.#api.fleet(),
      onAnswer: (fleet) => this.take("fleet", fleet),
      onRefused: ({ status }) => status === UNAUTHORIZED,
      silenceMs: SILENCE_MS,
    });
  }

  stop() {
    this.#follower?.stop();
    this.#follower = null;
    this.known = NOTHING_KNOWN;
    this.news = [];
  }

  /** `onStep()` hears that the history has something new; one hears at a time. */
  onStep(onStep) {
    this.#onStep = onStep;
  }

  /** A view from the server; `kind` is "fleet", "car" or "ride". */
  take(kind, view) {
    this.#become(withView(this.known, kind, view));
  }

  /** A stream begins with all that there is: what it does not tell of is gone. */
  #listen({ onEvent, onEnd }) {
    let isFirst = true;
    return this.#api.events({
      onEnd,
      onEvent: (event) => {
        if (isFirst) this.known = { ...this.known, rides: new Map() };
        isFirst = false;
        onEvent(event);
      },
    });
  }

  #become(known) {
    const before = this.known;
    this.known = known;
    const at = new Date();
    const news = newsBetween(before, known).map((one) => ({ ...one, at }));
    if (news.length > 0) this.news = [...news, ...this.news].slice(0, MOST_NEWS);
    if (news.length > 0 || isStep(before, known)) this.#onStep();
    this.#onChange();
  }
}
