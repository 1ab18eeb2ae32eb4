/** The REST reference: the server's own OpenAPI documents, with every request ready to be sent. */
import "swagger-ui-dist/swagger-ui.css";
import "./reference.css";

import SwaggerUI from "swagger-ui-dist/swagger-ui-es-bundle.js";

import { readConfig } from "./config";

const KEPT = "rapport-token"; // for as long as the tab is open
const access = element<HTMLFormElement>("access");
const token = element<HTMLInputElement>("token");
const kind = element<HTMLSelectElement>("document");
const state = element<HTMLOutputElement>("state");

token.value = sessionStorage.getItem(KEPT) ?? readConfig(document).token ?? "";
if (new URLSearchParams(location.search).get("api") === "metadata") kind.value = "metadata";

access.addEventListener("submit", (event) => {
  event.preventDefault();
  void show();
});
kind.addEventListener("change", () => {
  history.replaceState(null, "", kind.value === "metadata" ? "?api=metadata" : location.pathname);
  void show();
});
void show();

/** Loads the document that the token opens; without a valid one the server gives what it tells strangers. */
async function show(): Promise<void> {
  const key = token.value.trim();
  if (key) sessionStorage.setItem(KEPT, key);
  else sessionStorage.removeItem(KEPT);
  const headers: Record<string, string> = key ? { Authorization: `Bearer ${key}` } : {};
  let spec: Spec;
  try {
    const answer = await fetch(`/rest/open-api/${kind.value}`, { headers, cache: "no-store" });
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    spec = (await answer.json()) as Spec;
  } catch (error) {
    state.value = `The document could not be loaded: ${error instanceof Error ? error.message : String(error)}.`;
    return;
  }
  const count = Object.keys(spec.paths ?? {}).length;
  if (count > 1) state.value = `${count} paths`;
  else state.value = key ? "This key opens no workspace." : "Paste a key to see the API of its workspace.";
  SwaggerUI({
    spec: { ...spec, servers: spec.servers?.map(({ url }) => ({ url: location.origin + new URL(url).pathname })) },
    domNode: element("reference"),
    deepLinking: true,
    docExpansion: "none",
    defaultModelsExpandDepth: 0,
    filter: true,
    tagsSorter: "alpha",
    tryItOutEnabled: true,
    displayRequestDuration: true,
    validatorUrl: null, // it would send the document to another host
    requestInterceptor: (request: Request) => {
      if (key) request.headers = { ...request.headers, Authorization: `Bearer ${key}` };
      return request;
    },
  });
}

interface Spec {
  servers?: { url: string }[]; // other names of this server would be other hosts to the browser
  paths?: Record<string, unknown>;
}

interface Request {
  headers: Record<string, string>;
}

function element<T extends HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no element ${id}`);
  return found as T;
}
