// A visitor's browser: with a session, a profile of its own, and a network and processor of a certain speed.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "../journeys/node_modules/playwright-core/index.mjs";
import { probe, ROWS } from "./probe.mjs";

/** Lighthouse's "slow 4G", as developer tools throttle every request; its bandwidths are in kilobits. */
const SLOW_4G = { latency: 562.5, downloadThroughput: (1474.56 * 1024) / 8, uploadThroughput: (675 * 1024) / 8 };

/** How many times slower an average phone is than a desktop, roughly. */
export const SLOW_CPU = 4;

/** As in ../journeys/playwright.config.ts; the last one measures a page's memory at once instead of minutes later. */
export const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--enable-blink-features=ForceEagerMeasureMemory",
];
export const EXECUTABLE = process.env.CHROMIUM ?? "/usr/bin/chromium";
export const VIEWPORT = { width: 1280, height: 800 };

/** Signs the demo's people in at a server, and finds the property with the thousand residents. */
export async function connect(url, password) {
  const signIn = async (email) => {
    const answer = await fetch(`${url}/api/v1/session`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Sec-Fetch-Site": "same-origin" },
      body: JSON.stringify({ email, password }),
    });
    if (answer.status !== 200) throw new Error(`${email} can't sign in: ${answer.status}`);
    const [name, value] = answer.headers.get("set-cookie").split(";")[0].split("=");
    return { name, value, url, secure: true, httpOnly: true, sameSite: "Strict" };
  };
  const cookies = {};
  for (const person of ["manager", "resident", "support"]) cookies[person] = await signIn(`${person}@demo.test`);
  const { name, value } = cookies.manager;
  const answer = await fetch(`${url}/api/v1/properties`, { headers: { Cookie: `${name}=${value}` } });
  const property = (await answer.json()).items.find((property) => property.name === "Maple Court");
  if (!property) throw new Error("there is no Maple Court: create the data with the example bench_data");
  return { url, cookies, property: property.id };
}

/**
 * Opens an empty profile with a session, and in it a page with the probe. Besides the cookie, the profile has what signing in
 * stores in a browser: that somebody is signed in (`src/session.rs`). The cache is empty.
 */
export async function open(cookie, { slow = false, cpu = 1 } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "latchkey-bench-"));
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: EXECUTABLE,
    args: FLAGS,
    viewport: VIEWPORT,
    locale: "en-US",
    timezoneId: "America/Denver",
  });
  if (cookie) await context.addCookies([{ ...cookie, url: cookie.url.replace("http:", "https:") }]);
  const page = context.pages()[0] ?? (await context.newPage());
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.addInitScript(probe, ROWS);
  if (cookie) await page.addInitScript(() => localStorage.setItem("latchkey.signed-in", "1"));
  const devtools = await context.newCDPSession(page);
  await devtools.send("Network.enable");
  if (slow) await devtools.send("Network.emulateNetworkConditions", { offline: false, ...SLOW_4G });
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: cpu });
  const close = async () => {
    await context.close();
    rmSync(folder, { recursive: true, force: true });
    if (errors.length > 0) throw new Error(`errors in the page: ${errors.join("; ")}`);
  };
  return { page, devtools, close };
}

/** Waits until at least that many rows are painted; returns when that was, in milliseconds since the visit began. */
export async function rowsPainted(page, least) {
  await page.waitForFunction((least) => window.bench?.rows().length >= least, least, { timeout: 60_000 });
  return page.evaluate((least) => window.bench.painted(least), least);
}
