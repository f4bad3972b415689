import { defineConfig } from "vitest/config";

export default defineConfig({
  define: { __APP_VERSION__: JSON.stringify("test") },
  test: { include: ["tests/**/*.test.ts"], testTimeout: 30_000 },
});
