/** A log that the server keeps, read page by page, newest first; its entries have rising numbers. */

import { CallError } from "../server_call.js";
import { PAGE } from "./operators_api.js";

const MOST_PAGES = 20; // that are read at once, to close the gap after a long absence

export class LogReader {
  #fetchPage;
  #onChange;
  #numbers = new Set();
  #reading = null;

  /** `fetchPage(before)` fetches a page, the newest for null; `onChange()` hears of every change. */
  constructor(fetchPage, onChange) {
    this.#fetchPage = fetchPage;
    this.#onChange = onChange;
    this.entries = [];
    this.isComplete = false; // nothing earlier is left
    this.failed = false; // the last time that it was read
  }

  /** Reads what is new. */
  renew() {
    return this.#oneAtATime(async () => {
      const isFirst = this.entries.length === 0;
      let before = null;
      for (let count = 0; count < MOST_PAGES; count += 1) {
        const page = await this.#fetchPage(before);
        const fresh = this.#add(page);
        if (isFirst) this.isComplete = page.length < PAGE;
        if (isFirst || fresh < page.length || page.length < PAGE) return;
        before = page.at(-1).number;
      }
    });
  }

  /** Reads the page before the earliest entry. */
  earlier() {
    return this.#oneAtATime(async () => {
      const page = await this.#fetchPage(this.entries.at(-1)?.number ?? null);
      this.#add(page);
      this.isComplete = page.length < PAGE;
    });
  }

  /** Adds the entries of a page that are new; how many these are. */
  #add(page) {
    const fresh = page.filter((entry) => !this.#numbers.has(entry.number));
    for (const { number } of fresh) this.#numbers.add(number);
    this.entries = [...this.entries, ...fresh].sort((one, other) => other.number - one.number);
    return fresh.length;
  }

  async #oneAtATime(read) {
    while (this.#reading) await this.#reading;
    this.#reading = this.#tell(read);
    await this.#reading;
  }

  async #tell(read) {
    try {
      await read();
      this.failed = false;
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      this.failed = true; // why is told above the page
    } finally {
      this.#reading = null;
    }
    this.#onChange();
  }
}
