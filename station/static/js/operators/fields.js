/** Parts of forms: an input or a choice under its name. */

import { html, setText } from "../dom.js";

/** Attributes of an input for what the server takes for a name: see `Identifier` in its API. */
export const NAME = {
  maxlength: 64, pattern: "[A-Za-z0-9][A-Za-z0-9_.:\\-]*", autocapitalize: "none", spellcheck: "false", dir: "ltr",
};

/** An input; `attributes` are its own. */
export function createField(attributes) {
  const name = html("span", { class: "field-name" });
  const input = html("input", { class: "field-input", ...attributes });
  return { root: html("label", { class: "field" }, name, input), name, input };
}

/** A choice among options, see `setOptions`. */
export function createChoice(onchange = () => {}) {
  const name = html("span", { class: "field-name" });
  const select = html("select", { class: "field-input", onchange });
  return { root: html("label", { class: "field" }, name, select), name, select };
}

/** Gives a choice its options, array of {value, text}, and keeps what is picked. */
export function setOptions(select, options) {
  while (select.options.length > options.length) select.lastChild.remove();
  options.forEach(({ value, text }, index) => {
    const option = select.options[index] ?? select.appendChild(html("option"));
    if (option.value !== value) option.value = value;
    setText(option, text);
  });
}
