/** A question in front of the page, with two answers. */

import { html, setText } from "./dom.js";

export class Question {
  #i18n;
  #title = html("h2", { id: "question-title" });
  #text = html("p", { id: "question-text" });
  #yes = html("button", { class: "button button-second", type: "button", value: "yes" });
  #no = html("button", { class: "button", type: "button", value: "no" });
  #keys = null;
  #onAnswer = null;

  constructor(i18n) {
    this.#i18n = i18n;
    const attributes = { class: "question", "aria-labelledby": "question-title", "aria-describedby": "question-text" };
    this.root = html("dialog", attributes, this.#title, this.#text,
      html("div", { class: "question-answers" }, this.#yes, this.#no));
    this.#yes.addEventListener("click", () => this.#answer(true));
    this.#no.addEventListener("click", () => this.#answer(false));
    this.root.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.#answer(false);
    });
  }

  /** Asks; `keys` are the catalogue keys {title, text, yes, no}. Escape answers no. */
  ask(keys, onAnswer, values = {}) {
    this.#keys = keys;
    this.#onAnswer = onAnswer;
    setText(this.#title, this.#i18n.t(keys.title));
    setText(this.#yes, this.#i18n.t(keys.yes));
    setText(this.#no, this.#i18n.t(keys.no));
    this.change(values);
    this.root.showModal();
    this.#no.focus();
  }

  /** Changes the numbers in the text of the open question. */
  change(values) {
    setText(this.#text, this.#i18n.t(this.#keys.text, values));
  }

  /** Takes the question back unanswered. */
  close() {
    this.#onAnswer = null;
    if (this.root.open) this.root.close();
  }

  #answer(yes) {
    const onAnswer = this.#onAnswer;
    this.close();
    onAnswer?.(yes);
  }
}
