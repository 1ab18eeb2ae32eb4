// The change feed: everything that happens to records, in order, from any moment on.

import { errorOf, fields, parsed, type Reply, unreadable } from "./errors.js";
import type { Exchange } from "./exchange.js";
import { lasting, objectOf, Over } from "./lasting.js";
import type { AnyRecord } from "./records.js";
import type { ServerSent } from "./server-sent.js";

export interface FeedEvent<T = AnyRecord> {
  /** Where to go on behind it. */
  cursor: string;
  id: string;
  action: "created" | "updated" | "deleted" | "restored" | "destroyed" | "shown" | "hidden";
  object: string;
  recordId: string;
  happenedAt: string;
  updatedFields?: string[];
  actor: AnyRecord | null;
  record: T | null;
  /** Where it is asked for. */
  before?: T | null;
}

export interface Wanted {
  /** A cursor, or `"now"`. From the oldest event that is kept unless given. */
  after?: string;
  objects?: string | string[];
  actions?: string | string[];
  /** Whether to tell what changed records were before. */
  before?: boolean;
}

export interface Following extends Wanted {
  /** Whether to go on with what is still to happen. True unless given. */
  follow?: boolean;
  /** Ends it when it is aborted. */
  signal?: AbortSignal;
}

export interface Paging extends Wanted {
  /** 1,000 at most, and unless given. */
  limit?: number;
  /** When there are no events, the seconds in which to wait for the first. */
  wait?: number;
}

export interface EventPage<T = AnyRecord> {
  events: FeedEvent<T>[];
  /** Where to go on behind them. */
  cursor: string;
  /** Whether there are more already. */
  hasMore: boolean;
}

/** `client.events({ after })` are the events behind a cursor, as they happen. */
export interface Feed {
  <T = AnyRecord>(wanted?: Following): AsyncGenerator<FeedEvent<T>, void, undefined>;
  page<T = AnyRecord>(wanted?: Paging): Promise<EventPage<T>>;
  /** The cursor behind everything that has happened: take it first, then read the records, then follow. */
  now(): Promise<string>;
}

const AT_ONCE = 1_000;

export function feedOf(exchange: Exchange): Feed {
  function page<T>(wanted: Paging = {}): Promise<EventPage<T>> {
    const { limit = AT_ONCE, wait, ...rest } = wanted;
    const query = [...written(rest), ["limit", String(limit)]] as [string, string][];
    if (wait !== undefined) query.push(["wait", String(wait)]);
    const quiet = 30_000 + (wait ?? 0) * 1000;
    return exchange.send({ method: "GET", path: "/rest/events", query, quiet, read: pageOf<T> });
  }

  async function* walk<T>(wanted: Wanted): AsyncGenerator<FeedEvent<T>, void, undefined> {
    for (let step: Wanted | undefined = wanted; step !== undefined; ) {
      const found: EventPage<T> = await page<T>(step);
      yield* found.events;
      step = found.hasMore ? { ...wanted, after: found.cursor } : undefined;
    }
  }

  function events<T>({ follow = true, signal, ...wanted }: Following = {}): AsyncGenerator<FeedEvent<T>, void, undefined> {
    if (!follow) return walk<T>(wanted);
    const stream = { method: "GET", path: "/rest/events", query: written(wanted), read: read<T> } as const;
    return lasting(exchange, stream, signal);
  }

  return Object.assign(events, { page, now: async () => (await page({ after: "now", limit: 1 })).cursor });
}

function written({ after, objects, actions, before }: Wanted): [string, string][] {
  const found: [string, string][] = [];
  if (objects !== undefined) found.push(["objects", [objects].flat().join(",")]);
  if (actions !== undefined) found.push(["actions", [actions].flat().join(",")]);
  if (before) found.push(["before", "true"]);
  if (after !== undefined) found.push(["after", after]);
  return found;
}

function pageOf<T>(reply: Reply): EventPage<T> {
  const { data, pageInfo } = fields(parsed(reply));
  const { events } = fields(data);
  const { endCursor, hasNextPage } = fields(pageInfo);
  if (!Array.isArray(events) || typeof endCursor !== "string") throw unreadable(reply);
  return { events, cursor: endCursor, hasMore: hasNextPage === true };
}

function read<T>(event: ServerSent): FeedEvent<T> | Over | undefined {
  if (event.name === "end") {
    const [{ statusCode }, reply] = objectOf(event);
    return new Over(errorOf({ ...reply, status: typeof statusCode === "number" ? statusCode : 500 }));
  }
  if (event.name !== "message" || event.data === "") return undefined;
  return objectOf(event)[0] as unknown as FeedEvent<T>;
}
