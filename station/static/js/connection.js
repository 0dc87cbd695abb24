/** Whether the server is there: tells of changes, and asks by itself while nothing else does. */

const HEARTBEAT_MS = 5000;

export class Connection {
  #onChange;

  constructor(onChange) {
    this.#onChange = onChange;
    this.reachable = true;
  }

  /** Hears from every request whether it was answered. */
  report(reachable) {
    if (reachable === this.reachable) return;
    this.reachable = reachable;
    this.#onChange(reachable);
  }

  /** Asks for the server's health again and again; the answers come to `report`. */
  keepAsking(api) {
    setInterval(() => api.health().catch(() => {}), HEARTBEAT_MS);
  }
}
