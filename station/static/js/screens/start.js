/** The picture that invites people: a town, a car that drives through it, one large button. */

import { onwardButton } from "../buttons.js";
import { html, setText } from "../dom.js";

export function createStart({ i18n, visitor }) {
  const heading = html("h1", { tabindex: "-1", class: "start-title" });
  const lead = html("p", { class: "lead" });
  const notice = html("p", { class: "notice", role: "status" });
  const button = onwardButton("button-large", () => visitor.book());
  const root = html("section", { class: "screen start" },
    html("div", { class: "start-words" }, heading, lead, notice, button.root),
    html("div", { class: "town", "aria-hidden": "true" },
      html("img", { class: "town-houses", src: "/static/pictures/town.svg", alt: "" }),
      html("div", { class: "town-road" },
        html("img", { class: "town-car", src: "/static/pictures/car.svg", alt: "" }))));

  return {
    root,
    heading,
    update(visit) {
      setText(heading, i18n.t("start.title"));
      setText(lead, i18n.t("start.lead"));
      setText(notice, visit.notice ? i18n.t(visit.notice) : "");
      setText(button.label, i18n.t("start.button"));
    },
  };
}
