// The list of a thousand residents after loading: from a key, click or choice to the frame that shows the result.
import { open, rowsPainted, SLOW_CPU } from "./browser.mjs";
import { percentile } from "./figures.mjs";

/** For each interaction at each speed. */
const SAMPLES = 20;
/** Milliseconds between two interactions. */
const PAUSE = 600;
/** Milliseconds that a hand holds a button down. The clock starts at the release, which is when the page gets the click. */
const PRESS = { delay: 60 };
/** Milliseconds between opening a filter and choosing an option. The clock starts at the choice. */
const CHOOSE = 400;
/** Limits for the 95th percentile in milliseconds, at full speed and on a slow machine. */
const LIMITS = { 1: 50, [SLOW_CPU]: 100 };

export async function measure({ url, cookies, property }, figures) {
  for (const cpu of [1, SLOW_CPU]) {
    const { page, close } = await open(cookies.manager, { cpu });
    const interaction = async (name, rounds, take) => {
      const samples = [];
      for (let round = 0; round < rounds; round += 1) samples.push(...(await take(round)));
      figures.report(`${name}, ${cpu}× slower CPU, p95`, percentile(samples, 95), {
        most: LIMITS[cpu],
        note: `p50 ${percentile(samples, 50).toFixed(0)}, ${samples.length} samples`,
      });
    };
    try {
      await page.goto(`${url}/properties/${property}/residents`);
      await rowsPainted(page, 20);
      await page.waitForLoadState("networkidle");

      const search = page.getByRole("searchbox").first();
      await interaction("search by a name", SAMPLES, async (round) => {
        const name = ["zhang", "garcia", "khan", "novak"][round % 4];
        const took = await timed(page, ["input"], "rowsWith", name, async () => {
          await search.focus();
          await page.keyboard.insertText(name);
        });
        await timed(page, ["input"], "otherRows", null, () => search.fill(""));
        return [took];
      });

      // The open list of options belongs to the browser, and takes real key presses only.
      const origin = page.getByRole("combobox", { name: "Origin" });
      const choose = (choice) =>
        timed(page, ["change"], "rowsWith", choice, async () => {
          await origin.click(PRESS);
          await page.waitForTimeout(CHOOSE);
          await page.keyboard.press(choice[0]);
          await page.keyboard.press("Enter");
        });
      await interaction("filter by a choice", SAMPLES / 2, async () => [await choose("Custom"), await choose("Random")]);
      await timed(page, ["change"], "otherRows", null, () => origin.selectOption(""));

      const unit = page.getByRole("button", { name: "Unit", exact: true });
      const name = page.getByRole("button", { name: "Name", exact: true });
      await interaction("sort by a column", SAMPLES / 2, async () => {
        const byUnit = await timed(page, ["click"], "otherRows", null, () => unit.click(PRESS));
        const byName = await timed(page, ["click"], "otherRows", null, () => name.click(PRESS));
        return [byUnit, byName];
      });

      const links = page.locator("main table tbody th a");
      await interaction("open a resident", SAMPLES, async (round) => {
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

/** Milliseconds from the first event of these kinds that `act` causes to the frame in which the condition holds. */
export async function timed(page, events, condition, wanted, act) {
  await page.evaluate((expected) => window.bench.expect(expected), { events, condition, wanted });
  // Before acting, since this call takes the page some time too.
  const waited = page.evaluate(() => window.bench.took);
  await act();
  const took = await waited;
  // What the page does after that, such as prefetching, isn't part of the next sample: people pause between interactions.
  await page.waitForTimeout(PAUSE);
  return took;
}
