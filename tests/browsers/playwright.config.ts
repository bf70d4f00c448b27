import { defineConfig } from "@playwright/test";
import type { Options } from "./journey";

// Playwright runs these journeys and reports them. It drives neither browser: that takes builds of its own, and these are the
// ones that people install.
export default defineConfig<Options>({
  testDir: ".",
  outputDir: "test-results",
  reporter: [["list"]],
  forbidOnly: !!process.env.CI,
  globalSetup: "./servers.ts",
  // One for each browser.
  workers: 2,
  // Generous, for a machine that is busy building something else: a passing journey never waits this long.
  timeout: 120_000,
  expect: { timeout: 20_000 },
  projects: [
    { name: "firefox", use: { engine: "Firefox" }, testIgnore: "webkit.spec.ts" },
    { name: "webkit", use: { engine: "WebKit" } },
  ],
});
