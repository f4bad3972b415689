/** Filled in by vite.config.ts at build time. */
declare const __APP_VERSION__: string;
/** What the catalogues can be read in besides English, each by its own name. */
declare const __LANGUAGES__: readonly { readonly code: string; readonly name: string; readonly dir: "ltr" | "rtl" }[];
/** Service worker only: the app shell, and a digest of it that names the cache. */
declare const __PRECACHE__: readonly string[];
declare const __SHELL_DIGEST__: string;

declare module "*.css";

interface ImportMeta {
  readonly env: { readonly PROD: boolean; readonly DEV: boolean };
}
