/** Who may come in: stations, cars and operators, codes for new ones, and the end of a key. */

import { html, setText } from "../../dom.js";
import { CallError } from "../../server_call.js";
import { createCodeForm } from "../code_form.js";
import { EnrolledTable } from "../enrolled_table.js";

const REVOKE_QUESTIONS = {
  station: { title: "revoke.title", text: "revoke.station", yes: "revoke.yes", no: "revoke.no" },
  car: { title: "revoke.title", text: "revoke.car", yes: "revoke.yes", no: "revoke.no" },
  operator: { title: "revoke.title", text: "revoke.operator", yes: "revoke.yes", no: "revoke.no" },
};
const RENEW_MS = 5000; // who has just used a code shows up by itself

export function createAccess(context) {
  const { i18n, api, acts, question } = context;
  const heading = html("h1", { class: "view-title", tabindex: "-1" });
  const table = new EnrolledTable(i18n, askToRevoke);
  const codes = createCodeForm(context);
  const root = html("section", { class: "view access" }, heading,
    html("div", { class: "access-columns" }, table.root, codes.root));
  let entries = [];
  let shown = "";
  const timer = setInterval(renew, RENEW_MS);

  async function renew() {
    try {
      entries = await api.enrolled();
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      entries = null; // why is told above the page
    }
    update();
  }

  function askToRevoke({ role, name }) {
    question.ask(REVOKE_QUESTIONS[role], async (yes) => {
      if (!yes) return;
      await acts.run({ key: "act.revoke", values: { name } }, () => api.revoke(role, name));
      await renew();
    }, { name });
  }

  /** The table is made anew only where it differs, so that the focus in it stays. */
  function update() {
    const wanted = i18n.language.tag + JSON.stringify(entries);
    setText(heading, i18n.t("access.title"));
    if (wanted !== shown) table.update(entries);
    shown = wanted;
    codes.update();
  }

  renew();

  return { root, heading, update, reconnected: renew, dispose: () => clearInterval(timer) };
}
