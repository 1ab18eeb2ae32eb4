// What clients for JavaScript do over WebSockets and server-sent events, against a server.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { OperationTypeNode } from "graphql";
import { createClient as createSseClient } from "graphql-sse";
import { createClient as createWsClient } from "graphql-ws";

const url = `${process.env.SERVER}/graphql`;
const key = process.env.KEY;
const headers = { Authorization: `Bearer ${key}` };
const seed = readFileSync(new URL("seed.graphql", import.meta.url), "utf8");
const created = "subscription { personCreated { id city } }";
const retries = { retryAttempts: 100, retryWait: () => new Promise((resolve) => setTimeout(resolve, 10)) };
const cities = [];

async function create(city) {
  const query = `mutation ($data: PersonCreateInput!) { createPerson(data: $data) { id } }`;
  const data = { city, name: { firstName: "Ada", lastName: "King" }, email: `${cities.length}@example.com` };
  cities.push(city);
  const sent = { ...headers, "Content-Type": "application/json" };
  const answer = await fetch(url, { method: "POST", headers: sent, body: JSON.stringify({ query, variables: { data } }) });
  const { data: made, errors } = await answer.json();
  assert.equal(errors, undefined);
  return made.createPerson.id;
}

/** Creates people until the promise is there: nobody knows when the server begins to listen. */
async function creatingUntil(promise) {
  let over = false;
  const found = promise.finally(() => (over = true));
  while (!over) await create(`city ${cities.length}`);
  return found;
}

function wsClient(more = {}) {
  return createWsClient({
    url: url.replace("http", "ws"),
    connectionParams: () => ({ Authorization: `Bearer ${key}` }),
    ...retries,
    ...more,
  });
}

// graphql-ws
{
  const client = wsClient();
  const answers = [];
  for await (const each of client.iterate({ query: "{ people { totalCount } }" })) answers.push(each);
  assert.deepEqual(answers, [{ data: { people: { totalCount: 0 } } }]);
  const wrong = client.iterate({ query: "{ nothing }" }).next();
  await assert.rejects(wrong, (errors) => errors[0].message === 'Cannot query field "nothing" on type "Query".');

  // The payload is sent again as it then is when the connection is lost: so nothing is missed, and nothing told twice.
  const payload = { query: created, extensions: {} };
  const heard = [];
  let wake = () => {};
  let connections = 0;
  client.on("connected", () => (connections += 1));
  const stop = client.subscribe(payload, {
    next: (result) => {
      heard.push(result.data.personCreated.city);
      payload.extensions.after = result.extensions.cursor;
      wake();
    },
    error: (error) => assert.fail(error),
    complete: () => {},
  });
  const hear = async (count) => {
    while (heard.length < count) await new Promise((resolve) => (wake = resolve));
  };
  await creatingUntil(hear(1));
  for (let round = 0; round < 3; round++) {
    client.terminate();
    await create(`lost ${round}`);
    await hear(cities.length - cities.indexOf(heard[0]));
  }
  assert.deepEqual(heard, cities.slice(cities.indexOf(heard[0])));
  assert.ok(connections >= 3);
  stop();
  await client.dispose();
}

// graphql-ws, with a token that is no good
{
  const client = wsClient({ connectionParams: { token: "none" }, retryAttempts: 0 });
  await assert.rejects(client.iterate({ query: created }).next(), { code: 4403, reason: "Token invalid." });
}

// Apollo Client
{
  const socket = wsClient();
  const link = ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    new GraphQLWsLink(socket),
    new HttpLink({ uri: url, headers }),
  );
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  const { data: asked } = await client.query({ query: gql`{ people { totalCount } }` });
  assert.equal(asked.people.totalCount, cities.length);
  let subscription;
  const first = new Promise((resolve, reject) => {
    subscription = client.subscribe({ query: gql(seed) }).subscribe({ next: resolve, error: reject });
  });
  const { data, error } = await creatingUntil(first);
  subscription.unsubscribe();
  assert.equal(error, undefined);
  const { __typename, id, name, email, createdAt } = data.personCreated;
  assert.deepEqual([__typename, name.firstName, name.lastName], ["Person", "Ada", "King"]);
  assert.match(email, /^\d+@example\.com$/);
  assert.ok(id && !Number.isNaN(Date.parse(createdAt)));
  client.stop();
  await socket.dispose();
}

// graphql-sse
{
  const client = createSseClient({ url, headers, ...retries });
  const answers = [];
  for await (const each of client.iterate({ query: "{ __typename }" })) answers.push(each);
  assert.deepEqual(answers, [{ data: { __typename: "Query" } }]);
  const wrong = await client.iterate({ query: "subscription { nothing }" }).next();
  assert.equal(wrong.value.errors[0].message, 'Cannot query field "nothing" on type "Subscription".');
  const telling = client.iterate({ query: created });
  const { value } = await creatingUntil(telling.next());
  await telling.return();
  assert.ok(cities.includes(value.data.personCreated.city));
  const again = client.iterate({ query: created, extensions: { after: value.extensions.cursor } });
  await create("after");
  const rest = [];
  for await (const each of again) {
    rest.push(each.data.personCreated.city);
    if (rest.at(-1) === "after") break;
  }
  assert.deepEqual(rest, cities.slice(cities.indexOf(value.data.personCreated.city) + 1));
  client.dispose();
}

// A browser's EventSource
{
  const source = new EventSource(`${url}?${new URLSearchParams({ query: created, token: key })}`);
  const event = await creatingUntil(new Promise((resolve) => source.addEventListener("next", resolve)));
  source.close();
  const told = JSON.parse(event.data);
  assert.ok(cities.includes(told.data.personCreated.city));
  assert.equal(event.lastEventId, told.extensions.cursor);
  const query = { query: "{ __typename }", token: key };
  const once = new EventSource(`${url}?${new URLSearchParams(query)}`);
  await new Promise((resolve) => once.addEventListener("complete", resolve));
  once.close();
}

console.log("done");
