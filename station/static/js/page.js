/** The frame around all screens: languages, the word on the connection, and the screen of the moment. */

import { Banner } from "./banner.js";
import { setAttribute } from "./dom.js";
import { LanguageSwitch } from "./language_switch.js";
import { Stage } from "./stage.js";

/** Pictures that were asked for while the server was away. */
function fetchMissingPictures() {
  for (const image of document.images) {
    if (image.complete && image.naturalWidth === 0 && image.hasAttribute("src")) image.src = image.getAttribute("src");
  }
}

export class Page {
  #i18n;
  #switch;
  #banner;
  #stage;

  /**
   * `choice`: the LanguageChoice; `creators` by screen name; `context` goes to each screen's creator; `bannerWords`: see
   * Banner.
   */
  constructor(choice, creators, context, bannerWords) {
    this.#i18n = choice.i18n;
    this.#switch = new LanguageSwitch(document.querySelector("#languages"), this.#i18n, (tag) => choice.pick(tag));
    this.#banner = new Banner(document.querySelector("#banner"), this.#i18n, bannerWords);
    this.#stage = new Stage(document.querySelector("main"), creators, { i18n: this.#i18n, ...context });
  }

  /** Brings everything up to date with the visit and the language; true if another screen has been entered. */
  show(visit, moveFocus) {
    const { tag, dir } = this.#i18n.language;
    setAttribute(document.documentElement, "lang", tag);
    setAttribute(document.documentElement, "dir", dir);
    this.#switch.update();
    this.#banner.update();
    const entered = this.#stage.show(visit);
    if (entered && moveFocus) this.#stage.focusHeading();
    return entered;
  }

  /** The server is away, or is back. */
  connectionChanged(reachable) {
    this.#banner.connectionChanged(reachable);
    if (!reachable) return;
    fetchMissingPictures();
    this.#stage.reconnected();
  }
}
