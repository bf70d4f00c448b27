// A first visit to the list of a thousand residents, with an empty profile, until the first rows are painted. Ours requests
// the pages that its table needs; the hand-written page requests one page of 200 residents, the most that the API gives (and,
// to show what that costs it, one of 50). Both are measured until 13 rows are painted, which fill the screen. They take turns,
// so that changes in the machine's speed affect both.
import { open, rowsPainted, SLOW_CPU } from "./browser.mjs";
import { median, spread } from "./figures.mjs";
import { serveVanilla } from "./vanilla-server.mjs";

/** How many times slower ours may be. */
const RATIO = 1.3;
const ROWS = 13;

export async function measure({ url, cookies, property }, figures, runs) {
  const vanilla = await serveVanilla(url);
  const visits = {
    ours: `${url}/properties/${property}/residents`,
    "vanilla, 200 rows": `${vanilla.url}/?property=${property}&limit=200`,
    "vanilla, 50 rows": `${vanilla.url}/?property=${property}&limit=50`,
  };
  try {
    for (const [how, limits] of [
      ["slow 4G, 4× slower CPU", { slow: true, cpu: SLOW_CPU }],
      ["not throttled", {}],
    ]) {
      const samples = Object.fromEntries(Object.keys(visits).map((who) => [who, []]));
      for (let run = 0; run < runs; run += 1) {
        for (const [who, address] of Object.entries(visits)) samples[who].push(await visit(address, cookies.manager, limits));
      }
      for (const [who, times] of Object.entries(samples)) {
        figures.report(`${who}, ${how}`, median(times), { note: spread(times) });
      }
      for (const who of Object.keys(visits).slice(1)) {
        // The limit applies to the slow network; on a fast one, starting a program takes longer than downloading it.
        const most = limits.slow ? RATIO : undefined;
        figures.report(`ours to ${who}, ${how}`, median(samples.ours) / median(samples[who]), { unit: "×", digits: 2, most });
      }
    }
  } finally {
    vanilla.close();
  }
}

async function visit(address, cookie, limits) {
  const { page, close } = await open(cookie, limits);
  try {
    await page.goto(address, { waitUntil: "commit" });
    return await rowsPainted(page, ROWS);
  } finally {
    await close();
  }
}
