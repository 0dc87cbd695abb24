/**
 * Texts in the visitor's language. Catalogues are JSON files of ICU MessageFormat messages; understood are `{name}`
 * and `{count, plural, =1 {…} one {…} other {… # …}}`, with the plural rules (CLDR) of `Intl.PluralRules` and the
 * digits of `Intl.NumberFormat`.
 */

const PLURAL_START = /^\s*(\w+)\s*(?:(,\s*plural\s*,)\s*)?/;
const BRANCH_START = /^\s*(=\d+|\w+)\s*\{/;

export class I18n {
  #catalogue;
  #languages;
  #language;

  /** `languages`: array of {tag, name, dir}; `tag` and `catalogue`: the first language in use. */
  constructor(languages, tag, catalogue) {
    this.#languages = languages;
    this.use(tag, catalogue);
  }

  get languages() {
    return this.#languages;
  }

  /** The language in use: {tag, name, dir}. */
  get language() {
    return this.#language;
  }

  /** Changes to a language; `catalogue` is its messages by key. */
  use(tag, catalogue) {
    this.#language = this.#languages.find((language) => language.tag === tag);
    this.#catalogue = catalogue;
  }

  /** The text of a key; throws when the catalogue lacks it. */
  t(key, values = {}) {
    const message = this.#catalogue[key];
    if (message === undefined) throw new Error(`no text for ${key} in ${this.#language.tag}`);
    return formatMessage(message, values, this.#language.tag);
  }

  /** One of several names by language tag: the visitor's language, else English, else the first. */
  pick(names) {
    return names[this.#language.tag] ?? names.en ?? Object.values(names)[0] ?? "";
  }

  speed(metresPerSecond) {
    const format = { style: "unit", unit: "centimeter-per-second", maximumFractionDigits: 0 };
    return this.number(Math.abs(metresPerSecond) * 100, format);
  }

  /** A number as `Intl.NumberFormat` writes it with these options. */
  number(value, options) {
    return new Intl.NumberFormat(this.#language.tag, options).format(value);
  }

  /** A Date as `Intl.DateTimeFormat` writes it with these options. */
  moment(date, options) {
    return new Intl.DateTimeFormat(this.#language.tag, options).format(date);
  }
}

/** The first of the wanted tags that exists, comparing whole tags and then their language part. */
export function matchLanguage(wanted, available) {
  for (const tag of wanted) {
    const exact = available.find((one) => one.toLowerCase() === tag.toLowerCase());
    const sameLanguage = available.find((one) => one.split("-")[0] === tag.split("-")[0].toLowerCase());
    if (exact ?? sameLanguage) return exact ?? sameLanguage;
  }
  return available[0];
}

/** Fills an ICU message. Throws on a value that is missing and on a message that cannot be read. */
export function formatMessage(message, values, tag) {
  const show = (value) => (typeof value === "number" ? new Intl.NumberFormat(tag).format(value) : value);
  const lookUp = (name) => {
    if (!(name in values)) throw new Error(`no value for {${name}} in “${message}”`);
    return values[name];
  };
  const fill = (parts, count) => parts.map((part) => {
    if (typeof part === "string") return part;
    if (part.count) return show(count);
    const value = lookUp(part.name);
    return part.branches ? fill(branchFor(part.branches, value, tag), value) : show(value);
  }).join("");
  return fill(parseMessage(message));
}

function branchFor(branches, count, tag) {
  return branches[`=${count}`] ?? branches[new Intl.PluralRules(tag).select(count)] ?? branches.other;
}

/**
 * The parts of a message: texts, `{name}` for an argument, `{name, branches}` for a plural with the parts of each
 * branch, and `{count}` for its `#`. Throws where the message cannot be read.
 */
export function parseMessage(source) {
  let at = 0;
  const take = (pattern) => {
    const match = pattern.exec(source.slice(at));
    if (!match) throw new Error(`cannot read “${source}” at character ${at + 1}`);
    at += match[0].length;
    return match;
  };

  function parts(inBranch) {
    const found = [];
    while (at < source.length && !(inBranch && source[at] === "}")) {
      if (source[at] === "{") found.push(argument());
      else if (inBranch && source[at] === "#") found.push({ count: take(/^#/) });
      else found.push(take(inBranch ? /^[^{}#]+/ : /^[^{]+/)[0]);
    }
    return found;
  }

  function argument() {
    take(/^\{/);
    const [, name, plural] = take(PLURAL_START);
    if (!plural) {
      take(/^\}/);
      return { name };
    }
    const branches = {};
    while (source[at] !== "}") {
      const [, label] = take(BRANCH_START);
      branches[label] = parts(true);
      take(/^\}\s*/);
    }
    take(/^\}/);
    return { name, branches };
  }

  return parts(false);
}
