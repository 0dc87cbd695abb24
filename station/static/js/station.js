/** A station: the page on which visitors book a car, choose a place and ride along, one after the other. */

import { Api } from "./api.js";
import { Connection } from "./connection.js";
import { Enrolment } from "./enrolment.js";
import { IdleRules } from "./idle_rules.js";
import { IdleWatch } from "./idle.js";
import { Memory } from "./memory.js";
import { Page } from "./page.js";
import { fetchPictures } from "./places.js";
import { Question } from "./question.js";
import { createArrived } from "./screens/arrived.js";
import { createChoose } from "./screens/choose.js";
import { createEnrol } from "./screens/enrol.js";
import { createInterrupted } from "./screens/interrupted.js";
import { createRide } from "./screens/ride.js";
import { createStart } from "./screens/start.js";
import { createThanks } from "./screens/thanks.js";
import { createWaiting } from "./screens/waiting.js";
import { Screen } from "./visit.js";
import { Visitor } from "./visitor.js";

const ENROL = "enrol"; // the screen of no visit, but of a station without a key

const CREATORS = {
  [ENROL]: createEnrol,
  [Screen.START]: createStart,
  [Screen.WAITING]: createWaiting,
  [Screen.CHOOSE]: createChoose,
  [Screen.RIDE]: createRide,
  [Screen.INTERRUPTED]: createInterrupted,
  [Screen.ARRIVED]: createArrived,
  [Screen.THANKS]: createThanks,
};

export class Station {
  #city = null;
  #screen = null;
  #choice;
  #connection;
  #api;
  #code;
  #sound;
  #enrolment;
  #visitor;
  #idleRules;
  #page;

  /** `device`: the station's device id; `storage`: what outlives a reload, or null; `code`: to enrol with, or null. */
  constructor(choice, device, storage, code, sound) {
    this.#choice = choice;
    this.#sound = sound;
    this.#connection = new Connection((reachable) => this.#page.connectionChanged(reachable));
    this.#api = new Api((reachable) => this.#connection.report(reachable));
    this.#code = code;
    this.#enrolment = new Enrolment({
      api: this.#api,
      name: device,
      memory: new Memory(storage, `pixelopolis.key.${device}`),
      onChange: () => this.#show(true),
    });
    this.#api.useKeyOf(this.#enrolment);
    this.#visitor = new Visitor({
      api: this.#api,
      deviceId: device,
      memory: new Memory(storage, `pixelopolis.visit.${device}`),
      onChange: () => this.#show(true),
    });
    const question = new Question(choice.i18n);
    document.body.append(question.root);
    this.#idleRules = new IdleRules({
      idle: new IdleWatch(document),
      question,
      visitor: this.#visitor,
      onNobody: () => this.#forgetVisitor(),
    });
    const context = { visitor: this.#visitor, enrolment: this.#enrolment, city: () => this.#city, question, sound };
    this.#page = new Page(choice, CREATORS, context);
    choice.onChange(() => this.#show(false));
  }

  async run() {
    this.#show(false);
    this.#enrolment.begin(this.#code);
    this.#visitor.resume();
    this.#connection.keepAsking(this.#api);
    this.#city = await this.#api.city();
    fetchPictures(this.#city);
    this.#show(false);
  }

  #show(moveFocus) {
    const shown = this.#enrolment.needsCode ? { screen: ENROL } : this.#visitor.visit;
    if (!this.#page.show(shown, moveFocus)) return;
    const before = this.#screen;
    this.#screen = shown.screen;
    this.#idleRules.enter(shown.screen);
    this.#sound.announce(shown.screen);
    if (before === Screen.THANKS && shown.screen === Screen.START) this.#forgetVisitor();
  }

  #forgetVisitor() {
    this.#choice.forget();
    this.#sound.forget();
  }
}
