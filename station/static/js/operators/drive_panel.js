/** Driving a car by hand: take its wheel, hold the switch, steer. Self-contained; its style is css/operators_drive.css. */

import { html, setAttribute, setText } from "../dom.js";
import { DriveInputs } from "./drive_inputs.js";
import { DriveLink } from "./drive_link.js";
import { isFinal, textOf } from "./drive_texts.js";
import { allFaultWords } from "./server_words.js";

const PERIOD_MS = 50;
const TURN_TEXTS = { forward: "drive.turn.forward", left: "drive.turn.left", right: "drive.turn.right" };

export class DrivePanel {
  #i18n;
  #car = null;
  #link = null;
  #inputs = null;
  #timer = null;
  #view = null;
  #turn = null;
  #isLost = false;

  #title = html("h3");
  #how = html("p", { class: "drive-how" });
  #wheel = html("button", { class: "button drive-wheel", type: "button", onclick: () => this.#toggleWheel() });
  #pad = html("div", { class: "drive-pad", tabindex: "0", role: "application" });
  #padLabel = html("span", { class: "drive-pad-label" });
  #status = html("p", { class: "drive-status", role: "status" });
  #speed = html("p", { class: "drive-speed" });
  #faults = html("p", { class: "drive-faults" });
  #turns = html("div", { class: "drive-turns", role: "group" });

  /** `carId` is the car whose wheel can be taken; `update` shows it. */
  constructor({ i18n, carId }) {
    this.#i18n = i18n;
    this.carId = carId;
    this.#pad.append(this.#padLabel);
    this.root = html("section", { class: "drive" },
      this.#title, this.#wheel, this.#how, this.#pad, this.#status, this.#speed, this.#faults, this.#turns);
  }

  /** Shows a car as `/api/cars` has it, in the language of this moment. */
  update(carView) {
    this.#car = carView;
    this.#show();
  }

  /** Leaves the wheel: the car stops. */
  dispose() {
    this.#leave();
  }

  #toggleWheel() {
    if (this.#link === null) this.#take();
    else this.#leave();
    this.#show();
    if (this.#link !== null) this.#pad.focus(); // keys count only there
  }

  #take() {
    this.#view = null;
    this.#isLost = false;
    this.#inputs = new DriveInputs(this.#pad, () => this.#link?.release());
    this.#link = new DriveLink(this.carId, (view) => this.#hear(view), () => this.#lose());
    this.#timer = setInterval(() => this.#tick(), PERIOD_MS);
  }

  #leave() {
    clearInterval(this.#timer);
    this.#inputs?.dispose();
    this.#link?.close();
    this.#inputs = this.#link = this.#timer = this.#turn = null;
  }

  #tick() {
    const command = this.#inputs.command(PERIOD_MS / 1000);
    if (command !== null) this.#link.command(command, this.#turn);
  }

  #hear(view) {
    this.#view = view;
    this.#isLost = false;
    if (view.choice === this.#turn) this.#turn = null;
    if (view.denial !== null && view.denial !== "open") this.#inputs.void();
    if (isFinal(view)) this.#leave();
    this.#show();
  }

  #lose() {
    this.#isLost = true;
    this.#view = null;
    this.#inputs.void();
    this.#show();
  }

  #show() {
    const hasWheel = this.#link !== null;
    const view = this.#view;
    this.root.classList.toggle("drive-at-wheel", hasWheel);
    this.root.classList.toggle("drive-obeyed", hasWheel && view?.obeyed === true);
    setText(this.#title, this.#i18n.t("drive.title"));
    setText(this.#wheel, this.#i18n.t(hasWheel ? "drive.leave" : "drive.take"));
    this.#wheel.disabled = !hasWheel && this.#car?.held !== true;
    setText(this.#how, this.#i18n.t("drive.how"));
    this.#how.hidden = !hasWheel;
    setAttribute(this.#pad, "aria-label", this.#i18n.t("drive.pad"));
    setText(this.#padLabel, this.#i18n.t("drive.pad"));
    this.#pad.hidden = !hasWheel;
    setText(this.#status, this.#i18n.t(this.#statusKey()));
    setText(this.#speed, hasWheel && view ? this.#i18n.speed(view.speed_mps) : "");
    setText(this.#faults, view ? allFaultWords(this.#i18n, view) : "");
    this.#showTurns(hasWheel ? view?.choices ?? [] : []);
  }

  #statusKey() {
    if (this.#isLost) return "drive.lost";
    if (this.#view !== null && (this.#link !== null || isFinal(this.#view))) return textOf(this.#view);
    if (this.#link !== null) return "drive.connecting";
    if (this.#car?.driven === true) return "drive.denial.taken";
    return this.#car?.held === true ? "drive.ready" : "drive.denial.not_held";
  }

  #showTurns(choices) {
    setAttribute(this.#turns, "aria-label", this.#i18n.t("drive.turn"));
    const known = choices.filter((turn) => turn in TURN_TEXTS);
    if (this.#turns.dataset.choices !== known.join()) {
      this.#turns.dataset.choices = known.join();
      this.#turns.replaceChildren(...known.map((turn) => this.#turnButton(turn)));
    }
    for (const button of this.#turns.children) {
      setText(button, this.#i18n.t(TURN_TEXTS[button.dataset.turn]));
      setAttribute(button, "aria-pressed", String(button.dataset.turn === (this.#turn ?? this.#view?.choice)));
    }
  }

  /** Choosing does not take the focus from the pad, which would let go of the switch. */
  #turnButton(turn) {
    return html("button", {
      class: "button button-quiet drive-turn",
      type: "button",
      "data-turn": turn,
      onpointerdown: (event) => event.preventDefault(),
      onclick: () => {
        this.#turn = turn;
        this.#show();
      },
    });
  }
}
