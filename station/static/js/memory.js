/** What a station remembers over a reload, as far as the browser lets it. */

import { randomId, toIdentifier } from "./ids.js";

const DEVICE_KEY = "pixelopolis.device";

/** The browser's storage, or null where the browser forbids even to look at it. */
export function browserStorage() {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

/** One value under one key. */
export class Memory {
  #storage;
  #key;

  constructor(storage, key) {
    this.#storage = storage;
    this.#key = key;
  }

  /** The stored value, or null when there is none or it cannot be read. */
  load() {
    try {
      return JSON.parse(this.#storage.getItem(this.#key));
    } catch {
      return null; // no storage, or nothing readable in it: then nothing outlives a reload
    }
  }

  save(value) {
    try {
      this.#storage.setItem(this.#key, JSON.stringify(value));
    } catch {
      // as in load(): a visit without memory is still a visit
    }
  }
}

/** The station's device id: `?station=ID` in the address (a URL), else the one stored in this browser, else a new one. */
export function deviceId(address, storage) {
  const named = toIdentifier(address.searchParams.get("station") ?? "");
  if (named) return named;
  const memory = new Memory(storage, DEVICE_KEY);
  const stored = memory.load();
  if (typeof stored === "string") return stored;
  const made = `station-${randomId()}`;
  memory.save(made);
  return made;
}
