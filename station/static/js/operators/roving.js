/** Many things in a group, and one stop of the Tab key: arrows move between them (ARIA's roving tabindex). */

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
const PRESSES = new Set(["Enter", " "]);

/** `items()` gives the group's elements in order; `onPress(element)` hears of a click, Enter or space on one. */
export function makeRoving(group, items, onPress) {
  group.addEventListener("keydown", (event) => {
    const all = items();
    const at = all.indexOf(event.target);
    if (at < 0) return;
    if (PRESSES.has(event.key)) onPress(event.target);
    else if (event.key in STEPS) all[(at + STEPS[event.key] + all.length) % all.length].focus();
    else if (event.key === "Home") all[0].focus();
    else if (event.key === "End") all.at(-1).focus();
    else return;
    event.preventDefault();
  });
  group.addEventListener("click", (event) => {
    const item = items().find((one) => one.contains(event.target));
    if (item) onPress(item);
  });
  group.addEventListener("focusin", (event) => {
    if (items().includes(event.target)) keepOneStop(items(), event.target);
  });
}

/** Lets the Tab key stop at one item: at `preferred` if there is one, else where it did, else at the first. */
export function keepOneStop(items, preferred = null) {
  const stop = preferred ?? items.find((one) => one.getAttribute("tabindex") === "0") ?? items[0];
  for (const item of items) item.setAttribute("tabindex", item === stop ? "0" : "-1");
}
