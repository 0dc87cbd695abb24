/** The code with which visitors take the ride along on their own phones. */

import { html, setAttribute, setText } from "../dom.js";

/** It shows itself once its picture is there: a server that phones cannot reach gives none. */
export function createRideCode(i18n) {
  const picture = html("img", { class: "ride-code-picture" });
  const text = html("figcaption");
  const root = html("figure", { class: "ride-code", hidden: true }, picture, text);
  picture.addEventListener("load", () => { root.hidden = false; });
  picture.addEventListener("error", () => { root.hidden = true; });

  return {
    root,
    update(ride) {
      setAttribute(picture, "src", ride.code_path);
      setAttribute(picture, "alt", i18n.t("ride.code"));
      setText(text, i18n.t("ride.code_text"));
    },
  };
}
