/** GraphiQL at the address that answers GraphQL: a browser gets this page there, a client gets data. */
import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import "./graphiql.css";

import { createGraphiQLFetcher, type Fetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import { createRoot } from "react-dom/client";

import { firstHeaders, readConfig } from "./config";
import firstQuery from "./first-query.graphql?raw";

const config = readConfig(document);
const headers = firstHeaders(config);
const send = createGraphiQLFetcher({ url: location.origin + location.pathname });

/** GraphiQL asks for the schema before its headers editor is there: that first request gets the token here. */
const fetcher: Fetcher = (request, options) => {
  const early = request.operationName === "IntrospectionQuery" && !options?.headers && config.token;
  return send(request, early ? { ...options, headers: JSON.parse(headers) as Record<string, string> } : options);
};

createRoot(document.getElementById("graphiql")!).render(
  <GraphiQL
    fetcher={fetcher}
    defaultQuery={firstQuery}
    defaultHeaders={headers}
    defaultEditorToolsVisibility="headers"
  >
    <GraphiQL.Logo>Rapport</GraphiQL.Logo>
  </GraphiQL>,
);
