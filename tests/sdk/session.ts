// What the client for JavaScript does, against a server.

import assert from "node:assert/strict";
import {
  Conflict,
  ConnectionFailed,
  InvalidInput,
  NotFound,
  Objects,
  Page,
  Rapport,
  RapportError,
  Unauthenticated,
} from "rapport-sdk";

const baseUrl = process.env.SERVER!;
const client = new Rapport<"moonBases">({ baseUrl: `${baseUrl}/`, apiKey: process.env.KEY! });
const nobody = "99999999-9999-4999-8999-999999999999";

// A record from its creation to its end
const made = await client.people.create({ name: { firstName: "Ada" }, email: "ada@one.example", city: "Zürich \u2028" });
const id: string = made.id;
assert.deepEqual(await client.people.get(id, { depth: 0 }), made);
assert.equal((await client.people.update(id, { jobTitle: "CEO" })).city, "Zürich \u2028");
assert.equal((await client.people.upsert({ email: "ada@one.example", city: "Bern" })).id, id);
assert.deepEqual(await client.people.delete(id), { id });
await assert.rejects(client.people.get(id), NotFound);
assert.equal((await client.people.restore(id)).jobTitle, "CEO");
await client.people.destroy(id);
await assert.rejects(client.people.restore(id), NotFound);

// Many, and pages of them
const wanted = new Set<string>();
for (let start = 0; start < 100; start += 50) {
  const dueAt = new Date(Date.UTC(2026, 5, 30));
  const tasks = Array.from({ length: 50 }, (_, n) => ({ title: `Walk ${(start + n) % 7}`, dueAt }));
  for (const each of await client.tasks.createMany(tasks)) wanted.add(each.id);
}
assert.equal(wanted.size, 100);
const asked = { filter: { title: { startsWith: "Walk" } }, orderBy: [{ title: "DescNullsLast" }, "dueAt"] };
for (const first of [7, 50, 100]) {
  const found: string[] = [];
  const titles: string[] = [];
  for await (const task of client.tasks.iterate({ ...asked, first })) {
    found.push(task.id);
    titles.push(task.title);
  }
  assert.equal(found.length, 100);
  assert.deepEqual(new Set(found), wanted);
  assert.deepEqual(titles, titles.toSorted().reverse());
}
const sizes: number[] = [];
for await (const page of client.tasks.pages({ ...asked, first: 40, offset: 10 })) sizes.push(page.length);
assert.deepEqual(sizes, [40, 40, 10]);
const page = await client.tasks.list({ ...asked, first: 3, depth: 0 });
assert.ok(page instanceof Page);
assert.equal(page.totalCount, 100);
assert.ok(page.pageInfo.hasNextPage);
const titles = page.map((each) => each.title);
assert.ok(!(titles instanceof Page));
const second = await client.tasks.list({ ...asked, first: 3, after: page.pageInfo.endCursor! });
const back = await client.tasks.list({ ...asked, first: 3, depth: 0, before: second.pageInfo.startCursor! });
assert.deepEqual([...back], [...page]);

// GraphQL
const query = "query ($first: Int) { tasks(first: $first) { totalCount } }";
const { tasks } = await client.graphql<{ tasks: { totalCount: number } }>(query, { first: 1 });
assert.equal(tasks.totalCount, 100);
const missing = client.graphql("query ($id: UUID!) { person(id: $id) { id } }", { id: nobody });
await assert.rejects(missing, (error) => {
  assert.ok(error instanceof NotFound);
  assert.deepEqual([error.status, error.code, error.details.path], [404, "NOT_FOUND", ["person"]]);
  return true;
});
await assert.rejects(client.graphql("{ people {"), InvalidInput);

// Objects of the workspace's own
interface MoonBase {
  id: string;
  name: string;
}
await client.graphql(
  `mutation { createOneObject(input: {object: {nameSingular: "moonBase", namePlural: "moonBases",
     labelSingular: "Moon base", labelPlural: "Moon bases"}}) { id } }`,
);
const alpha = await client.objects<MoonBase & Record<string, unknown>>("moonBases").create({ name: "Alpha" });
assert.equal(alpha.name, "Alpha");
assert.equal((await client.moonBases.list()).totalCount, 1);
assert.ok(client.people instanceof Objects);
assert.equal(await Promise.resolve(client), client); // a promise takes it for no promise

// Errors
await client.people.create({ email: "taken@one.example" });
await assert.rejects(client.people.create({ email: "taken@one.example" }), Conflict);
await assert.rejects(client.people.get(nobody), { name: "NotFound", status: 404, message: "Record not found" });
await assert.rejects(client.people.list({ filter: { nothing: { eq: 1 } } }), InvalidInput);
await assert.rejects(client.people.create({ nothing: 1 }), InvalidInput);
await assert.rejects(client.objects("../graphql?").list(), InvalidInput);
await assert.rejects(new Rapport({ baseUrl }).people.list(), Unauthenticated);
const misspelt = { frist: 1 };
assert.throws(() => client.people.list(misspelt as object), TypeError);
for (const astray of ["", ".", ".."]) assert.throws(() => client.people.destroy(astray), TypeError);
assert.throws(() => new Rapport({ baseUrl: "crm.example.com" }), TypeError);
for (const more of ["rest", "rest/", "REST", "graphql", "metadata", "rest/metadata", "crm/rest", "?x=1", "#/"]) {
  const noServer = { baseUrl: `https://crm.example.com/${more}` };
  assert.throws(() => new Rapport(noServer), /^TypeError: baseUrl is the address of the server/);
}
assert.ok(new Rapport({ baseUrl: "https://rest.example.com/crm/" }));
assert.throws(() => new Rapport({ baseUrl, apiKey: "sk\r\nx: y" }), TypeError);

// A server that does not do as it should
const retries = { first: 1, longest: 4 };
const shaky = new Rapport({ baseUrl: process.env.FLAKY!, apiKey: "sk_live_0", retries, timeout: 2_000 });
assert.deepEqual(await shaky.people.create({ city: "Rome" }), { id: nobody }); // after 503, and a connection that ended
assert.deepEqual(await shaky.people.destroy(nobody), { id: nobody }); // gone after an answer was lost
await assert.rejects(shaky.graphql("mutation { a }"), ConnectionFailed); // not sent again
await assert.rejects(shaky.people.get(nobody), (error) => {
  assert.ok(error instanceof RapportError);
  assert.deepEqual([error.name, "retryAfter" in error && error.retryAfter], ["RateLimited", 61]);
  return true;
});
await assert.rejects(shaky.people.get(nobody), /not one of Rapport/);
await assert.rejects(shaky.people.get(nobody), { name: "ServerError", status: 503 }); // four times
const nowhere = new Rapport({ baseUrl: "http://127.0.0.1:9", retries });
await assert.rejects(nowhere.people.list(), ConnectionFailed);

console.log("done");
