/** Puts the station page together. */

import { Api } from "./api.js";
import { Connection } from "./connection.js";
import { setAttribute, setText } from "./dom.js";
import { I18n, matchLanguage } from "./i18n.js";
import { IdleRules } from "./idle_rules.js";
import { IdleWatch } from "./idle.js";
import { LanguageSwitch } from "./language_switch.js";
import { Memory, browserStorage, deviceId } from "./memory.js";
import { Question } from "./question.js";
import { Stage } from "./stage.js";
import { Screen } from "./visit.js";
import { Visitor } from "./visitor.js";

const LOCALES = "/static/locales";
const ONLINE_BANNER_MS = 4000;

async function fetchJson(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: the server answered ${response.status}`);
  return response.json();
}

async function loadCatalogues() {
  const languages = await fetchJson(`${LOCALES}/index.json`);
  const entries = languages.map(async ({ tag }) => [tag, await fetchJson(`${LOCALES}/${tag}.json`)]);
  return { languages, catalogues: Object.fromEntries(await Promise.all(entries)) };
}

function defaultLanguage(languages) {
  const asked = new URL(location.href).searchParams.get("lang");
  return matchLanguage([...(asked ? [asked] : []), ...navigator.languages], languages.map(({ tag }) => tag));
}

class Station {
  #banner = document.querySelector("#banner");
  #bannerTimer = 0;
  #city = null;
  #screen = null;
  #languageMemory;
  #defaultLanguage;
  #i18n;
  #connection;
  #api;
  #visitor;
  #idleRules;
  #stage;
  #switch;

  constructor({ languages, catalogues }) {
    const storage = browserStorage();
    const device = deviceId(location.href, storage);
    this.#languageMemory = new Memory(storage, `pixelopolis.language.${device}`);
    this.#defaultLanguage = defaultLanguage(languages);
    this.#i18n = new I18n(languages, catalogues, this.#languageMemory.load() ?? this.#defaultLanguage);
    this.#connection = new Connection((reachable) => this.#connectionChanged(reachable));
    this.#api = new Api((reachable) => this.#connection.report(reachable));
    this.#visitor = new Visitor({
      api: this.#api,
      deviceId: device,
      memory: new Memory(storage, `pixelopolis.visit.${device}`),
      onChange: () => this.#show(true),
    });
    const question = new Question(this.#i18n);
    document.body.append(question.root);
    this.#idleRules = new IdleRules({
      idle: new IdleWatch(document),
      question,
      visitor: this.#visitor,
      onNobody: () => this.#forgetLanguage(),
    });
    const context = { i18n: this.#i18n, visitor: this.#visitor, city: () => this.#city, question };
    this.#stage = new Stage(document.querySelector("main"), context);
    this.#switch = new LanguageSwitch(document.querySelector("#languages"), this.#i18n, (tag) => this.#pick(tag));
  }

  async run() {
    this.#show(false);
    this.#visitor.resume();
    this.#connection.keepAsking(this.#api);
    this.#city = await this.#api.city();
    this.#show(false);
  }

  #show(moveFocus) {
    const { visit } = this.#visitor;
    const { tag, dir } = this.#i18n.language;
    setAttribute(document.documentElement, "lang", tag);
    setAttribute(document.documentElement, "dir", dir);
    this.#switch.update();
    const before = this.#screen;
    this.#stage.show(visit);
    if (visit.screen === before) return;
    this.#screen = visit.screen;
    this.#idleRules.enter(visit.screen);
    if (moveFocus) this.#stage.focusHeading();
    if (before === Screen.THANKS && visit.screen === Screen.START) this.#forgetLanguage();
  }

  #pick(tag) {
    this.#i18n.use(tag);
    this.#languageMemory.save(tag);
    this.#show(false);
    this.#showBanner();
  }

  #forgetLanguage() {
    this.#languageMemory.save(null);
    this.#i18n.use(this.#defaultLanguage);
    this.#show(false);
  }

  #connectionChanged(reachable) {
    clearTimeout(this.#bannerTimer);
    this.#banner.hidden = false;
    this.#showBanner();
    if (!reachable) return;
    this.#stage.reconnected();
    this.#bannerTimer = setTimeout(() => {
      this.#banner.hidden = true;
    }, ONLINE_BANNER_MS);
  }

  #showBanner() {
    const { reachable } = this.#connection;
    this.#banner.classList.toggle("banner-good", reachable);
    setText(this.#banner, this.#banner.hidden ? "" : this.#i18n.t(reachable ? "app.online" : "app.offline"));
  }
}

await new Station(await loadCatalogues()).run();
