// The client: its objects by name, and GraphQL.

import { errorOfGraphql, fields, parsed, type Reply, unreadable } from "./errors.js";
import { Exchange, type Retries } from "./exchange.js";
import { type Feed, feedOf } from "./feed.js";
import { type AnyRecord, Objects } from "./records.js";
import { type Subscribing, Subscription } from "./subscribing.js";

export interface Options {
  /** The address of the server, like `https://crm.example.com`. */
  baseUrl: string;
  apiKey?: string;
  /** The milliseconds that one attempt may take: 30,000 unless given. */
  timeout?: number;
  retries?: Retries;
  /** What sends requests, if not the `fetch` of Node.js or the browser. */
  fetch?: typeof fetch;
}

type Standard =
  | "attachments"
  | "blocklists"
  | "calendarChannelEventAssociations"
  | "calendarChannels"
  | "calendarEventParticipants"
  | "calendarEvents"
  | "companies"
  | "connectedAccounts"
  | "dashboards"
  | "favoriteFolders"
  | "favorites"
  | "messageChannelMessageAssociations"
  | "messageChannels"
  | "messageFolders"
  | "messageParticipants"
  | "messageThreads"
  | "messages"
  | "noteTargets"
  | "notes"
  | "opportunities"
  | "people"
  | "taskTargets"
  | "tasks"
  | "timelineActivities"
  | "workflowAutomatedTriggers"
  | "workflowRuns"
  | "workflowVersions"
  | "workflows"
  | "workspaceMembers";

class Base {
  readonly #exchange: Exchange;
  /** Everything that happens to records, as it happens. */
  readonly events: Feed;

  constructor(options: Options) {
    this.#exchange = new Exchange(options);
    this.events = feedOf(this.#exchange);
    return new Proxy(this, {
      get: (_, name) => {
        // A promise asks what it is given for `then`, JSON for `toJSON`: neither is an object of the data model.
        if (typeof name === "symbol" || name === "then" || name === "toJSON") return undefined;
        if (name === "objects" || name === "graphql" || name === "subscribe") return this[name].bind(this);
        if (name === "events") return this.events;
        return this.objects(name);
      },
    });
  }

  /** The records of the object with this plural name. */
  objects<T extends AnyRecord = AnyRecord>(plural: string): Objects<T> {
    return new Objects<T>(this.#exchange, plural);
  }

  /** The data of the answer. An error in it is thrown. */
  graphql<T = AnyRecord>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
    const repeating = /\bmutation\b/.test(query) ? "never" : "freely";
    return this.#exchange.send({ method: "POST", path: "/graphql", body: { query, variables }, repeating, read: data<T> });
  }

  /** What a subscription tells, to be iterated over or given to `onNext`. */
  subscribe<T = AnyRecord>(
    document: string,
    variables: Record<string, unknown> = {},
    options: Subscribing<T> = {},
  ): Subscription<T> {
    return new Subscription<T>(this.#exchange, document, variables, options);
  }
}

/** `client.people` are the people, and so for each object. `Rapport<"invoices">` tells TypeScript of custom ones. */
export type Rapport<Custom extends string = never> = Base & { readonly [name in Standard | Custom]: Objects };
export const Rapport = Base as new <Custom extends string = never>(options: Options) => Rapport<Custom>;

function data<T>(reply: Reply): T {
  const found = fields(parsed(reply));
  if (Array.isArray(found.errors) && found.errors.length > 0) throw errorOfGraphql(found.errors, reply);
  if (typeof found.data !== "object" || found.data === null) throw unreadable(reply);
  return found.data as T;
}
