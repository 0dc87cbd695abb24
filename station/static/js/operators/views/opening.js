/** While the page finds out whether somebody is logged in. */

import { html, setText } from "../../dom.js";

export function createOpening({ i18n }) {
  const heading = html("h1", { tabindex: "-1" });
  const text = html("p", { class: "lead" });
  return {
    root: html("section", { class: "view login" }, heading, text),
    heading,
    update() {
      setText(heading, i18n.t("login.title"));
      setText(text, i18n.t("login.opening"));
    },
  };
}
