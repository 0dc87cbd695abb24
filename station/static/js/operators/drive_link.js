/** The WebSocket to the server, of an operator who drives a car by hand: commands out, views in. */

const RETRY_MS = 1000;
const OPEN = 1; // WebSocket.OPEN

export class DriveLink {
  #carId;
  #onView;
  #onLost;
  #socket = null;
  #retry = null;
  #sequence = 0;
  #newest = 0;

  /** `onView(view)` hears each view, `onLost()` that there is no connection; it is tried again until `close`. */
  constructor(carId, onView, onLost) {
    this.#carId = carId;
    this.#onView = onView;
    this.#onLost = onLost;
    this.#connect();
  }

  /** Sends what the hand wants: {steering, speed_mps}, and a turn or null. Nothing is kept for later. */
  command({ steering, speed_mps }, turn) {
    if (this.#newest === 0) return;
    this.#sequence += 1;
    this.#send({ steering, speed_mps, sequence: this.#sequence, state: this.#newest, turn });
  }

  /** Says that the switch was let go. */
  release() {
    this.#send({ released: true });
  }

  close() {
    clearTimeout(this.#retry);
    this.#retry = null;
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #send(message) {
    const socket = this.#socket;
    // What the network has not taken yet would arrive late: it is better not said.
    if (socket?.readyState === OPEN && socket.bufferedAmount === 0) socket.send(JSON.stringify(message));
  }

  #connect() {
    const address = new URL(`/api/operator/cars/${encodeURIComponent(this.#carId)}/drive`, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    const socket = new WebSocket(address);
    this.#socket = socket;
    this.#newest = 0;
    socket.addEventListener("message", ({ data }) => {
      if (socket === this.#socket) this.#hear(JSON.parse(data));
    });
    socket.addEventListener("close", () => {
      if (socket === this.#socket) this.#lose();
    });
  }

  #hear(view) {
    this.#newest = view.number;
    this.#onView(view);
  }

  #lose() {
    this.#socket = null;
    this.#newest = 0;
    this.#retry = setTimeout(() => this.#connect(), RETRY_MS);
    this.#onLost();
  }
}
