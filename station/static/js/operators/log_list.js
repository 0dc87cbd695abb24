/** A list of log entries under its heading, with a button for earlier ones. */

import { html, setAttribute, setText } from "../dom.js";

const MOMENT = { dateStyle: "short", timeStyle: "medium" };

export class LogList {
  #i18n;
  #keys;
  #describe;
  #heading = html("h2");
  #list = html("ol", { class: "log-list" });
  #empty = html("p", { class: "empty" });
  #earlier;

  /** `keys`: {title, empty}; `describe(entry)` gives {at, text, urgent, raw}; `onEarlier()` is asked for more. */
  constructor(i18n, keys, describe, onEarlier) {
    this.#i18n = i18n;
    this.#keys = keys;
    this.#describe = describe;
    this.#earlier = html("button", { class: "act act-quiet", type: "button", onclick: onEarlier });
    this.root = html("section", { class: "log card" }, this.#heading, this.#list, this.#empty, this.#earlier);
  }

  update(entries, { isComplete, failed }) {
    setText(this.#heading, this.#i18n.t(this.#keys.title));
    setText(this.#empty, this.#emptyWords(entries, failed));
    setText(this.#earlier, this.#i18n.t("log.earlier"));
    this.#earlier.hidden = isComplete || entries.length === 0;
    while (this.#list.children.length > entries.length) this.#list.lastChild.remove();
    entries.forEach((entry, index) => this.#updateItem(this.#list.children[index] ?? this.#addItem(), entry));
  }

  #emptyWords(entries, failed) {
    if (failed) return this.#i18n.t("log.failed");
    return entries.length === 0 ? this.#i18n.t(this.#keys.empty) : "";
  }

  #addItem() {
    return this.#list.appendChild(html("li", {}, html("time"), html("span", { class: "log-text" })));
  }

  #updateItem(item, entry) {
    const { at, text, urgent, raw } = this.#describe(entry);
    const [time, words] = item.children;
    setAttribute(time, "datetime", at.toISOString());
    setText(time, this.#i18n.moment(at, MOMENT));
    setText(words, text);
    item.classList.toggle("urgent", urgent === true);
    words.classList.toggle("raw", raw === true);
    if (raw) setAttribute(words, "dir", "ltr");
  }
}
