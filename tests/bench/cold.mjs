// A first visit to the list of a thousand residents: with an empty profile, until the first rows are painted. Ours asks
// for the pages its table wants; the hand-written page asks for one page of 200 residents, the most that the API gives
// (and, to tell what that costs it, for one of 50 as ours does). Both are shown by the same measure: 13 rows painted, which
// is what the screen has room for. They take turns, so that a change of the machine's mood strikes both.
import { open, rowsPainted, SLOW_CPU } from "./browser.mjs";
import { median, spread } from "./figures.mjs";
import { serveVanilla } from "./vanilla-server.mjs";

/** How much slower ours may be. */
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
        figures.tell(`${who}, ${how}`, median(times), { note: spread(times) });
      }
      for (const who of Object.keys(visits).slice(1)) {
        // The bound is on the slow line; without one, starting a program weighs more than waiting for it.
        const most = limits.slow ? RATIO : undefined;
        figures.tell(`ours to ${who}, ${how}`, median(samples.ours) / median(samples[who]), { unit: "×", digits: 2, most });
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
