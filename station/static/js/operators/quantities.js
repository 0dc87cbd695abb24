/** Numbers with their units, in the operator's language. */

const MINUTE_S = 60;
const HOUR_S = 3600;

export function percent(i18n, value) {
  return i18n.number(value / 100, { style: "percent", maximumFractionDigits: 0 });
}

/** About so long: seconds below two minutes, minutes below two hours, else hours. */
export function duration(i18n, seconds) {
  if (seconds < 2 * MINUTE_S) return unit(i18n, Math.round(seconds), "second");
  if (seconds < 2 * HOUR_S) return unit(i18n, Math.round(seconds / MINUTE_S), "minute");
  return unit(i18n, Math.round(seconds / HOUR_S), "hour");
}

/** Seconds with a decimal, for delays. */
export function delay(i18n, seconds) {
  return i18n.number(seconds, { style: "unit", unit: "second", minimumFractionDigits: 1, maximumFractionDigits: 1 });
}

function unit(i18n, value, name) {
  return i18n.number(value, { style: "unit", unit: name });
}
