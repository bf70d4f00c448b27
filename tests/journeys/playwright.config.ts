import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { defineConfig } from "@playwright/test";
import { PASSWORD } from "./people";

const port = process.env.LATCHKEY_PORT ?? "18080";
// A console and server that run already, instead of the program as it was built.
const running = process.env.LATCHKEY_URL;
const program = resolve(process.env.LATCHKEY_BIN ?? "../../target/debug/latchkey");
const data = join(tmpdir(), `latchkey-journeys-${port}`);

// Workers read this file too; only the process that starts the server clears its data.
if (process.env.TEST_WORKER_INDEX === undefined) {
  rmSync(data, { recursive: true, force: true });
}

export default defineConfig({
  testDir: ".",
  outputDir: "test-results",
  reporter: [["list"]],
  forbidOnly: !!process.env.CI,
  // All journeys share one server, as people do. Each keeps to what it made itself.
  workers: 1,
  // Generous, for a machine that builds something else at the same time: nothing here waits for these.
  timeout: 90_000,
  expect: { timeout: 15_000 },
  use: {
    baseURL: running ?? `http://127.0.0.1:${port}`,
    locale: "en-US",
    timezoneId: "America/Denver",
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      // Chromium has no sandbox for root, and is not to call home.
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
  projects: [{ name: "chromium", use: { browserName: "chromium" } }],
  webServer: running ? undefined : {
    command: `"${program}" serve --demo --listen 127.0.0.1:${port} --data "${data}"`,
    url: `http://127.0.0.1:${port}/readyz`,
    env: { LATCHKEY_DEMO_PASSWORD: PASSWORD, LATCHKEY_LOG: "warn" },
    // The first start makes a year of demo data.
    timeout: 120_000,
    gracefulShutdown: { signal: "SIGTERM", timeout: 10_000 },
    stdout: "ignore",
    stderr: "pipe",
  },
});
