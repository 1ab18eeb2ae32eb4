import { resolve } from "node:path";

import { defineConfig } from "vite";

import { documents } from "./documents.ts";

const root = import.meta.dirname;

export default defineConfig({
  root,
  plugins: [documents(resolve(root, "../docs"))],
  worker: { format: "es" },
  build: {
    outDir: resolve(root, "../src/rapport/ui/static"),
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 4096, // the editor of GraphiQL is one large chunk, and only its page loads it
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: {
        index: resolve(root, "index.html"),
        graphiql: resolve(root, "graphiql.html"),
        reference: resolve(root, "reference.html"),
      },
      onwarn(warning) {
        if (warning.code === "MODULE_LEVEL_DIRECTIVE") return; // "use client" means nothing outside server components
        throw new Error(warning.message);
      },
    },
  },
});
