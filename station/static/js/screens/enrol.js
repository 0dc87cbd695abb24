/** A station that has no key yet: an operator types a code. */

import { onwardButton } from "../buttons.js";
import { html, setText } from "../dom.js";

export function createEnrol({ i18n, enrolment }) {
  const heading = html("h1", { tabindex: "-1" });
  const text = html("p", { class: "lead" });
  const notice = html("p", { class: "notice", role: "status" });
  const name = html("span");
  const code = html("input", {
    class: "enrol-code", name: "code", required: true, maxlength: "40", dir: "ltr",
    autocomplete: "off", autocapitalize: "characters", spellcheck: "false",
  });
  const connect = onwardButton("", null);
  connect.root.type = "submit";
  const form = html("form", { class: "enrol-form", onsubmit: submit }, html("label", {}, name, code), connect.root);
  const root = html("section", { class: "screen message enrol" }, heading, text, notice, form);

  function submit(event) {
    event.preventDefault();
    enrolment.submit(code.value);
  }

  return {
    root,
    heading,
    update() {
      setText(heading, i18n.t("enrol.title"));
      setText(text, i18n.t("enrol.text"));
      setText(notice, enrolment.wasRefused ? i18n.t("enrol.refused") : "");
      setText(name, i18n.t("enrol.code"));
      setText(connect.label, i18n.t("enrol.button"));
    },
  };
}
