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
  let closedPlaces = new Set();

  function addCards() {
    for (const place of city()?.places ?? []) {
      const name = html("span", { class: "place-name" });
      const closed = html("span", { class: "place-closed", hidden: true });
      const picture = html("img", { class: "place-picture", src: pictureOf(place), alt: "" });
      const button = html("button", {
        class: "place", type: "button", "data-place": place.place_id, onclick: () => choose(place.place_id),
      }, picture, name, closed);
      cards.push({ place, name, closed, button });
      list.append(html("li", {}, button));
    }
  }

  function choose(placeId) {
    if (!closedPlaces.has(placeId)) visitor.choose(placeId);
  }

  /** A closed place keeps its button, so that whoever is on it with the keyboard hears why nothing happens. */
  function updateCard({ place, name, closed, button }, wish) {
    const isClosed = closedPlaces.has(place.place_id);
    setText(name, i18n.pick(place.names));
    setText(closed, isClosed ? i18n.t("choose.closed") : "");
    closed.hidden = !isClosed;
    setAttribute(button, "aria-pressed", String(place.place_id === wish));
    setAttribute(button, "aria-disabled", String(isClosed));
  }

  return {
    root,
    heading,
    update({ ride, wish, notice: noticeKey }) {
      closedPlaces = new Set(ride.closed_places);
      if (cards.length === 0) addCards();
      setText(heading, i18n.t("choose.title"));
      setText(text, i18n.t("choose.text"));
      setText(notice, noticeKey ? i18n.t(noticeKey) : "");
      setText(leave.label, i18n.t("choose.leave"));
      for (const card of cards) updateCard(card, wish);
    },
  };
}
