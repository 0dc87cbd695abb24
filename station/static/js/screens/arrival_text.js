/** The time to arrival in words that do not change every moment. */

const SOON_S = 4;
const STEP_S = 5;
const MINUTES_FROM_S = 90;

export function arrivalText(i18n, etaS) {
  if (etaS === null) return i18n.t("ride.arrival_unknown");
  if (etaS <= SOON_S) return i18n.t("ride.arrival_soon");
  if (etaS < MINUTES_FROM_S) return i18n.t("ride.arrival_seconds", { seconds: Math.ceil(etaS / STEP_S) * STEP_S });
  return i18n.t("ride.arrival_minutes", { minutes: Math.round(etaS / 60) });
}
