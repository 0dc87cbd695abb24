/** Keeps the screen awake: a ride is watched, not touched. Browsers allow it on https and localhost only. */

export function keepAwake() {
  if (!("wakeLock" in navigator)) return;
  const request = () => navigator.wakeLock.request("screen").catch(() => {}); // refused on low battery, say
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") request(); // a hidden page has lost its lock
  });
  request();
}
