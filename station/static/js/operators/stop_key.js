/** A key that stops all cars when it is held: Escape, which else only closes what is open. */

const KEY = "Escape";
const HELD_MS = 500;

/** `onHolding(boolean)` hears that the key goes down and up, `onHeld()` that it was held long enough. */
export function watchStopKey(target, { onHolding, onHeld }) {
  let timer = null;

  const letGo = () => {
    if (timer === null) return;
    clearTimeout(timer);
    timer = null;
    onHolding(false);
  };

  target.addEventListener("keydown", (event) => {
    if (event.key !== KEY || timer !== null) return; // a key that is held repeats itself
    onHolding(true);
    timer = setTimeout(onHeld, HELD_MS);
  }, { capture: true });
  target.addEventListener("keyup", (event) => {
    if (event.key === KEY) letGo();
  }, { capture: true });
  target.addEventListener("blur", letGo);
}
