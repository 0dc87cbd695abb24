/**
 * Opens the page that the address asks for:
 *   ?ride=TOKEN   a ride to watch; without it, a station
 *   ?station=ID   which station this is
 *   ?lang=TAG     the language to begin with
 *   ?kiosk=1      a public screen
 *   ?sound=off    a station that is silent until a visitor wants to hear it
 *   #code=CODE    with which this station enrols; servers never see it
 */

import { Companion } from "./companion.js";
import { becomeKiosk } from "./kiosk.js";
import { LanguageChoice } from "./language_choice.js";
import { Memory, browserStorage, deviceId } from "./memory.js";
import { Station } from "./station.js";
import { Sound } from "./sound.js";
import { keepAwake } from "./wake_lock.js";

const address = new URL(location.href);
const asked = address.searchParams;
const storage = browserStorage();
const device = deviceId(address, storage);
const choice = await LanguageChoice.open(
  new Memory(storage, `pixelopolis.language.${device}`), [...asked.getAll("lang"), ...navigator.languages]);
if (asked.get("kiosk") === "1") becomeKiosk();
keepAwake();
const token = asked.get("ride");
const page = token === null
  ? new Station(choice, device, storage, takeCode(), new Sound(asked.get("sound") !== "off"))
  : new Companion(choice, token);
choice.fetchAll();
await page.run();

/** The code in the address, which is of no use a second time and so taken out of it; null if there is none. */
function takeCode() {
  const code = new URLSearchParams(address.hash.slice(1)).get("code");
  if (code !== null) history.replaceState(null, "", address.pathname + address.search);
  return code;
}
