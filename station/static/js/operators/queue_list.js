/** The visitors who wait for a car, who is next first. */

import { html, setText } from "../dom.js";
import { queueOf } from "./fleet_model.js";

export class QueueList {
  #i18n;
  #heading = html("h2");
  #list = html("ol", { class: "queue-list" });

  constructor(i18n) {
    this.#i18n = i18n;
    this.root = html("section", { class: "queue card" }, this.#heading, this.#list);
  }

  update(known) {
    const queue = queueOf(known);
    setText(this.#heading, this.#i18n.t("queue.title", { count: queue.length }));
    this.#list.hidden = queue.length === 0;
    while (this.#list.children.length > queue.length) this.#list.lastChild.remove();
    queue.forEach((ride, index) => {
      const item = this.#list.children[index] ?? this.#list.appendChild(html("li"));
      setText(item, this.#i18n.t("queue.visitor", { station: ride.station_device_id }));
    });
  }
}
