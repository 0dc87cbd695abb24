/** The operators' page: a log-in, then the fleet, its pictures, its log, and who is let in. */

import { Connection } from "../connection.js";
import { Page } from "../page.js";
import { Question } from "../question.js";
import { Acts } from "./acts.js";
import { FleetWatch } from "./fleet_watch.js";
import { Header } from "./header.js";
import { OperatorsApi } from "./operators_api.js";
import { Selection } from "./selection.js";
import { Session } from "./session.js";
import { watchStopKey } from "./stop_key.js";
import { StopOrder } from "./stop_order.js";
import { createAccess } from "./views/access.js";
import { createFleet } from "./views/fleet.js";
import { createLogin } from "./views/login.js";
import { createLog } from "./views/log.js";
import { createOpening } from "./views/opening.js";
import { createPictures } from "./views/pictures.js";

const VIEWS = { fleet: createFleet, pictures: createPictures, log: createLog, access: createAccess };
const CREATORS = { opening: createOpening, login: createLogin, ...VIEWS };
const FIRST_VIEW = "fleet";
const BANNER_WORDS = { away: "server.away", back: "server.back" };

export class OperatorsPage {
  #city = null;
  #trouble = null;
  #connection;
  #api;
  #session;
  #watch;
  #stopOrder;
  #header;
  #page;
  #isDrawing = false;

  /** `choice`: the LanguageChoice; `handed`: what the address handed over to log in with. */
  constructor(choice, handed) {
    const changed = () => this.#draw();
    this.#connection = new Connection((reachable) => this.#connectionChanged(reachable));
    this.#session = new Session(() => this.#sessionChanged());
    this.#api = new OperatorsApi({
      onReachable: (reachable) => this.#connection.report(reachable),
      onTrouble: (words) => this.#troubleChanged(words),
      onLoggedOut: () => this.#session.lost(this.#stopOrder.isPending ? "login.over_no_stop" : "login.over"),
    });
    this.#session.use(this.#api);
    this.#watch = new FleetWatch(this.#api, changed);
    this.#stopOrder = new StopOrder({
      stop: (signal, onFailure) => this.#api.stop(signal, onFailure),
      onAnswer: (fleet) => this.#watch.take("fleet", fleet),
      onChange: changed,
    });
    const question = new Question(choice.i18n);
    document.body.append(question.root);
    const context = {
      api: this.#api, session: this.#session, watch: this.#watch, question, handed,
      acts: new Acts(changed), selection: new Selection(changed), city: () => this.#city,
    };
    this.#header = new Header({
      ...context, i18n: choice.i18n, stopOrder: this.#stopOrder, views: Object.keys(VIEWS),
      trouble: () => this.#trouble,
    });
    this.#page = new Page(choice, CREATORS, context, BANNER_WORDS);
    choice.onChange(() => this.#show(false));
  }

  async run() {
    addEventListener("hashchange", () => this.#show(true));
    watchStopKey(window, {
      onHolding: (held) => this.#header.stopKey(held),
      onHeld: () => this.#stopByKey(),
    });
    this.#show(false);
    this.#connection.keepAsking(this.#api);
    await this.#session.begin();
    this.#city = await this.#api.city();
    this.#draw();
  }

  #stopByKey() {
    if (this.#session.state === "in") this.#stopOrder.give();
  }

  #sessionChanged() {
    if (this.#session.state === "in") this.#watch.begin();
    else this.#watch.stop();
    this.#show(true);
  }

  #troubleChanged(words) {
    this.#trouble = words;
    this.#draw();
  }

  #connectionChanged(reachable) {
    document.body.classList.toggle("away", !reachable);
    this.#page.connectionChanged(reachable);
  }

  /** Draws once for all that comes in until the next picture of the screen. */
  #draw() {
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    requestAnimationFrame(() => {
      this.#isDrawing = false;
      this.#show(false);
    });
  }

  #show(moveFocus) {
    const screen = this.#screen();
    this.#header.update(screen);
    this.#page.show({ screen }, moveFocus);
  }

  #screen() {
    if (this.#session.state === "unknown") return "opening";
    if (this.#session.state === "out") return "login";
    const asked = location.hash.slice(1);
    return asked in VIEWS ? asked : FIRST_VIEW;
  }
}
