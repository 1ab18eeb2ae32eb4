// Streams of events that last: opened again, behind what came last, whenever the connection is lost.

import { ConnectionFailed, fields, parsed, RapportError, RateLimited, type Reply, unreadable } from "./errors.js";
import { BUSY, type Exchange } from "./exchange.js";
import { type ServerSent, serverSent } from "./server-sent.js";

/** The stream has come to its end; with an `error`, to no good one. */
export class Over {
  constructor(readonly error?: RapportError) {}
}

export interface Stream<T> {
  method: "GET" | "POST";
  path: string;
  query?: [string, string][];
  body?: unknown;
  /** Where to go on, of which the first request says nothing elsewhere. */
  after?: string | undefined;
  /** What is to be given out for an event; undefined: nothing, it only says where the stream is. */
  read: (event: ServerSent) => T | Over | undefined;
}

/**
 * What a stream tells, until the signal ends it. Until it is open for the first time it is tried as often as any
 * request, from then on for as long as it takes.
 */
export async function* lasting<T>(
  exchange: Exchange,
  stream: Stream<T>,
  signal?: AbortSignal,
): AsyncGenerator<T, void, undefined> {
  const { attempts, patience } = exchange.retries;
  let cursor = stream.after;
  let hasBegun = false;
  for (let failures = 1; !signal?.aborted; failures += 1) {
    const stop = new AbortController();
    const abort = () => stop.abort();
    signal?.addEventListener("abort", abort);
    let failure: unknown;
    try {
      for await (const event of serverSent(exchange.open(stream, cursor, stop))) {
        hasBegun = true;
        const found = stream.read(event);
        cursor = event.id || cursor;
        if (found instanceof Over) {
          if (found.error === undefined) return;
          throw found.error;
        }
        failures = 1; // the next one is the first again
        if (found !== undefined) yield found;
      }
      failure = broken("The stream broke off");
    } catch (error) {
      failure = error;
    } finally {
      signal?.removeEventListener("abort", abort);
      stop.abort();
    }
    if (signal?.aborted) return;
    const isLasting = hasBegun && attempts > 1;
    if (!isPassing(failure) || (!isLasting && failures >= attempts)) throw failure;
    const asked = failure instanceof RateLimited ? (failure.retryAfter ?? 0) * 1000 : 0;
    if (!isLasting && asked > patience) throw failure;
    await pause(Math.max(exchange.wait(failures), Math.min(asked, patience)), signal);
  }
}

/** The object of JSON that an event holds, also as an answer. */
export function objectOf(event: ServerSent): [Record<string, unknown>, Reply] {
  const reply = { status: 200, retryAfter: undefined, text: event.data };
  const found = parsed(reply);
  if (typeof found !== "object" || found === null || Array.isArray(found)) throw unreadable(reply);
  return [fields(found), reply];
}

export function broken(message: string, cause?: unknown): ConnectionFailed {
  const none = { status: 0, code: "", details: {}, messages: [message], retryAfter: undefined };
  return new ConnectionFailed(cause === undefined ? { message, ...none } : { message, cause, ...none });
}

function isPassing(failure: unknown): boolean {
  if (failure instanceof ConnectionFailed || failure instanceof RateLimited) return true;
  return failure instanceof RapportError && BUSY.has(failure.status);
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener("abort", done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    }
  });
}
