/** The ride: what the car sees, where it is, what comes next. */

import { html, setAttribute, setText } from "../dom.js";
import { icon, setIcon } from "../icons.js";
import { CityMap } from "../map.js";
import { findPlace, pictureOf } from "../places.js";
import { LiveVideo } from "../video.js";
import { arrivalText } from "./arrival_text.js";
import { createRideCode } from "./ride_code.js";

const COMMAND_TEXTS = {
  follow: "ride.command.follow",
  forward: "ride.command.forward",
  left: "ride.command.left",
  right: "ride.command.right",
};

const MODE_NOTES = {
  idle: "ride.note.ready",
  waiting: "ride.note.waiting",
  blocked: "ride.note.blocked",
  localising: "ride.note.localising",
  stopped: "ride.note.stopped",
};

/** What operators do comes before what the car itself reports, and why it drives round before why it stands a moment. */
function noteOf({ car, place_queue_position: position }, i18n) {
  if (car?.driven) return i18n.t("ride.note.driven");
  if (car?.held) return i18n.t("ride.note.held");
  if (position != null) return i18n.t("ride.note.place_queue", { position });
  const key = MODE_NOTES[car?.mode ?? "idle"];
  return key ? i18n.t(key) : "";
}

const LEAVE_QUESTION = {
  title: "ride.leave_title", text: "ride.leave_text", yes: "ride.leave_yes", no: "ride.leave_no",
};

/** Without a `visitor`, the screen is to watch only. */
export function createRide({ i18n, visitor, city, question }) {
  const video = new LiveVideo();
  const picture = html("img", { class: "ride-picture", alt: "" });
  const heading = html("h1", { tabindex: "-1" });
  const note = html("p", { class: "ride-note", role: "status" });
  const next = createFact("follow");
  const arrival = createFact("clock");
  const speed = createFact("speed");
  const facts = html("dl", { class: "facts" }, next.root, arrival.root, speed.root);
  const mapFrame = html("div", { class: "map-frame" });
  const code = visitor && createRideCode(i18n);
  const leave = visitor && html("button", { class: "button button-quiet", type: "button", onclick: askToLeave });
  const root = html("section", { class: "screen ride" },
    html("div", { class: "ride-head" }, picture, heading),
    html("div", { class: "ride-view" }, video.root, note),
    facts, mapFrame, visitor && html("div", { class: "ride-foot" }, code.root, leave));
  let map = null;

  function askToLeave() {
    question.ask(LEAVE_QUESTION, (yes) => {
      if (yes) visitor.leave();
    });
  }

  function updatePlace(ride) {
    const place = findPlace(city(), ride.place_id);
    setText(heading, i18n.t("ride.title", { place: place ? i18n.pick(place.names) : "" }));
    if (place) setAttribute(picture, "src", pictureOf(place));
    if (map === null && city() !== null) {
      map = new CityMap(city(), i18n);
      mapFrame.append(map.root);
    }
    map?.update(ride.car, place);
  }

  function updateFacts(ride) {
    const command = ride.car?.command ?? "follow";
    setIcon(next.icon, command);
    setText(next.name, i18n.t("ride.next"));
    setText(next.value, i18n.t(COMMAND_TEXTS[command]));
    setText(arrival.name, i18n.t("ride.arrival"));
    setText(arrival.value, arrivalText(i18n, ride.eta_s));
    setText(speed.name, i18n.t("ride.speed"));
    setText(speed.value, i18n.speed(ride.car?.speed_mps ?? 0));
  }

  function updateFoot(ride) {
    code.update(ride);
    setText(leave, i18n.t("ride.leave"));
  }

  return {
    root,
    heading,
    update({ ride }) {
      video.show(ride.stream_path, i18n.t("ride.video"));
      setText(note, noteOf(ride, i18n));
      setAttribute(facts, "aria-label", i18n.t("ride.facts"));
      if (visitor) updateFoot(ride);
      updatePlace(ride);
      updateFacts(ride);
    },
    reconnected: () => video.restart(),
    dispose() {
      video.stop();
      map?.dispose();
    },
  };
}

function createFact(symbol) {
  const fact = { icon: icon(symbol), name: html("span"), value: html("dd") };
  fact.root = html("div", { class: "fact" }, html("dt", {}, fact.icon, fact.name), fact.value);
  return fact;
}
