/** The dispatcher's desk and what takes calls: a build of its own, so that nothing of it is on a phone. Runs after the phone's, into its folder. */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = fileURLToPath(new URL(".", import.meta.url));

export default defineConfig({
  base: "/crew/desk/",
  publicDir: false,
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  worker: { format: "es" },
  build: {
    outDir: join(here, "dist/desk"),
    emptyOutDir: true,
    target: "chrome111",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rollupOptions: {
      input: { desk: join(here, "desk.html"), intake: join(here, "src/intake/intake.ts") },
      // The page of taking calls is rendered by the server, which knows its script by name.
      output: { entryFileNames: (chunk) => (chunk.name === "intake" ? "intake.js" : "assets/[name]-[hash].js") },
    },
  },
});
