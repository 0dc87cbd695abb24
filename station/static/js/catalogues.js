/** Fetches the languages and their texts, for as long as it takes: without texts there is no page. */

import { UnreachableError, insist } from "./api.js";

const LOCALES = "/static/locales";
const ATTEMPT_TIMEOUT_MS = 8000;

/** The languages that there are: array of {tag, name, dir}. */
export function fetchLanguages() {
  return fetchJson(`${LOCALES}/index.json`);
}

/** Texts by tag; each language is fetched once. */
export class Catalogues {
  #fetched = new Map();

  /** The messages of one language by key. */
  fetch(tag) {
    if (!this.#fetched.has(tag)) this.#fetched.set(tag, fetchJson(`${LOCALES}/${tag}.json`));
    return this.#fetched.get(tag);
  }
}

function fetchJson(path) {
  return insist(async () => {
    try {
      const response = await fetch(path, { signal: AbortSignal.timeout(ATTEMPT_TIMEOUT_MS) });
      if (!response.ok) throw new Error(`status ${response.status}`);
      return await response.json();
    } catch (error) {
      throw new UnreachableError(path, error);
    }
  });
}
