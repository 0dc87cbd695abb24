/** The picture that invites people: a town under a wide sky, cars that drive through it, one large button. */

import { onwardButton } from "../buttons.js";
import { html, setText } from "../dom.js";
import { createPauseButton } from "../pause_button.js";
import { createSoundButton } from "../sound_button.js";

export function createStart({ i18n, visitor, sound }) {
  const heading = html("h1", { tabindex: "-1", class: "start-title" });
  const lead = html("p", { class: "lead" });
  const notice = html("p", { class: "notice", role: "status" });
  const button = onwardButton("button-large button-inviting", () => visitor.book());
  const root = html("section", { class: "screen start" }, createSky(),
    html("div", { class: "start-words" }, heading, lead, notice, button.root), createTown());
  const pause = createPauseButton(i18n, root);
  const hearing = createSoundButton(i18n, sound);
  root.append(html("div", { class: "start-switches" }, hearing.root, pause.root));

  return {
    root,
    heading,
    update(visit) {
      setText(heading, i18n.t("start.title"));
      setText(lead, i18n.t("start.lead"));
      setText(notice, visit.notice ? i18n.t(visit.notice) : "");
      setText(button.label, i18n.t("start.button"));
      hearing.update();
      pause.update();
    },
  };
}

function createSky() {
  const cloud = (name) => html("div", { class: `cloud ${name}` });
  return html("div", { class: "sky" }, html("div", { class: "sun" }), cloud("cloud-near"), cloud("cloud-far"));
}

function createTown() {
  const car = (name) => html("img", { class: `town-car ${name}`, src: "/static/pictures/car.svg", alt: "" });
  return html("div", { class: "town" },
    html("img", { class: "town-houses", src: "/static/pictures/town.svg", alt: "" }),
    html("div", { class: "town-road" }, car("town-car-first"), car("town-car-second")));
}
