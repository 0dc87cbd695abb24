/** Server-sent events, read with fetch: an EventSource could not send the station's key. */

/** The events of a text that has come so far, and what is left of it: {events: [{name, data}], rest}. */
export function parseEvents(text) {
  const blocks = text.split("\n\n");
  const rest = blocks.pop();
  return { events: blocks.map(parseEvent).filter(({ data }) => data !== ""), rest };
}

/** One event; a comment, which only keeps the connection alive, has no data. */
function parseEvent(block) {
  const event = { name: "message", data: "" };
  for (const line of block.split("\n")) {
    if (line.startsWith("event: ")) event.name = line.slice("event: ".length);
    else if (line.startsWith("data: ")) event.data += line.slice("data: ".length);
  }
  return event;
}

export class EventStream {
  #abort = new AbortController();

  /** `onEvent({name, data})` hears each event, `onEnd()` once that there are no more, however that came. */
  constructor(path, headers, { onEvent, onEnd }) {
    this.#read(path, headers, onEvent).catch(() => {}).then(() => {
      if (!this.#abort.signal.aborted) onEnd();
    });
  }

  close() {
    this.#abort.abort();
  }

  async #read(path, headers, onEvent) {
    const response = await fetch(path, { headers, cache: "no-store", signal: this.#abort.signal });
    if (!response.ok) return;
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const { events, rest } = parseEvents(text + value);
      text = rest;
      events.forEach(onEvent);
    }
  }
}
