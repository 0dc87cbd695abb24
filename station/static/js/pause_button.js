/** A button that stops the motion of a scene which would else go on for ever, and lets it go on again. */

import { html, setAttribute } from "./dom.js";
import { icon, setIcon } from "./icons.js";

/** `scene` is the element whose parts move. */
export function createPauseButton(i18n, scene) {
  const symbol = icon("pause");
  const root = html("button", { class: "round-button pause", type: "button", "aria-pressed": "false", onclick: toggle }, symbol);

  function toggle() {
    const stopped = scene.classList.toggle("stopped");
    setIcon(symbol, stopped ? "play" : "pause");
    setAttribute(root, "aria-pressed", String(stopped));
  }

  return { root, update: () => setAttribute(root, "aria-label", i18n.t("app.pause")) };
}
