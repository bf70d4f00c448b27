import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { defineConfig } from "@playwright/test";
import { PASSWORD } from "./people";

// A server that is already running, to be used instead of the built program.
const running = process.env.LATCHKEY_URL;
const program = resolve(process.env.LATCHKEY_BIN ?? "../../target/debug/latchkey");

// Journeys change things, and screenshots need a property that nobody changes meanwhile. So each project has a server of its
// own, with one worker: journeys share theirs, as people do, and each only touches what it made itself.
const servers = { journeys: process.env.LATCHKEY_PORT ?? "18080", screens: process.env.LATCHKEY_SCREENS_PORT ?? "18081" };
const address = (port: string) => running ?? `http://127.0.0.1:${port}`;
const dataOf = (port: string) => join(tmpdir(), `latchkey-journeys-${port}`);
const SCREENS = "screens.spec.ts";

// Workers read this file too; only the process that starts the servers clears their data.
if (process.env.TEST_WORKER_INDEX === undefined) {
  for (const port of Object.values(servers)) {
    rmSync(dataOf(port), { recursive: true, force: true });
  }
}

export default defineConfig({
  testDir: ".",
  outputDir: "test-results",
  reporter: [["list"]],
  forbidOnly: !!process.env.CI,
  workers: 2,
  // Generous, for a machine that is busy building something else: a passing journey never waits this long.
  timeout: 90_000,
  expect: { timeout: 15_000 },
  use: {
    locale: "en-US",
    timezoneId: "America/Denver",
    // Nobody gets at CI's files, and recording every step takes time.
    screenshot: process.env.CI ? "off" : "only-on-failure",
    trace: process.env.CI ? "off" : "retain-on-failure",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      // Chromium has no sandbox for root, and must not call home.
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  projects: [
    {
      name: "journeys",
      testIgnore: SCREENS,
      workers: 1,
      use: { browserName: "chromium", baseURL: address(servers.journeys) },
    },
    {
      name: "screens",
      testMatch: SCREENS,
      workers: 1,
      use: { browserName: "chromium", baseURL: address(servers.screens) },
    },
  ],
  webServer: running ? undefined : Object.entries(servers).map(([name, port]) => ({
    name,
    command: `"${program}" serve --demo --listen 127.0.0.1:${port} --data "${dataOf(port)}"`,
    url: `http://127.0.0.1:${port}/readyz`,
    env: { LATCHKEY_DEMO_PASSWORD: PASSWORD, LATCHKEY_LOG: "warn" },
    // The first start makes a year of demo data.
    timeout: 120_000,
    gracefulShutdown: { signal: "SIGTERM" as const, timeout: 10_000 },
    stdout: "ignore" as const,
    stderr: "pipe" as const,
  })),
});
