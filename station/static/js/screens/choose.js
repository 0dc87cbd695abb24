/** The choice of a place: one picture each. */

import { backButton } from "../buttons.js";
import { html, setAttribute, setText } from "../dom.js";
import { pictureOf } from "../places.js";

export function createChoose({ i18n, visitor, city }) {
  const heading = html("h1", { tabindex: "-1" });
  const text = html("p", { class: "lead" });
  const notice = html("p", { class: "notice", role: "status" });
  const list = html("ul", { class: "places" });
  const leave = backButton("button-quiet", () => visitor.leave());
  const root = html("section", { class: "screen choose" }, heading, text, notice, list, leave.root);
  const cards = [];

  function addCards() {
    for (const place of city()?.places ?? []) {
      const name = html("span", { class: "place-name" });
      const picture = html("img", { class: "place-picture", src: pictureOf(place), alt: "" });
      const button = html("button", {
        class: "place", type: "button", "data-place": place.place_id, onclick: () => visitor.choose(place.place_id),
      }, picture, name);
      cards.push({ place, name, button });
      list.append(html("li", {}, button));
    }
  }

  return {
    root,
    heading,
    update({ wish, notice: noticeKey }) {
      if (cards.length === 0) addCards();
      setText(heading, i18n.t("choose.title"));
      setText(text, i18n.t("choose.text"));
      setText(notice, noticeKey ? i18n.t(noticeKey) : "");
      setText(leave.label, i18n.t("choose.leave"));
      for (const { place, name, button } of cards) {
        setText(name, i18n.pick(place.names));
        setAttribute(button, "aria-pressed", String(place.place_id === wish));
      }
    },
  };
}
