/**
 * Opens the operators' page:
 *   ?lang=TAG                      the language to begin with
 *   #code=CODE                     with which somebody becomes an operator
 *   #name=NAME&password=PASSWORD   to log in with; the demo prints such an address
 * What is behind # is sent to no server, and is taken out of the address at once.
 */

import { Catalogues } from "../catalogues.js";
import { LanguageChoice } from "../language_choice.js";
import { Memory, browserStorage } from "../memory.js";
import { keepAwake } from "../wake_lock.js";
import { OperatorsPage } from "./operators_page.js";

const address = new URL(location.href);
const choice = await LanguageChoice.open(
  new Memory(browserStorage(), "pixelopolis.operators_language"),
  [...address.searchParams.getAll("lang"), ...navigator.languages],
  new Catalogues(["operators"]),
);
keepAwake();
const page = new OperatorsPage(choice, takeCredentials());
choice.fetchAll();
await page.run();

/** What the address hands over to log in with: {name, password, code}, each a text or null. */
function takeCredentials() {
  const handed = new URLSearchParams(address.hash.slice(1));
  const [name, password, code] = ["name", "password", "code"].map((key) => handed.get(key));
  if (password !== null || code !== null) history.replaceState(null, "", address.pathname + address.search);
  return { name, password, code };
}
