import { createHash } from "node:crypto";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build, defineConfig, type Plugin } from "vite";

import { readCatalogues } from "./scripts/catalogues";

const here = fileURLToPath(new URL(".", import.meta.url));
const version: string = JSON.parse(readFileSync(join(here, "package.json"), "utf8")).version;
const BASE = "/crew/";
// Emitted for other pages, or by other rules than the shell's. The pictures of screens are for app stores.
const NOT_SHELL = new Set(["site.js", "site.css", "sw.js"]);

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}

const catalogues = readCatalogues(join(here, "../crew_app/translations"));
const LANGUAGES = JSON.stringify(catalogues.map(({ language, name, dir }) => ({ code: language, name, dir })));

/** What the phone says, one file for each language: loaded only where it is spoken. */
function words(): Plugin {
  return {
    name: "crew311-words",
    apply: "build",
    generateBundle() {
      for (const { language, plurals, wordsOf } of catalogues) {
        const source = JSON.stringify({ language, plurals, words: wordsOf((file) => file.startsWith("pwa/src/") && !file.startsWith("pwa/src/site/")) });
        this.emitFile({ type: "asset", fileName: `languages/${language}.json`, source });
      }
    },
  };
}

/** Once everything else is written: build sw.js (one classic script, un-hashed) with the list of what it must hold. */
function serviceWorker(): Plugin {
  return {
    name: "crew311-service-worker",
    apply: "build",
    async closeBundle() {
      const dist = join(here, "dist");
      const files = filesBelow(dist)
        .filter((path) => !NOT_SHELL.has(relative(dist, path)) && !relative(dist, path).startsWith("screens"))
        .sort();
      const shell = files.filter((path) => !relative(dist, path).startsWith("languages"));
      const digest = createHash("sha256");
      for (const path of files) digest.update(relative(dist, path)).update(readFileSync(path));
      await build({
        configFile: false,
        root: here,
        publicDir: false,
        logLevel: "warn",
        define: {
          __APP_VERSION__: JSON.stringify(version),
          __LANGUAGES__: LANGUAGES,
          __PRECACHE__: JSON.stringify(shell.map((path) => BASE + relative(dist, path).replace(/\\/g, "/"))),
          __SHELL_DIGEST__: JSON.stringify(digest.digest("hex").slice(0, 16)),
        },
        build: {
          outDir: dist,
          emptyOutDir: false,
          lib: { entry: join(here, "src/sw/sw.ts"), formats: ["iife"], name: "crew311", fileName: () => "sw.js" },
        },
      });
    },
  };
}

export default defineConfig({
  base: BASE,
  define: { __APP_VERSION__: JSON.stringify(version), __LANGUAGES__: LANGUAGES },
  plugins: [words(), serviceWorker()],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  worker: { format: "es" },
  build: {
    target: "chrome111",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rollupOptions: {
      input: { crew: join(here, "index.html"), site: join(here, "src/site/site.ts") },
      output: {
        entryFileNames: (chunk) => (chunk.name === "site" ? "site.js" : "assets/[name]-[hash].js"),
        assetFileNames: (asset) => (asset.names.includes("site.css") ? "site.css" : "assets/[name]-[hash][extname]"),
      },
    },
  },
});
