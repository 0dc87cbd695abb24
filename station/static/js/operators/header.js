/** What is always at hand: the stop, the ways to the views, who is logged in. */

import { html, setAttribute, setText } from "../dom.js";
import { ActNotice } from "./act_notice.js";
import { StopBar } from "./stop_bar.js";

const VIEW_NAMES = { fleet: "nav.fleet", pictures: "nav.pictures", log: "nav.log", access: "nav.access" };

export class Header {
  #i18n;
  #session;
  #stopBar;
  #notice;
  #nav = document.querySelector("#views");
  #who = document.querySelector("#who");
  #links;
  #name = html("span", { class: "who-name", translate: "no" });
  #logOut;

  /** `views`: the names of the views; `trouble()`: why the server cannot work, or null. */
  constructor(context) {
    const { i18n, session, views, acts } = context;
    this.#i18n = i18n;
    this.#session = session;
    this.#links = views.map((view) => html("a", { class: "view-link", href: `#${view}`, "data-view": view }));
    this.#nav.append(...this.#links);
    const logOut = () => acts.run({ key: "act.log_out", values: {} }, () => session.logOut());
    this.#logOut = html("button", { class: "act act-quiet", type: "button", onclick: logOut });
    this.#who.append(this.#name, this.#logOut);
    this.#stopBar = new StopBar(context);
    this.#notice = new ActNotice(context);
  }

  update(screen) {
    const isIn = this.#session.state === "in";
    document.body.classList.toggle("logged-in", isIn);
    this.#nav.hidden = this.#who.hidden = !isIn;
    setAttribute(this.#nav, "aria-label", this.#i18n.t("nav.label"));
    for (const link of this.#links) {
      setText(link, this.#i18n.t(VIEW_NAMES[link.dataset.view]));
      if (link.dataset.view === screen) setAttribute(link, "aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    setText(this.#name, this.#session.name ?? "");
    setText(this.#logOut, this.#i18n.t("login.log_out"));
    this.#stopBar.update(isIn);
    this.#notice.update();
  }

  /** The key that stops is held, or is let go. */
  stopKey(held) {
    this.#stopBar.keyHeld(held);
  }
}
