/** Letting somebody in: a one-time code, told once, with what to do with it. */

import { html, setText } from "../dom.js";
import { NAME, createChoice, createField, setOptions } from "./fields.js";
import { ROLES } from "./roles.js";

const HINTS = { station: "code.for_station", car: "code.for_car", operator: "code.for_operator" };

export function createCodeForm({ i18n, api, acts }) {
  const heading = html("h2");
  const text = html("p");
  const role = createChoice(() => update());
  const name = createField({ ...NAME, name: "name", autocomplete: "off" });
  const button = html("button", { class: "act" });
  const form = html("form", { class: "code-form", onsubmit: submit }, role.root, name.root, button);
  const code = html("output", { class: "code", dir: "ltr" });
  const validity = html("p");
  const hint = html("p");
  const use = html("code", { class: "code-use", dir: "ltr", tabindex: "0", role: "group" });
  const issued = html("div", { class: "issued", hidden: true, role: "status" }, code, validity, hint, use);
  const root = html("section", { class: "card" }, heading, text, form, issued);
  let given = null; // the newest CodeView

  async function submit(event) {
    event.preventDefault();
    const wanted = role.select.value;
    const call = () => api.issueCode(wanted, name.input.value || null);
    const answer = await acts.run({ key: "act.issue", values: { role: i18n.t(ROLES[wanted]) } }, call);
    if (answer !== null) given = answer;
    update();
  }

  function updateIssued() {
    issued.hidden = given === null;
    if (given === null) return;
    const until = new Date(given.expires_unix_s * 1000);
    setText(code, given.code);
    setText(validity, i18n.t("code.valid", { time: i18n.moment(until, { timeStyle: "short" }) }));
    setText(hint, i18n.t(HINTS[given.role]));
    setText(use, useOf(given));
    use.setAttribute("aria-label", i18n.t("code.use"));
  }

  function update() {
    setText(heading, i18n.t("code.title"));
    setText(text, i18n.t("code.text"));
    setText(role.name, i18n.t("code.role"));
    setOptions(role.select, Object.entries(ROLES).map(([value, key]) => ({ value, text: i18n.t(key) })));
    setText(name.name, i18n.t("code.name"));
    setText(button, i18n.t("code.button"));
    updateIssued();
  }

  return { root, update };
}

/** What to type or to open with a code, on the device that is let in. */
function useOf({ role, name, code }) {
  const server = location.origin;
  switch (role) {
    case "station":
      return `${server}/${name ? `?station=${encodeURIComponent(name)}` : ""}#code=${code}`;
    case "car":
      return `pixelopolis car enrol --id ${name ?? "CAR"} --server ${server} --code ${code}`;
    default:
      return `${server}/operators#code=${code}`;
  }
}
