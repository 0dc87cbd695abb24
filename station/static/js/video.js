/**
 * The live picture of a car: an endless JPEG stream in an image. A browser does not tell when such a stream ends and
 * goes on showing its last picture, so a picture that stands still is fetched anew. The new one takes the old one's
 * place only once it is there: nothing flickers, not even when the car was just waiting.
 */

import { html } from "./dom.js";

const RETRY_MS = 2000;
const LOOK_MS = 5000;
const SAMPLE_PX = 24;

export class LiveVideo {
  #shown = null;
  #coming = null;
  #path = null;
  #description = "";
  #loads = 0;
  #retryTimer = 0;
  #lookTimer = setInterval(() => this.#look(), LOOK_MS);
  #lastSample = "";

  constructor() {
    this.root = html("div", { class: "video" });
  }

  /** Shows the stream at `path`, or nothing for null. */
  show(path, description) {
    this.#description = description;
    if (this.#shown) this.#shown.alt = description;
    if (path === this.#path) return;
    this.#path = path;
    if (path === null) this.#clear();
    else this.#load();
  }

  /** Fetches the stream anew. */
  restart() {
    if (this.#path !== null) this.#load();
  }

  /** Lets go of the connections, which a mere removal from the page would not. */
  stop() {
    clearInterval(this.#lookTimer);
    this.#path = null;
    this.#clear();
  }

  #clear() {
    clearTimeout(this.#retryTimer);
    release(this.#coming);
    release(this.#shown);
    this.#coming = this.#shown = null;
    this.root.replaceChildren();
  }

  #load() {
    clearTimeout(this.#retryTimer);
    release(this.#coming);
    this.#loads += 1;
    const image = html("img", { class: "video-image", alt: this.#description });
    image.addEventListener("load", () => this.#arrived(image), { once: true });
    image.addEventListener("error", () => this.#failed(image), { once: true });
    this.#coming = image;
    image.src = `${this.#path}${this.#path.includes("?") ? "&" : "?"}load=${this.#loads}`;
  }

  #arrived(image) {
    if (image !== this.#coming) return;
    this.#coming = null;
    release(this.#shown);
    this.#shown = image;
    image.alt = this.#description;
    this.root.replaceChildren(image);
  }

  #failed(image) {
    if (image !== this.#coming) return;
    this.#coming = null;
    this.#retryTimer = setTimeout(() => this.restart(), RETRY_MS);
  }

  #look() {
    if (this.#shown === null || this.#coming !== null) return;
    const sample = sampleOf(this.#shown);
    if (sample === this.#lastSample) this.restart();
    this.#lastSample = sample;
  }
}

function sampleOf(image) {
  const canvas = html("canvas", { width: SAMPLE_PX, height: SAMPLE_PX });
  canvas.getContext("2d").drawImage(image, 0, 0, SAMPLE_PX, SAMPLE_PX);
  return canvas.toDataURL();
}

function release(image) {
  image?.removeAttribute("src");
}
