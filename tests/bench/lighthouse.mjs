// Lighthouse's scores for three pages on its simulated slow phone, signed in as the people who open them.
import { chromium } from "../journeys/node_modules/playwright-core/index.mjs";
import { EXECUTABLE, FLAGS } from "./browser.mjs";
import { median } from "./figures.mjs";

const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"];
/** Performance varies between runs; the median of three is reported. */
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
      figures.report(`${name}: ${category}`, median(runs.map(({ scores }) => scores[category])), { unit: "" });
    }
    const found = new Set(runs.flatMap(({ findings }) => findings));
    if (found.size > 0) console.log(`    below 90: ${[...found].join(", ")}`);
  }
}

/** Stores what signing in stores in a browser besides the cookie, without loading the console. */
async function rememberSignIn(page, address) {
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
      await rememberSignIn(browser.pages()[0], address);
    }
    const { lhr } = await lighthouse(address, {
      port: PORT,
      logLevel: "error",
      onlyCategories: CATEGORIES,
      // Resetting would also remove the session.
      disableStorageReset: true,
    });
    if (new URL(lhr.finalDisplayedUrl).pathname !== new URL(address).pathname) {
      throw new Error(`${address} redirected to ${lhr.finalDisplayedUrl}`);
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
