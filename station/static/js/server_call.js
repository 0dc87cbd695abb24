/** One call to the server, what can become of it, and when it is worth another one. */

const ATTEMPT_TIMEOUT_MS = 8000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 4000;
const NO_CONTENT = 204;
const PASSING_STATUSES = new Set([408, 425, 429]);

/** A call that was not carried out; if the server told why, `words` say it in English, and `code` is for translation. */
export class CallError extends Error {
  constructor(message, { words, code }, options) {
    super(message, options);
    this.words = words;
    this.code = code;
  }
}

const UNTOLD = Object.freeze({ words: null, code: null });

/** The server answered, and the answer is no. */
export class RefusedError extends CallError {
  constructor(status, path, told = UNTOLD) {
    super(`${path}: the server answered ${status}`, told);
    this.name = "RefusedError";
    this.status = status;
  }
}

/** No answer, or one that says "try again later". */
export class UnreachableError extends CallError {
  constructor(path, { cause, told = UNTOLD } = {}) {
    super(`${path}: no answer from the server`, told, { cause });
    this.name = "UnreachableError";
  }
}

/** Pause before repetition number `attempt` (0 is the first), doubling up to a few seconds. */
export function pauseMs(attempt) {
  return Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS);
}

/** Repeats `attempt` until it gives a result or `signal` aborts. Only an UnreachableError is worth another attempt. */
export async function insist(attempt, signal, pauseBefore = pauseMs) {
  for (let count = 0; ; count += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
    }
    await pause(pauseBefore(count), signal);
  }
}

/** The JSON that the server answers, null for none. Throws a RefusedError or an UnreachableError. */
export async function callServer(method, path, { headers = {}, body, timeoutMs = ATTEMPT_TIMEOUT_MS } = {}) {
  const options = { method, headers, cache: "no-store", signal: AbortSignal.timeout(timeoutMs) };
  if (body !== undefined) {
    options.headers = { ...headers, "Content-Type": "application/json" };
    options.body = JSON.stringify(body);
  }
  try {
    const response = await fetch(path, options);
    if (!response.ok) throw await errorOf(response, path);
    return response.status === NO_CONTENT ? null : await response.json();
  } catch (error) {
    if (error instanceof CallError) throw error;
    throw new UnreachableError(path, { cause: error });
  }
}

async function errorOf(response, path) {
  const told = await whatIsTold(response);
  const passes = response.status >= 500 || PASSING_STATUSES.has(response.status);
  return passes ? new UnreachableError(path, { told }) : new RefusedError(response.status, path, told);
}

async function whatIsTold(response) {
  try {
    const { code, reason, message } = (await response.json()).error;
    return { words: message ?? null, code: reason ?? code ?? null };
  } catch {
    return UNTOLD; // not from this server, or cut off
  }
}

function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
  });
}
