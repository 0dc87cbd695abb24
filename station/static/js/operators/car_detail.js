/** The car that was picked: what it sees, how it is, and what can be done with it. */

import { html, setAttribute, setText } from "../dom.js";
import { LiveVideo } from "../video.js";
import { carBadge } from "./car_colours.js";
import { createCarFacts } from "./car_facts.js";
import { carState, stateWords } from "./car_words.js";
import { createDetailHead } from "./detail_head.js";
import { DrivePanel } from "./drive_panel.js";
import { createSendForm } from "./send_form.js";

const LIFT_QUESTION = { title: "lift.title", text: "lift.text", yes: "lift.yes", no: "lift.no" };

/** `carId`: of this car; the other arguments are the page's context. */
export function createCarDetail(carId, context) {
  const { i18n, api, acts, watch, selection, question } = context;
  const values = { car: carId };
  const head = createDetailHead(i18n, selection, carBadge(carId), html("span", { translate: "no" }, carId));
  const video = new LiveVideo();
  const facts = createCarFacts(context);
  const hold = actButton("act-hold", () => ofCar("hold", "act.hold"));
  const release = actButton("act-release", () => ofCar("release", "act.release"));
  const lift = actButton("act-lift act-quiet", askToLift);
  const send = createSendForm({ ...context, onSend: sendTo });
  const drive = new DrivePanel({ i18n, carId });
  const root = html("section", { class: "detail card", "data-car": carId }, head.root,
    html("div", { class: "detail-view" }, video.root, facts.root),
    html("div", { class: "detail-acts" }, hold, release, lift), send.root, drive.root);

  async function run(key, more, call) {
    const car = await acts.run({ key, values: { ...values, ...more } }, call);
    if (car !== null) watch.take("car", car);
  }

  function ofCar(verb, key) {
    return run(key, {}, () => api.ofCar(carId, verb));
  }

  /** Others drive where it stood: whoever says so has to have seen it. */
  function askToLift() {
    question.ask(LIFT_QUESTION, (yes) => {
      if (yes) ofCar("lift", "act.lift");
    });
  }

  function sendTo(stop, where) {
    return run("act.send", { where }, () => api.send(carId, stop));
  }

  return {
    root,
    heading: head.heading,
    update(known) {
      const car = known.cars.get(carId);
      if (!car) return;
      setAttribute(root, "data-state", carState(car));
      head.update(stateWords(i18n, car));
      video.show(`/api/cars/${encodeURIComponent(carId)}/stream.mjpg`, i18n.t("detail.video", values));
      facts.update(known, car);
      setText(hold, i18n.t("detail.hold"));
      setText(release, i18n.t("detail.release"));
      setText(lift, i18n.t("detail.lift"));
      lift.hidden = car.status !== "lost" || car.road === null;
      const takesRelease = (car.held && !known.fleet?.stopped) || car.errand !== null;
      hold.classList.toggle("act-quiet", takesRelease);
      release.classList.toggle("act-quiet", !takesRelease);
      send.update(known.fleet);
      drive.update(car);
    },
    reconnected: () => video.restart(),
    dispose() {
      drive.dispose();
      video.stop();
    },
  };
}

function actButton(name, onclick) {
  return html("button", { class: `act ${name}`, type: "button", onclick });
}
