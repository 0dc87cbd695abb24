/** What happens on each screen when its visitor has walked away. */

import { Screen } from "./visit.js";

const START_LIMIT_MS = 90_000;
const WAITING_LIMIT_MS = 180_000;
const CHOOSE_LIMIT_MS = 60_000;
const INTERRUPTED_LIMIT_MS = 120_000;
const ARRIVED_LIMIT_MS = 45_000;
const ANSWER_TIME_S = 20;

const STILL_THERE = { title: "idle.title", text: "idle.text", yes: "idle.yes", no: "idle.no" };

export class IdleRules {
  #idle;
  #question;
  #visitor;
  #onNobody;
  #countdown = 0;

  /** `onNobody()` is called when the start screen has stood untouched for a while. */
  constructor({ idle, question, visitor, onNobody }) {
    this.#idle = idle;
    this.#question = question;
    this.#visitor = visitor;
    this.#onNobody = onNobody;
  }

  /** To be called when a screen has been entered. */
  enter(screen) {
    this.#takeBack();
    switch (screen) {
      case Screen.START:
        return this.#idle.watch(START_LIMIT_MS, this.#onNobody);
      case Screen.WAITING:
        return this.#idle.watch(WAITING_LIMIT_MS, () => this.#askWhetherThere());
      case Screen.CHOOSE:
        return this.#idle.watch(CHOOSE_LIMIT_MS, () => this.#askWhetherThere());
      case Screen.INTERRUPTED:
        return this.#idle.watch(INTERRUPTED_LIMIT_MS, () => this.#askWhetherThere());
      case Screen.ARRIVED:
        return this.#idle.watch(ARRIVED_LIMIT_MS, () => this.#visitor.finish());
      default:
        return this.#idle.watch(null);
    }
  }

  #askWhetherThere() {
    let left = ANSWER_TIME_S;
    this.#question.ask(STILL_THERE, (giveBack) => this.#answered(giveBack), { seconds: left });
    this.#countdown = setInterval(() => {
      left -= 1;
      if (left === 0) this.#answered(true);
      else this.#question.change({ seconds: left });
    }, 1000);
  }

  #answered(giveBack) {
    this.#takeBack();
    if (giveBack) this.#visitor.leave();
  }

  #takeBack() {
    clearInterval(this.#countdown);
    this.#question.close();
  }
}
