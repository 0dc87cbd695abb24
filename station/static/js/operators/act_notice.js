/** What became of the operator's last act, in words. */

import { html, setAttribute, setText } from "../dom.js";
import { icon } from "../icons.js";
import { refusalWords } from "./server_words.js";

const DONE_MS = 4000;
const OUTCOMES = {
  running: "outcome.running",
  done: "outcome.done",
  refused: "outcome.refused",
  unanswered: "outcome.unanswered",
};

export class ActNotice {
  #i18n;
  #acts;
  #root = document.querySelector("#notice");
  #text = html("p", { class: "notice-text" });
  #words = html("p", { class: "notice-words", lang: "en", dir: "ltr" });
  #close;
  #shown = null;
  #timer = 0;

  constructor({ i18n, acts }) {
    this.#i18n = i18n;
    this.#acts = acts;
    const forget = () => acts.forget();
    this.#close = html("button", { class: "notice-close", type: "button", onclick: forget }, icon("close"));
    this.#root.append(html("div", { role: "status" }, this.#text, this.#words), this.#close);
  }

  update() {
    const { notice } = this.#acts;
    if (notice !== this.#shown) this.#renew(notice);
    this.#root.hidden = notice === null;
    setAttribute(this.#close, "aria-label", this.#i18n.t("outcome.close"));
    setText(this.#text, notice ? this.#said(notice) : "");
    setText(this.#words, notice?.error?.words ?? "");
  }

  #said({ outcome, act, error }) {
    const why = error && (refusalWords(this.#i18n, error.code) ?? this.#i18n.t("refusal.other"));
    return this.#i18n.t(OUTCOMES[outcome], { act: this.#i18n.t(act.key, act.values), why });
  }

  /** What was done goes away by itself; what was not stays until it is read. */
  #renew(notice) {
    this.#shown = notice;
    clearTimeout(this.#timer);
    if (notice === null) return;
    setAttribute(this.#root, "data-outcome", notice.outcome);
    if (notice.outcome === "done") this.#timer = setTimeout(() => this.#acts.forget(), DONE_MS);
  }
}
