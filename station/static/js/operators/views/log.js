/** What has happened, and what operators did. */

import { html, setText } from "../../dom.js";
import { eventWords, isUrgent } from "../event_words.js";
import { LogList } from "../log_list.js";
import { LogReader } from "../log_reader.js";

const EVENTS = { title: "log.events", empty: "log.no_events" };
const ACTS = { title: "log.audit", empty: "log.no_acts" };
const CALL = "operator.call"; // its detail says it all
const PAUSE_MS = 400; // one act makes several views

export function createLog({ i18n, api, watch }) {
  const heading = html("h1", { class: "view-title", tabindex: "-1" });
  const history = new LogReader((before) => api.history(before), update);
  const audit = new LogReader((before) => api.audit(before), update);
  const events = new LogList(i18n, EVENTS, describeEvent, () => history.earlier());
  const acts = new LogList(i18n, ACTS, describeAct, () => audit.earlier());
  const root = html("section", { class: "view logs" }, heading,
    html("div", { class: "log-columns" }, events.root, acts.root));
  let timer = 0;

  function describeEvent(event) {
    return { at: new Date(event.at), text: eventWords(i18n, event), urgent: isUrgent(event) };
  }

  function describeAct({ at_unix_s: at, operator, kind, detail }) {
    const what = kind === CALL ? detail : `${kind} ${detail}`;
    return { at: new Date(at * 1000), text: `${operator}: ${what}`, raw: true };
  }

  /** The server's history, and among it what this page saw of cars: all that is not older than what is read. */
  function allEvents() {
    const oldest = history.isComplete ? 0 : new Date(history.entries.at(-1)?.at ?? 0).getTime();
    const news = watch.news.filter(({ at }) => at.getTime() >= oldest);
    return [...history.entries, ...news].sort((one, other) => new Date(other.at) - new Date(one.at));
  }

  function update() {
    setText(heading, i18n.t("log.title"));
    events.update(allEvents(), history);
    acts.update(audit.entries, audit);
  }

  function renew() {
    history.renew();
    audit.renew();
  }

  watch.onStep(() => {
    clearTimeout(timer);
    timer = setTimeout(renew, PAUSE_MS);
  });
  renew();

  return {
    root,
    heading,
    update,
    reconnected: renew,
    dispose() {
      watch.onStep(() => {});
      clearTimeout(timer);
    },
  };
}
