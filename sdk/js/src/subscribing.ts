// Subscriptions of GraphQL: what they tell, one result after the other.

import { errorOfGraphql } from "./errors.js";
import type { Exchange } from "./exchange.js";
import { lasting, objectOf, Over } from "./lasting.js";
import type { AnyRecord } from "./records.js";
import type { ServerSent } from "./server-sent.js";

export interface Result<T = AnyRecord> {
  data: T;
  /** Where to go on behind it. */
  cursor: string | undefined;
  /** As GraphQL has them: a part of it could not be shown. */
  errors: AnyRecord[];
}

export interface Subscribing<T = AnyRecord> {
  /** The cursor behind which it begins. From now on unless given. */
  after?: string;
  operationName?: string;
  /** Ends the subscription when it is aborted. */
  signal?: AbortSignal;
  /** With it the subscription begins at once; without it, when it is iterated over. */
  onNext?: (result: Result<T>) => void;
  onError?: (error: unknown) => void;
  onComplete?: () => void;
}

/** To be iterated over, once, unless it has an `onNext`. A connection that is lost is made again: nothing is missed. */
export class Subscription<T = AnyRecord> implements AsyncIterable<Result<T>> {
  readonly #stop = new AbortController();
  readonly #results: AsyncGenerator<Result<T>, void, undefined>;

  constructor(exchange: Exchange, query: string, variables: Record<string, unknown>, options: Subscribing<T>) {
    const { after, operationName, signal, onNext } = options;
    const body = operationName === undefined ? { query, variables } : { query, variables, operationName };
    if (signal?.aborted) this.#stop.abort();
    signal?.addEventListener("abort", () => this.#stop.abort(), { once: true });
    const stream = { method: "POST", path: "/graphql", body, after, read: read<T> } as const;
    this.#results = lasting(exchange, stream, this.#stop.signal);
    if (onNext !== undefined) void this.#push(onNext, options);
  }

  [Symbol.asyncIterator](): AsyncGenerator<Result<T>, void, undefined> {
    return this.#results;
  }

  /** Ends it. */
  close(): void {
    this.#stop.abort();
  }

  async #push(onNext: (result: Result<T>) => void, { onError, onComplete }: Subscribing<T>): Promise<void> {
    try {
      for await (const result of this.#results) onNext(result);
    } catch (error) {
      if (onError === undefined) throw error;
      onError(error);
      return;
    }
    onComplete?.();
  }
}

function read<T>(event: ServerSent): Result<T> | Over | undefined {
  if (event.name === "complete") return new Over();
  if (event.name !== "next" || event.data === "") return undefined;
  const [{ data, errors }, reply] = objectOf(event);
  const found = Array.isArray(errors) ? errors : [];
  if (typeof data !== "object" || data === null) return new Over(errorOfGraphql(found, reply));
  return { data: data as T, cursor: event.id, errors: found };
}
