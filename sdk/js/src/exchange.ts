// Sends a request, sends it again where that helps and cannot do harm, or gives up.

import { ConnectionFailed, errorOf, RapportError, type Reply, unreadable } from "./errors.js";

export interface Retries {
  /** How often a request is sent at most. 4 unless given. */
  attempts?: number;
  /** The milliseconds before the second attempt, which double from then on, less a random part. 250 unless given. */
  first?: number;
  /** The milliseconds of the longest such wait. 8,000 unless given. */
  longest?: number;
  /** The server's `Retry-After` goes before that; one of more milliseconds than these is not waited for: 60,000. */
  patience?: number;
}

/** Whether a request may be sent again when nobody knows what became of it. */
export type Repeating = "freely" | "with a key" | "never";

export interface Call<T> {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  path: string;
  read: (reply: Reply) => T;
  query?: [string, string][];
  body?: unknown;
  repeating?: Repeating;
  /** What it gives when, after an answer that was lost, there is nothing any more. */
  ifGone?: T;
  /** So many milliseconds one attempt may always take. */
  quiet?: number;
}

/** Servers say something every 30 seconds, unless they are told otherwise. */
const QUIET = 90_000;
const MEDIA_TYPE = "text/event-stream";

export const BUSY = new Set([502, 503, 504]);
const NEVER_SENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"]);

export class Exchange {
  readonly #baseUrl: string;
  readonly #headers: Headers;
  readonly #timeout: number;
  readonly retries: Required<Retries>;
  readonly #fetch: typeof fetch;

  constructor(options: {
    baseUrl: string;
    apiKey?: string | undefined;
    timeout?: number | undefined;
    retries?: Retries | undefined;
    fetch?: typeof fetch | undefined;
  }) {
    this.#baseUrl = addressOf(options.baseUrl);
    this.#headers = new Headers({ accept: "application/json" });
    if (options.apiKey !== undefined) this.#headers.set("authorization", `Bearer ${options.apiKey}`);
    this.#timeout = options.timeout ?? 30_000;
    this.retries = { attempts: 4, first: 250, longest: 8_000, patience: 60_000, ...options.retries };
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init));
  }

  async send<T>(call: Call<T>): Promise<T> {
    const { repeating = "freely" } = call;
    const headers = new Headers(this.#headers);
    if (call.body !== undefined) headers.set("content-type", "application/json");
    if (repeating === "with a key") headers.set("idempotency-key", randomKey());
    const query = call.query?.length ? `?${new URLSearchParams(call.query)}` : "";
    const url = this.#baseUrl + call.path + query;
    const body = call.body === undefined ? null : JSON.stringify(call.body);
    let isInDoubt = false; // an earlier attempt may have been carried out
    for (let attempt = 1; ; attempt += 1) {
      const came = await this.#attempt(url, { method: call.method, headers, body }, call.quiet);
      let wait: number | undefined;
      if (came instanceof ConnectionFailed) {
        const wasSent = !NEVER_SENT.has(codeOf(came.cause));
        if (attempt >= this.retries.attempts || (wasSent && repeating === "never")) throw came;
        isInDoubt ||= wasSent;
      } else {
        if (came.status < 400) return call.read(came);
        if (came.status === 404 && isInDoubt && call.ifGone !== undefined) return call.ifGone;
        const isBusy = BUSY.has(came.status);
        const isAtWork = repeating === "with a key" && came.status === 409 && came.retryAfter !== undefined;
        const isRefused = came.status === 429 || isAtWork || (isBusy && repeating !== "never");
        wait = came.retryAfter === undefined ? undefined : came.retryAfter * 1000;
        if (!isRefused || attempt >= this.retries.attempts || (wait ?? 0) > this.retries.patience) throw errorOf(came);
        isInDoubt ||= isBusy;
      }
      await new Promise((resolve) => setTimeout(resolve, wait ?? this.wait(attempt)));
    }
  }

  /** The parts of a stream of events, from behind the cursor on, until they stop. One attempt; throws what came of it. */
  async *open(
    call: { method: string; path: string; query?: [string, string][]; body?: unknown },
    cursor: string | undefined,
    stop: AbortController,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const headers = new Headers(this.#headers);
    headers.set("accept", MEDIA_TYPE);
    if (call.body !== undefined) headers.set("content-type", "application/json");
    if (cursor !== undefined) headers.set("last-event-id", cursor);
    const query = call.query?.length ? `?${new URLSearchParams(call.query)}` : "";
    const body = call.body === undefined ? null : JSON.stringify(call.body);
    let timer = setTimeout(() => stop.abort(), this.#timeout);
    try {
      const init = { method: call.method, headers, body, signal: stop.signal };
      const response = await this.#fetch(this.#baseUrl + call.path + query, init);
      if (!response.headers.get("content-type")?.startsWith(MEDIA_TYPE) || response.body === null) {
        const reply = await replyOf(response);
        throw reply.status < 400 ? unreadable(reply) : errorOf(reply);
      }
      const reader = response.body.getReader();
      for (;;) {
        clearTimeout(timer);
        timer = setTimeout(() => stop.abort(), Math.max(this.#timeout, QUIET));
        const { done, value } = await reader.read();
        if (done) return;
        yield value;
      }
    } catch (cause) {
      if (cause instanceof RapportError) throw cause;
      throw lost(cause);
    } finally {
      clearTimeout(timer);
    }
  }

  async #attempt(url: string, init: RequestInit, quiet = 0): Promise<Reply | ConnectionFailed> {
    const signal = AbortSignal.timeout(Math.max(this.#timeout, quiet));
    try {
      return await replyOf(await this.#fetch(url, { ...init, signal }));
    } catch (cause) {
      return lost(cause);
    }
  }

  /** So many milliseconds after so many failures. */
  wait(failures: number): number {
    const whole = Math.min(this.retries.first * 2 ** (failures - 1), this.retries.longest);
    return whole * (1 - Math.random() / 2);
  }
}

/** Paths are put behind it: a server may have one of its own, but not one of those that we add. */
function addressOf(baseUrl: string): string {
  const address = URL.canParse(baseUrl) ? new URL(baseUrl).href.replace(/\/+$/, "") : "";
  if (!/^https?:/.test(address) || /[?#]|\/(rest|graphql|metadata)$/i.test(address)) {
    const message = "baseUrl is the address of the server, like https://crm.example.com";
    throw new TypeError(`${message}, without the path of an API behind it, not ${JSON.stringify(baseUrl)}`);
  }
  return address;
}

async function replyOf(response: Response): Promise<Reply> {
  const retryAfter = secondsOf(response.headers.get("retry-after"));
  return { status: response.status, retryAfter, text: await response.text() };
}

function lost(cause: unknown): ConnectionFailed {
  const message = `There was no answer: ${cause instanceof Error ? cause.message : String(cause)}`;
  const none = { status: 0, code: "", details: {}, messages: [message], retryAfter: undefined };
  return new ConnectionFailed({ message, cause, ...none });
}

/** The seconds that the server asks to wait, which it gives as a number or as a time. */
function secondsOf(value: string | null): number | undefined {
  if (value === null) return undefined;
  if (/^\d+$/.test(value)) return Number(value);
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, (at - Date.now()) / 1000);
}

/** The code under which Node.js says why a request could not be sent. */
function codeOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause as { code?: unknown } | undefined) : undefined;
  return String(cause?.code);
}

function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (each) => each.toString(16).padStart(2, "0")).join("");
}
