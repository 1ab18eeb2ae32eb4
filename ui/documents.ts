/** Renders the Markdown files of `docs/` into plain pages beside the bundle, so that a server brings its own manual. */
import { readFileSync, readdirSync } from "node:fs";
import { join, posix } from "node:path";

import MarkdownIt from "markdown-it";
import type { Plugin } from "vite";

interface Document {
  /** Address below /docs/, without a suffix: `decisions/0001-select-values-are-text`. */
  name: string;
  title: string;
  body: string;
}

/** A heading's anchor, as code hosts make it: `RAPPORT_APP_SECRET` → `rapport_app_secret`. */
function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_ -]/gu, "")
    .replaceAll(" ", "-");
}

/** Where a link of the document `from` leads on the server; null if that is not one of the pages made here. */
function destination(from: string, href: string, names: ReadonlySet<string>): string | null {
  if (/^[a-z]+:/.test(href) || href.startsWith("#")) return href;
  const [path = "", fragment] = href.split("#");
  const name = posix.join(posix.dirname(from), path).replace(/\.md$/, "");
  if (!names.has(name)) return null;
  return `/docs/${name}${fragment ? `#${fragment}` : ""}`;
}

function render(name: string, source: string, names: ReadonlySet<string>): Document {
  const markdown = new MarkdownIt();
  const tokens = markdown.parse(source, {});
  let title = name;
  tokens.forEach((token, index) => {
    if (token.type === "heading_open") {
      const text = tokens[index + 1]?.content ?? "";
      token.attrSet("id", anchor(text.replaceAll("`", "")));
      if (token.tag === "h1") title = text;
    }
    for (const child of token.children ?? []) {
      if (child.type !== "link_open") continue;
      const href = destination(name, String(child.attrGet("href") ?? ""), names);
      if (href === null) child.attrs = [];
      else child.attrSet("href", href);
    }
  });
  return { name, title, body: markdown.renderer.render(tokens, markdown.options, {}) };
}

function page(title: string, body: string, stylesheet: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${title} – Rapport</title>
    <link rel="stylesheet" href="${stylesheet}" />
  </head>
  <body>
    <main>
      <nav aria-label="Rapport"><a href="/">Rapport</a> · <a href="/docs">Documentation</a></nav>
${body}
    </main>
  </body>
</html>
`;
}

function contents(documents: Document[], escape: (text: string) => string): string {
  const items = documents.map(({ name, title }) => `<li><a href="/docs/${name}">${escape(title)}</a></li>`);
  return `<h1>Documentation</h1>\n<ul>\n${items.join("\n")}\n</ul>`;
}

export function documents(folder: string): Plugin {
  return {
    name: "rapport-documents",
    apply: "build",
    generateBundle(_, bundle) {
      const stylesheet = Object.keys(bundle).find((file) => /^assets\/index-.*\.css$/.test(file));
      if (!stylesheet) this.error("the stylesheet of the start page is not in the bundle");
      const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
        .map((file) => file.replaceAll("\\", "/"))
        .filter((file) => file.endsWith(".md"))
        .sort();
      const names = new Set(files.map((file) => file.replace(/\.md$/, "")));
      const all = files.map((file) => render(file.replace(/\.md$/, ""), readFileSync(join(folder, file), "utf8"), names));
      const { escapeHtml } = new MarkdownIt().utils;
      for (const { name, title, body } of all) {
        const source = page(escapeHtml(title), body, `/${stylesheet}`);
        this.emitFile({ type: "asset", fileName: `docs/${name}.html`, source });
      }
      const source = page("Documentation", contents(all, escapeHtml), `/${stylesheet}`);
      this.emitFile({ type: "asset", fileName: "docs/index.html", source });
    },
  };
}
