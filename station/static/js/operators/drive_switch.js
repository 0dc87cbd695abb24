/**
 * The dead man's switch, as a value: `down` are the switches that are pressed, `held` is the one that counts or null.
 * One switch counts only if it was pressed while no other was; two at once are somebody else's hand. Pure.
 */

export const RELEASED = { down: [], held: null };

/** A switch went down. */
export function pressed(state, name) {
  if (state.down.includes(name)) return state;
  return { down: [...state.down, name], held: state.down.length === 0 ? name : null };
}

/** A switch came up. */
export function released(state, name) {
  return { down: state.down.filter((other) => other !== name), held: state.held === name ? null : state.held };
}

/** Nobody knows any more which switches are down: the window lost its focus, say. */
export function dropped() {
  return RELEASED;
}

/** What is held counts no more, until it is let go and pressed again: the server has said so. */
export function voided(state) {
  return { ...state, held: null };
}
