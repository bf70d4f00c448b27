// Lighthouse's scores, as it gives them to a phone on a slow line, of three pages as the people who open them see them.
import { chromium } from "../journeys/node_modules/playwright-core/index.mjs";
import { EXECUTABLE, FLAGS } from "./browser.mjs";
import { median } from "./figures.mjs";

const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"];
/** Performance differs from one run to the next; the middle one of three is told. */
const RUNS = 3;

export async function measure({ url, cookies, property }, figures) {
  for (const [name, path, cookie] of [
    ["sign-in", "/sign-in", null],
    ["My Access", "/my-access", cookies.resident],
    ["residents", `/properties/${property}/residents`, cookies.manager],
  ]) {
    const runs = [];
    for (let run = 0; run < RUNS; run += 1) runs.push(await audit(`${url}${path}`, cookie));
    for (const category of CATEGORIES) {
      figures.tell(`${name}: ${category}`, median(runs.map(({ scores }) => scores[category])), { unit: "" });
    }
    const found = new Set(runs.flatMap(({ findings }) => findings));
    if (found.size > 0) console.log(`    less than full: ${[...found].join(", ")}`);
  }
}

/** Leaves what signing in leaves in a browser, besides the cookie, and nothing of the console. */
async function leaveSignedIn(page, address) {
  await page.goto(new URL("/healthz", address).href);
  await page.evaluate(() => localStorage.setItem("latchkey.signed-in", "1"));
}

async function audit(address, cookie) {
  const { default: lighthouse } = await import("lighthouse");
  const browser = await chromium.launchPersistentContext("", {
    executablePath: EXECUTABLE,
    args: [...FLAGS, `--remote-debugging-port=${PORT}`],
  });
  try {
    if (cookie) {
      await browser.addCookies([{ ...cookie, url: cookie.url.replace("http:", "https:") }]);
      await leaveSignedIn(browser.pages()[0], address);
    }
    const { lhr } = await lighthouse(address, {
      port: PORT,
      logLevel: "error",
      onlyCategories: CATEGORIES,
      // The session is in what it would reset.
      disableStorageReset: true,
    });
    if (new URL(lhr.finalDisplayedUrl).pathname !== new URL(address).pathname) {
      throw new Error(`${address} led to ${lhr.finalDisplayedUrl}`);
    }
    const scores = Object.fromEntries(CATEGORIES.map((id) => [id, Math.round(lhr.categories[id].score * 100)]));
    const weak = CATEGORIES.flatMap((id) => lhr.categories[id].auditRefs)
      .filter(({ id, weight }) => weight > 0 && lhr.audits[id].score !== null && lhr.audits[id].score < 0.9)
      .map(({ id }) => id);
    return { scores, findings: weak };
  } finally {
    await browser.close();
  }
}

const PORT = 9333;
