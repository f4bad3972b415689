import { defineConfig } from "vitest/config";

export default defineConfig({
  define: { __APP_VERSION__: JSON.stringify("test"), __LANGUAGES__: JSON.stringify([{ code: "es", name: "Español", dir: "ltr" }, { code: "ar", name: "العربية", dir: "rtl" }]) },
  test: { include: ["tests/**/*.test.ts"], testTimeout: 30_000 },
});
