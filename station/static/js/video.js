/** The live picture of a car: an endless JPEG stream in an image, started again when it breaks. */

import { html, setAttribute } from "./dom.js";

const RETRY_MS = 2000;

export class LiveVideo {
  #image;
  #path = null;
  #retries = 0;
  #timer = 0;

  constructor() {
    this.#image = html("img", { class: "video-image", alt: "", onerror: () => this.#retryLater() });
    this.root = html("div", { class: "video" }, this.#image);
  }

  /** Shows the stream at `path`, or nothing for null. */
  show(path, description) {
    setAttribute(this.#image, "alt", description);
    if (path === this.#path) return;
    this.#path = path;
    this.#load();
  }

  /** Fetches the stream anew: after a lost connection the browser would keep showing the last picture. */
  restart() {
    this.#load();
  }

  /** Lets go of the connection, which a mere removal from the page would not. */
  stop() {
    this.#path = null;
    this.#load();
  }

  #load() {
    clearTimeout(this.#timer);
    this.#image.removeAttribute("src");
    if (this.#path === null) return;
    this.#retries += 1;
    this.#image.src = `${this.#path}?retry=${this.#retries}`;
  }

  #retryLater() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#load(), RETRY_MS);
  }
}
