// What the client for JavaScript is told of by a server.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  ConnectionFailed,
  Gone,
  InvalidInput,
  NotGenuine,
  Rapport,
  type RapportError,
  type Result,
  ServerError,
  Unauthenticated,
  verifyWebhook,
} from "rapport-sdk";

const baseUrl = process.env.SERVER!;
const apiKey = process.env.KEY!;
const client = new Rapport({ baseUrl, apiKey });
const document = "subscription { personCreated { id city } }";
interface Created {
  personCreated: { id: string; city: string };
}
const create = (city: string) => client.people.create({ city });

// A subscription, iterated over
const start = await client.events.now();
await create("Oslo");
await create("Rome");
const results: Result<Created>[] = [];
for await (const result of client.subscribe<Created>(document, {}, { after: start })) {
  if (results.push(result) === 2) break;
}
assert.deepEqual(results.map((each) => each.data.personCreated.city), ["Oslo", "Rome"]);
assert.ok(results[0]!.cursor);
assert.deepEqual(results[0]!.errors, []);

// One that is pushed, behind a cursor, until it is closed
const cities = await new Promise<string[]>((resolve, reject) => {
  const found: string[] = [];
  const query = "subscription One($f: PersonFilterInput) { personCreated(filter: $f) { city } }";
  const onNext = (result: Result<Created>) => {
    if (found.push(result.data.personCreated.city) === 2) subscription.close();
  };
  const subscription = client.subscribe<Created>(
    query,
    { f: { city: { in: ["Rome", "Bonn"] } } },
    { after: results[0]!.cursor!, operationName: "One", onNext, onError: reject, onComplete: () => resolve(found) },
  );
  void create("Bergen").then(() => create("Bonn"));
});
assert.deepEqual(cities, ["Rome", "Bonn"]);

// What is refused
const drained = async (found: AsyncIterable<unknown>) => {
  const taken: unknown[] = [];
  for await (const each of found) taken.push(each);
  return taken;
};
await assert.rejects(drained(client.subscribe("subscription { nobodyCreated { id } }")), InvalidInput);
await assert.rejects(drained(client.subscribe(document, {}, { after: "?" })), InvalidInput);
await assert.rejects(drained(new Rapport({ baseUrl }).subscribe(document)), Unauthenticated);
const refused = await new Promise<unknown>((onError) => {
  client.subscribe("subscription {", {}, { onNext: () => assert.fail(), onError });
});
assert.ok(refused instanceof InvalidInput);
assert.equal((await drained(client.subscribe("{ people(first: 0) { totalCount } }"))).length, 1);
const ended = new AbortController();
ended.abort();
assert.deepEqual(await drained(client.subscribe(document, {}, { signal: ended.signal })), []);

// The change feed
const page = await client.events.page({ after: start, objects: "person", limit: 1 });
assert.deepEqual(page.events.map((each) => each.record?.city), ["Oslo"]);
assert.ok(page.hasMore);
const walked = await drained(client.events({ after: page.cursor, objects: ["person"], actions: "created", follow: false }));
assert.deepEqual(walked.map((each) => (each as { record: { city: string } }).record.city), ["Rome", "Bergen", "Bonn"]);
const followed: unknown[] = [];
const stop = new AbortController();
for await (const event of client.events({ after: page.cursor, objects: "person", before: true, signal: stop.signal })) {
  if (followed.push(event.record?.city) === 3) void create("Bern");
  if (followed.length === 4) stop.abort();
  assert.equal(event.before, null);
}
assert.deepEqual(followed, ["Rome", "Bergen", "Bonn", "Bern"]);
assert.deepEqual((await client.events.page({ after: await client.events.now() })).events, []);

