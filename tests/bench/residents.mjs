// The list of a thousand residents, once it is there: from the key or press to the frame that shows what came of it.
import { open, rowsPainted, SLOW_CPU } from "./browser.mjs";
import { percentile } from "./figures.mjs";

/** Of each deed at each speed. */
const SAMPLES = 20;
/** Milliseconds between two deeds. */
const PAUSE = 600;
/** So many milliseconds a hand holds a button down. The clock begins when it lets go, which is what a page calls a click. */
const PRESS = { delay: 60 };
/** So many milliseconds pass between opening a filter's choices and choosing one. The clock begins when it is chosen. */
const CHOOSE = 400;
/** Milliseconds that 95 of 100 may take, at full speed and on a slow machine. */
const BOUNDS = { 1: 50, [SLOW_CPU]: 100 };

export async function measure({ url, cookies, property }, figures) {
  for (const cpu of [1, SLOW_CPU]) {
    const { page, close } = await open(cookies.manager, { cpu });
    const deed = async (name, rounds, take) => {
      const samples = [];
      for (let round = 0; round < rounds; round += 1) samples.push(...(await take(round)));
      figures.tell(`${name}, ${cpu}× slower CPU, p95`, percentile(samples, 95), {
        most: BOUNDS[cpu],
        note: `p50 ${percentile(samples, 50).toFixed(0)}, ${samples.length} samples`,
      });
    };
    try {
      await page.goto(`${url}/properties/${property}/residents`);
      await rowsPainted(page, 20);
      await page.waitForLoadState("networkidle");

      const search = page.getByRole("searchbox").first();
      await deed("search by a name", SAMPLES, async (round) => {
        const name = ["zhang", "garcia", "khan", "novak"][round % 4];
        const took = await timed(page, ["input"], "rowsWith", name, async () => {
          await search.focus();
          await page.keyboard.insertText(name);
        });
        await timed(page, ["input"], "otherRows", null, () => search.fill(""));
        return [took];
      });

      // What lies over the page then is the browser's: it takes keys as somebody's own would come.
      const origin = page.getByRole("combobox", { name: "Origin" });
      const choose = (choice) =>
        timed(page, ["change"], "rowsWith", choice, async () => {
          await origin.click(PRESS);
          await page.waitForTimeout(CHOOSE);
          await page.keyboard.press(choice[0]);
          await page.keyboard.press("Enter");
        });
      await deed("filter by a choice", SAMPLES / 2, async () => [await choose("Custom"), await choose("Random")]);
      await timed(page, ["change"], "otherRows", null, () => origin.selectOption(""));

      const unit = page.getByRole("button", { name: "Unit", exact: true });
      const name = page.getByRole("button", { name: "Name", exact: true });
      await deed("sort by a column", SAMPLES / 2, async () => {
        const byUnit = await timed(page, ["click"], "otherRows", null, () => unit.click(PRESS));
        const byName = await timed(page, ["click"], "otherRows", null, () => name.click(PRESS));
        return [byUnit, byName];
      });

      const links = page.locator("main table tbody th a");
      await deed("open a resident", SAMPLES, async (round) => {
        const link = links.nth(round % 8);
        const who = (await link.textContent()).trim();
        const took = await timed(page, ["click"], "page", who, () => link.click(PRESS));
        await page.goBack();
        await page.waitForFunction(() => window.bench.rows().length >= 20);
        return [took];
      });
    } finally {
      await close();
    }
  }
}

/** Milliseconds from the first event of these kinds that `act` causes to the frame that shows what is waited for. */
export async function timed(page, events, condition, wanted, act) {
  await page.evaluate((expected) => window.bench.expect(expected), { events, condition, wanted });
  // Before the deed: being asked for it takes the page time too.
  const waited = page.evaluate(() => window.bench.took);
  await act();
  const took = await waited;
  // What the page does after that, such as reading ahead, is no part of the next sample: people pause between two deeds.
  await page.waitForTimeout(PAUSE);
  return took;
}
