/** Opens the page that the address asks for. */

import { LanguageChoice } from "./language_choice.js";
import { Memory, browserStorage, deviceId } from "./memory.js";
import { Station } from "./station.js";

const address = new URL(location.href);
const asked = address.searchParams.getAll("lang");
const storage = browserStorage();
const device = deviceId(address, storage);
const choice = await LanguageChoice.open(
  new Memory(storage, `pixelopolis.language.${device}`), [...asked, ...navigator.languages]);
const station = new Station(choice, device, storage);
choice.fetchAll();
await station.run();
