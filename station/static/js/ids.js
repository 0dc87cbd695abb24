/** Identifiers that the server accepts: letters, digits and `_.:-`, at most 64 characters. */

const MAX_LENGTH = 64;

/** A random id. `crypto.randomUUID` exists only on https and localhost, so it is made by hand where missing. */
export function randomId() {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Turns any text into an identifier; an empty string when nothing of it is usable. */
export function toIdentifier(text) {
  return text
    .trim()
    .replace(/[^A-Za-z0-9_.:-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "")
    .slice(0, MAX_LENGTH);
}
