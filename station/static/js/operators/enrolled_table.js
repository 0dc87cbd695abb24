/** Who is let in, and a button that ends it. */

import { html, setText } from "../dom.js";
import { ROLES } from "./roles.js";

const COLUMNS = ["column.role", "column.name", "column.since"];
const MOMENT = { dateStyle: "medium", timeStyle: "short" };

export class EnrolledTable {
  #i18n;
  #onRevoke;
  #caption = html("caption");
  #heads = COLUMNS.map((key) => ({ key, cell: html("th", { scope: "col", role: "columnheader" }) }));
  #body = html("tbody", { role: "rowgroup" });
  #empty = html("p", { class: "empty" });

  /** `onRevoke(entry)` hears whose key is to end. */
  constructor(i18n, onRevoke) {
    this.#i18n = i18n;
    this.#onRevoke = onRevoke;
    const heads = html("tr", { role: "row" }, ...this.#heads.map(({ cell }) => cell), html("td", { role: "cell" }));
    this.root = html("section", { class: "card" }, html("table", { class: "enrolled", role: "table" },
      this.#caption, html("thead", { role: "rowgroup" }, heads), this.#body), this.#empty);
  }

  /** `entries`: EnrolledViews, or null where they could not be read. */
  update(entries) {
    setText(this.#caption, this.#i18n.t("enrolled.title"));
    setText(this.#empty, entries === null ? this.#i18n.t("log.failed") : "");
    for (const { key, cell } of this.#heads) setText(cell, this.#i18n.t(key));
    this.#body.replaceChildren(...(entries ?? []).map((entry) => this.#createRow(entry)));
  }

  #createRow(entry) {
    const { role, name, since_unix_s: since } = entry;
    const words = this.#i18n.t("enrolled.revoke");
    const revoke = html("button", {
      class: "act act-quiet", type: "button", "aria-label": this.#i18n.t("enrolled.revoke_whom", { name }),
      onclick: () => this.#onRevoke(entry),
    }, words);
    const cell = (content) => html("td", { role: "cell" }, content);
    return html("tr", { role: "row", "data-name": name }, cell(this.#i18n.t(ROLES[role])),
      html("th", { scope: "row", role: "rowheader", translate: "no" }, name),
      cell(this.#i18n.moment(new Date(since * 1000), MOMENT)), cell(revoke));
  }
}
