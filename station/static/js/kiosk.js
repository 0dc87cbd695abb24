/** What a public screen must not do in the hands of many: select, drag, open menus, stay enlarged. */

const UNWANTED = ["contextmenu", "dragstart", "selectstart", "gesturestart"];

export function becomeKiosk() {
  document.documentElement.classList.add("kiosk");
  for (const type of UNWANTED) document.addEventListener(type, (event) => event.preventDefault());
  document.addEventListener("wheel", (event) => {
    if (event.ctrlKey) event.preventDefault(); // enlarges; a kiosk has no key to undo it
  }, { passive: false });
}
