// The verbs on the records of one object.

import { fields, parsed, type Reply, unreadable } from "./errors.js";
import type { Call, Exchange, Repeating } from "./exchange.js";

/** What a record holds is up to the data model of the workspace. */
export type AnyRecord = Record<string, any>;
export type Values = Record<string, unknown>;
export type Order = string | { [field: string]: string | Order } | Order[];

/** Which records, in which order, and how many at once. */
export interface Walk {
  /** As in GraphQL, `{ city: { eq: "Paris" } }`, or text of the grammar of REST, `city[eq]:Paris`. */
  filter?: Values | string;
  /** `{ name: { lastName: "AscNullsLast" } }`, `"name.lastName[AscNullsLast]"`, or several of these. */
  orderBy?: Order;
  /** The size of a page: 60 unless given. */
  first?: number;
  after?: string;
  offset?: number;
  /** How many relations away the records go. */
  depth?: number;
}

export interface Listing extends Walk {
  /** A cursor: the page that ends in front of it. */
  before?: string;
}

export interface PageInfo {
  hasNextPage: boolean;
  hasPreviousPage: boolean;
  startCursor: string | null;
  endCursor: string | null;
}

/** An array of some records of a list. */
export class Page<T = AnyRecord> extends Array<T> {
  readonly totalCount: number;
  readonly pageInfo: PageInfo;

  constructor(records: T[], totalCount: number, pageInfo: PageInfo) {
    super();
    this.push(...records);
    this.totalCount = totalCount;
    this.pageInfo = pageInfo;
  }

  /** What `map` and `filter` give is no page. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }
}

const NAMES: Record<string, string> = {
  filter: "filter",
  orderBy: "order_by",
  first: "limit",
  after: "starting_after",
  before: "ending_before",
  offset: "offset",
  depth: "depth",
};

export class Objects<T extends AnyRecord = AnyRecord> {
  readonly #exchange: Exchange;
  readonly #plural: string;

  constructor(exchange: Exchange, plural: string) {
    this.#exchange = exchange;
    this.#plural = below(plural).slice(1);
  }

  /** One page. */
  list(asked: Listing = {}): Promise<Page<T>> {
    return this.#send("GET", "", { query: written(asked), read: page<T> });
  }

  /** All pages from this one on, each asked for when it is needed. */
  async *pages(asked: Walk = {}): AsyncGenerator<Page<T>, void, undefined> {
    for (let step: Walk | undefined = asked; step !== undefined; ) {
      const found: Page<T> = await this.list(step);
      yield found;
      const { hasNextPage, endCursor } = found.pageInfo;
      const { offset: _passedOver, ...rest }: Walk = step;
      step = hasNextPage && endCursor !== null ? { ...rest, after: endCursor } : undefined;
    }
  }

  /** All records, however many, page by page. */
  async *iterate(asked: Walk = {}): AsyncGenerator<T, void, undefined> {
    for await (const found of this.pages(asked)) yield* found;
  }

  get(id: string, asked: { depth?: number } = {}): Promise<T> {
    return this.#send("GET", below(id), { query: written(asked), read: only<T> });
  }

  create(values: Values): Promise<T> {
    return this.#send("POST", "", { body: values, read: only<T>, repeating: "with a key" });
  }

  /** New records, as many as the server takes at once (60), all of them or none. */
  createMany(records: Values[]): Promise<T[]> {
    const path = `/rest/batch/${this.#plural}`;
    return this.#exchange.send({ method: "POST", path, body: records, read: several<T>, repeating: "with a key" });
  }

  /** Updates the record that has the same id or the same value of a unique field, else creates one. */
  upsert(values: Values): Promise<T> {
    const query: [string, string][] = [["upsert", "true"]];
    return this.#send("POST", "", { body: values, query, read: only<T>, repeating: "with a key" });
  }

  /** Changes what is named, and leaves the rest. */
  update(id: string, values: Values): Promise<T> {
    const creates = Object.values(values).some((each) => typeof each === "object" && each !== null && "create" in each);
    return this.#send("PATCH", below(id), { body: values, read: only<T>, repeating: creates ? "never" : "freely" });
  }

  /** Deletes the record so that it can be restored. */
  delete(id: string): Promise<{ id: string }> {
    return this.#send("DELETE", below(id), { read: only<{ id: string }>, ifGone: { id } });
  }

  /** Takes back that it was deleted. */
  restore(id: string): Promise<T> {
    return this.#send("PATCH", `${below(id)}/restore`, { read: only<T> });
  }

  /** Removes the record for good. */
  destroy(id: string): Promise<{ id: string }> {
    const query: [string, string][] = [["soft_delete", "false"]];
    return this.#send("DELETE", below(id), { query, read: only<{ id: string }>, ifGone: { id } });
  }

  #send<Read>(
    method: Call<Read>["method"],
    more: string,
    rest: {
      read: (reply: Reply) => Read;
      query?: [string, string][];
      body?: unknown;
      repeating?: Repeating;
      ifGone?: Read;
    },
  ): Promise<Read> {
    return this.#exchange.send({ method, path: `/rest/${this.#plural}${more}`, ...rest });
  }
}

/** A further part of a path. What would lead somewhere else is none. */
function below(part: string): string {
  if (typeof part !== "string" || ["", ".", ".."].includes(part)) {
    throw new TypeError(`${JSON.stringify(part)} is no id and no name`);
  }
  return `/${encodeURIComponent(part)}`;
}

/** The parameters of a request. What is undefined is not asked. */
function written(asked: object): [string, string][] {
  return Object.entries(asked)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => [parameter(name), name === "orderBy" ? ordered(value as Order) : asText(value)]);
}

/** Servers would pass over an unknown one in silence. */
function parameter(name: string): string {
  const found = NAMES[name];
  if (found === undefined) throw new TypeError(`There is no option ${name}`);
  return found;
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** `[{ company: { name: "AscNullsLast" } }, "createdAt"]` is `company.name[AscNullsLast],createdAt`. */
function ordered(order: Order, path = ""): string {
  if (typeof order === "string") return path === "" ? order : `${path}[${order}]`;
  if (Array.isArray(order)) return order.map((each) => ordered(each, path)).join(",");
  return Object.entries(order)
    .map(([field, inner]) => ordered(inner, path === "" ? field : `${path}.${field}`))
    .join(",");
}

/** `{"data": {"createPerson": {…}}}` is the person. */
function only<T>(reply: Reply): T {
  const [found] = Object.values(fields(fields(parsed(reply)).data));
  if (typeof found !== "object" || found === null || Array.isArray(found)) throw unreadable(reply);
  return found as T;
}

/** `{"data": {"createPeople": […]}}` are the people. */
function several<T>(reply: Reply): T[] {
  const [found] = Object.values(fields(fields(parsed(reply)).data));
  if (!Array.isArray(found)) throw unreadable(reply);
  return found as T[];
}

function page<T>(reply: Reply): Page<T> {
  const { totalCount, pageInfo } = fields(parsed(reply));
  if (typeof pageInfo !== "object" || pageInfo === null) throw unreadable(reply);
  return new Page(several<T>(reply), Number(totalCount), pageInfo as PageInfo);
}
