/** The stop of all cars, and what is to be said of it. */

import { html, setText } from "../dom.js";
import { icon } from "../icons.js";
import { refusalWords } from "./server_words.js";

const NOT_STORED = "store_unavailable"; // the only failure of which the cars have heard nevertheless
const RESUME_QUESTION = { title: "resume.title", text: "resume.text", yes: "resume.yes", no: "resume.no" };

export class StopBar {
  #context;
  #button;
  #label = html("span", { class: "stop-label" });
  #hint = html("span", { class: "stop-hint" });
  #words = html("p", { class: "orders-words", role: "alert" });
  #resume;
  #strip = document.querySelector("#orders");
  #place = document.querySelector("#stop");

  constructor(context) {
    this.#context = context;
    const { stopOrder } = context;
    this.#button = html("button", { class: "stop", type: "button", onclick: () => stopOrder.give() },
      icon("stop"), html("span", { class: "stop-texts" }, this.#label, this.#hint));
    this.#resume = html("button", { class: "act", type: "button", onclick: () => this.#askToResume() });
    this.#place.append(this.#button);
    this.#strip.append(this.#words, this.#resume);
  }

  update(isIn) {
    const { i18n, stopOrder, watch, trouble } = this.#context;
    const stopped = watch.known.fleet?.stopped === true;
    this.#place.hidden = !isIn;
    setText(this.#label, i18n.t("stop.button"));
    setText(this.#hint, i18n.t("stop.hint"));
    this.#button.classList.toggle("stop-pending", stopOrder.isPending);
    const words = isIn ? this.#said(stopped, trouble()) : "";
    this.#strip.hidden = words === "";
    this.#strip.classList.toggle("orders-urgent", stopOrder.isRefused || (stopOrder.isPending && stopOrder.failures > 0));
    setText(this.#words, words);
    setText(this.#resume, i18n.t("resume.button"));
    this.#resume.hidden = !stopped || stopOrder.isPending;
  }

  keyHeld(held) {
    this.#button.classList.toggle("stop-held", held);
  }

  #said(stopped, trouble) {
    const { i18n, stopOrder } = this.#context;
    if (stopOrder.isPending && stopOrder.failures > 0) {
      return stopOrder.code === NOT_STORED
        ? i18n.t("stop.not_stored", { words: stopOrder.words })
        : i18n.t("stop.no_answer", { count: stopOrder.failures });
    }
    if (stopOrder.isPending) return i18n.t("stop.pending");
    if (stopOrder.isRefused) {
      return i18n.t("stop.refused", { words: refusalWords(i18n, stopOrder.code) ?? stopOrder.words ?? "" });
    }
    if (stopped) return i18n.t("stop.stopped");
    return trouble === null ? "" : i18n.t("server.trouble", { words: trouble });
  }

  #askToResume() {
    const { question, acts, api, watch } = this.#context;
    question.ask(RESUME_QUESTION, async (yes) => {
      if (!yes) return;
      const fleet = await acts.run({ key: "act.resume", values: {} }, () => api.resume());
      if (fleet !== null) watch.take("fleet", fleet);
    });
  }
}
