/** Fetches the languages and their texts, for as long as it takes: without texts there is no page. */

import { UnreachableError, insist } from "./server_call.js";

const LOCALES = "/static/locales";
const ATTEMPT_TIMEOUT_MS = 8000;

/** The languages that there are: array of {tag, name, dir}. */
export function fetchLanguages() {
  return fetchJson(`${LOCALES}/index.json`);
}

/** Texts by tag; each language is fetched once. */
export class Catalogues {
  #folders;
  #fetched = new Map();

  /** `folders`: further ones below that of the visitors' texts, whose texts are added to these. */
  constructor(folders = []) {
    this.#folders = [LOCALES, ...folders.map((folder) => `${LOCALES}/${folder}`)];
  }

  /** The messages of one language by key. */
  fetch(tag) {
    if (!this.#fetched.has(tag)) this.#fetched.set(tag, this.#fetchAll(tag));
    return this.#fetched.get(tag);
  }

  async #fetchAll(tag) {
    return Object.assign({}, ...await Promise.all(this.#folders.map((folder) => fetchJson(`${folder}/${tag}.json`))));
  }
}

function fetchJson(path) {
  return insist(async () => {
    try {
      const response = await fetch(path, { signal: AbortSignal.timeout(ATTEMPT_TIMEOUT_MS) });
      if (!response.ok) throw new Error(`status ${response.status}`);
      return await response.json();
    } catch (error) {
      throw new UnreachableError(path, { cause: error });
    }
  });
}
