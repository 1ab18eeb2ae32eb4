/** What the server writes into the page: the token of the demo workspace, or nothing. */
export interface Config {
  token: string | null;
}

export function readConfig(page: Document): Config {
  const text = page.getElementById("rapport-config")?.textContent ?? "{}";
  const given = JSON.parse(text) as Partial<Config>;
  return { token: given.token ?? null };
}

/** The headers editor's first content. Without a token it shows where one goes. */
export function firstHeaders({ token }: Config): string {
  return JSON.stringify({ Authorization: `Bearer ${token ?? "<API key or access token>"}` }, null, 2);
}