// A server that does not do as it should: it says each of these, and hangs up
const asked: (string | undefined)[] = [];
const script: (string | number)[] = [];
const shaky = createServer((request, response) => {
  const last = request.headers["last-event-id"];
  asked.push(Array.isArray(last) ? last[0] : last);
  const step = script.shift() ?? 503;
  if (typeof step === "number") {
    response.writeHead(step).end();
    return;
  }
  const isPage = step.startsWith("<");
  response.writeHead(200, { "content-type": isPage ? "text/html" : "text/event-stream" });
  response.write(step, () => (isPage ? response.end() : response.destroy()));
}).listen(0, "127.0.0.1");
await new Promise((resolve) => shaky.once("listening", resolve));
const { port } = shaky.address() as AddressInfo;
const retries = { first: 1, longest: 4 };
const options = { baseUrl: `http://127.0.0.1:${port}`, apiKey, retries, timeout: 5_000 };
const of = (more: object = {}) => new Rapport({ ...options, ...more }).subscribe<{ a: number }>("subscription { a }");
const next = (a: number) => `event: next\r\nid: c${a}\r\ndata: {"data":{"a":${a},"é":"\u2028"}}\r\n\r\n`;
const over = "event: complete\ndata:\n\n";

script.push(503, `: hello\n\n${next(1)}id: c1b\n\n`, 502, 503, 504, 429, 503, ":\n\n", next(2), next(3) + over + next(4));
const told: Result<{ a: number }>[] = [];
for await (const each of of()) told.push(each);
assert.deepEqual(told.map((each) => [each.data.a, each.cursor]), [[1, "c1"], [2, "c2"], [3, "c3"]]);
assert.deepEqual(asked, [undefined, undefined, ...Array.from({ length: 7 }, () => "c1b"), "c2"]);

await assert.rejects(drained(of()), (error: RapportError) => error instanceof ServerError && error.status === 503);
assert.equal(asked.length, 14); // four times
script.push(next(1));
await assert.rejects(drained(of({ retries: { attempts: 1 } })), ConnectionFailed);
script.push("<html>");
await assert.rejects(drained(of()), /not one of Rapport/);
script.push("event: next\ndata: <html>\n\n");
await assert.rejects(drained(of()), /not one of Rapport/);
const dropped = { message: "gone", extensions: { code: "EVENT_CURSOR_EXPIRED", statusCode: 410 } };
script.push(`${next(1)}event: next\ndata: ${JSON.stringify({ errors: [dropped] })}\n\n${over}`);
const before: number[] = [];
const failing = async () => {
  for await (const each of of()) before.push(each.data.a);
};
await assert.rejects(failing, Gone);
assert.deepEqual(before, [1]);
script.push(`event: next\ndata: {"errors":[{"message":"no"}],"data":{"a":null}}\n\n${over}`);
assert.deepEqual(await drained(of()), [{ data: { a: null }, cursor: undefined, errors: [{ message: "no" }] }]);
const end = { error: { code: "UNAUTHENTICATED", message: "Token invalid." }, statusCode: 401 };
script.push(`id: c1\ndata: {"cursor":"c1"}\n\n`, `event: end\ndata: ${JSON.stringify(end)}\n\n`);
await assert.rejects(drained(new Rapport(options).events()), Unauthenticated);
shaky.close();

// Deliveries of webhooks
for (const { body, headers, secret, now } of JSON.parse(process.env.DELIVERIES!)) {
  assert.deepEqual(await verifyWebhook(body, headers, secret, { now }), JSON.parse(body));
  const bytes = new TextEncoder().encode(body);
  assert.deepEqual(await verifyWebhook(bytes, new Headers(headers), ["other", secret], { now }), JSON.parse(body));
  const wrong: [string, object, string, number][] = [
    [`${body} `, headers, secret, now],
    [body, headers, "other", now],
    [body, headers, secret, now + 302_000],
    [body, headers, secret, now - 302_000],
    [body, {}, secret, now],
  ];
  for (const name of Object.keys(headers)) {
    for (const value of ["", "1800000001", "v1,é", "9".repeat(400), undefined]) {
      wrong.push([body, { ...headers, [name]: value }, secret, now]);
    }
  }
  for (const [text, given, key, at] of wrong) {
    await assert.rejects(verifyWebhook(text, given as Record<string, string>, key, { now: at }), NotGenuine);
  }
  await assert.rejects(verifyWebhook(body, headers, ""), TypeError);
  await assert.rejects(verifyWebhook(body, headers, []), TypeError);
}

console.log("done");
