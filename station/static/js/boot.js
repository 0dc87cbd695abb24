/*
 * Runs before the page's modules, and needs none of them: where the network breaks off while they are being fetched,
 * nothing else would be there to try again.
 */
"use strict";
{
  const PAUSE_MS = 2000;
  let failed = false;

  const reloadOnceServed = async () => {
    try {
      const response = await fetch("/api/health", { cache: "no-store" });
      if (response.ok) {
        location.reload();
        return;
      }
    } catch {
      // still away
    }
    setTimeout(reloadOnceServed, PAUSE_MS);
  };

  addEventListener("error", ({ target }) => {
    if (failed || !(target instanceof HTMLScriptElement || target instanceof HTMLLinkElement)) return;
    failed = true;
    setTimeout(reloadOnceServed, PAUSE_MS);
  }, { capture: true });
}
