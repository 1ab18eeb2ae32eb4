// Deliveries of webhooks: whether they are genuine. For those who are told, so it needs no connection to a server.

import type { AnyRecord } from "./records.js";

/** What came was not sent by the server, or not with this secret, or not of late. */
export class NotGenuine extends Error {
  constructor(message: string) {
    super(message);
    this.name = "NotGenuine";
  }
}

export interface Verifying {
  /** The seconds that a delivery may be old, so that nobody can send again what they have overheard. 300 unless given. */
  tolerance?: number;
  /** The time, in milliseconds since 1970. */
  now?: number;
}

type GivenHeaders = Headers | Record<string, string | string[] | undefined>;
type Bytes = Uint8Array<ArrayBuffer>;

const PREFIX = "whsec_";
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * The event of a delivery; throws NotGenuine. `body` is the text or the bytes as they came, `secret` that of the webhook,
 * or several of which one must be right. Look at the `webhook-id` header for what you have had already.
 */
export async function verifyWebhook<T = AnyRecord>(
  body: string | Uint8Array,
  headers: GivenHeaders,
  secret: string | string[],
  { tolerance = 300, now = Date.now() }: Verifying = {},
): Promise<T> {
  const secrets = [secret].flat();
  if (secrets.length === 0 || secrets.includes("")) throw new TypeError("without a secret nothing can be verified");
  const given = headers instanceof Headers ? headers : headersOf(headers);
  const bytes = typeof body === "string" ? utf8(body) : new Uint8Array(body);
  const standard = given.get("webhook-signature");
  const [timestamp, check] =
    standard === null
      ? [given.get("x-twenty-webhook-timestamp"), byContract(bytes, given, secrets)]
      : [given.get("webhook-timestamp"), byStandard(bytes, given, standard, secrets)];
  if (!/^\d{1,15}$/.test(timestamp ?? "")) throw new NotGenuine("The delivery does not say when it was sent");
  if (!(await check)) throw new NotGenuine("The signature is not that of the delivery");
  const sentAt = Number(timestamp) * (standard === null ? 1 : 1000);
  if (Math.abs(now - sentAt) > tolerance * 1000) throw new NotGenuine("The delivery is too old, or a clock is wrong");
  const event: unknown = parsed(bytes);
  if (typeof event !== "object" || event === null || Array.isArray(event)) {
    throw new NotGenuine("The delivery is no event");
  }
  return event as T;
}

/** The headers of Standard Webhooks. */
function byStandard(body: Bytes, given: Headers, signatures: string, secrets: string[]): Promise<boolean> {
  const signed = joined(utf8(`${given.get("webhook-id")}.${given.get("webhook-timestamp")}.`), body);
  const right = signatures.split(/\s+/).flatMap((each) => {
    const [version, signature = ""] = each.split(",", 2);
    return version === "v1" && BASE64.test(signature) ? [bytesOf(signature)] : [];
  });
  return isSigned(signed, right, secrets.map(keyOf));
}

/** The headers of the contract, whose times are in milliseconds. */
function byContract(body: Bytes, given: Headers, secrets: string[]): Promise<boolean> {
  const signed = joined(utf8(`${given.get("x-twenty-webhook-timestamp")}:`), body);
  const signature = given.get("x-twenty-webhook-signature") ?? "";
  const right = /^[0-9a-f]{64}$/.test(signature) ? [signature.match(/../g)!.map((each) => parseInt(each, 16))] : [];
  return isSigned(signed, right.map((each) => new Uint8Array(each)), secrets.map(utf8));
}

async function isSigned(signed: Bytes, signatures: Bytes[], keys: Bytes[]): Promise<boolean> {
  let found = false;
  for (const key of keys) {
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    const imported = await crypto.subtle.importKey("raw", key, algorithm, false, ["verify"]);
    for (const each of signatures) found = (await crypto.subtle.verify("HMAC", imported, each, signed)) || found;
  }
  return found;
}

function keyOf(secret: string): Bytes {
  const encoded = secret.slice(PREFIX.length);
  return secret.startsWith(PREFIX) && BASE64.test(encoded) ? bytesOf(encoded) : utf8(secret);
}

function headersOf(given: Record<string, string | string[] | undefined>): Headers {
  const found = new Headers();
  for (const [name, value] of Object.entries(given)) {
    if (!/webhook/i.test(name)) continue;
    try {
      if (value !== undefined) found.set(name, [value].flat().join(" "));
    } catch {
      throw new NotGenuine(`The header ${name} is none`);
    }
  }
  return found;
}

function parsed(body: Bytes): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}

function utf8(text: string): Bytes {
  return new Uint8Array(new TextEncoder().encode(text));
}

function bytesOf(base64: string): Bytes {
  return Uint8Array.from(atob(base64), (each) => each.charCodeAt(0));
}

function joined(first: Bytes, second: Bytes): Bytes {
  const found = new Uint8Array(first.length + second.length);
  found.set(first);
  found.set(second, first.length);
  return found;
}
