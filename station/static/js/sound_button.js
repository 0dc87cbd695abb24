/** A button that switches the sounds off and on. */

import { html, setAttribute } from "./dom.js";
import { icon, setIcon } from "./icons.js";

export function createSoundButton(i18n, sound) {
  const symbol = icon("sound");
  const root = html("button", { class: "round-button sound", type: "button", onclick: toggle }, symbol);

  function toggle() {
    sound.toggle();
    update();
  }

  function update() {
    setIcon(symbol, sound.isOn ? "sound" : "muted");
    setAttribute(root, "aria-pressed", String(sound.isOn));
    setAttribute(root, "aria-label", i18n.t("app.sound"));
  }

  return { root, update };
}
