/** Which language the page speaks: the one that the visitor picked, remembered for the visit, else the one asked for. */

import { Catalogues, fetchLanguages } from "./catalogues.js";
import { I18n, matchLanguage } from "./i18n.js";

export class LanguageChoice {
  #catalogues;
  #memory;
  #home;
  #wanted;
  #onChange = () => {};

  constructor({ catalogues, memory, home, i18n }) {
    this.#catalogues = catalogues;
    this.#memory = memory;
    this.#home = home;
    this.#wanted = i18n.language.tag;
    this.i18n = i18n;
  }

  /** Fetches what the first language needs. `wanted` are tags, the dearest first; `memory` holds the picked one. */
  static async open(memory, wanted, catalogues = new Catalogues()) {
    const languages = await fetchLanguages();
    const tags = languages.map(({ tag }) => tag);
    const home = matchLanguage(wanted, tags);
    const picked = memory.load();
    const first = tags.includes(picked) ? picked : home;
    const i18n = new I18n(languages, first, await catalogues.fetch(first));
    return new LanguageChoice({ catalogues, memory, home, i18n });
  }

  /** `onChange()` is called when the page speaks another language. */
  onChange(onChange) {
    this.#onChange = onChange;
  }

  /** Fetches the other languages ahead, so that a change needs no network. */
  fetchAll() {
    for (const { tag } of this.i18n.languages) this.#catalogues.fetch(tag);
  }

  pick(tag) {
    this.#memory.save(tag);
    this.#use(tag);
  }

  /** For the next visitor. */
  forget() {
    this.#memory.save(null);
    this.#use(this.#home);
  }

  async #use(tag) {
    this.#wanted = tag;
    const catalogue = await this.#catalogues.fetch(tag);
    if (this.#wanted !== tag) return; // another one has been picked meanwhile
    this.i18n.use(tag, catalogue);
    this.#onChange();
  }
}
