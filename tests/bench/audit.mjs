// The audit log with a million events: how long it takes from a choice to its painted rows, whether frames are dropped while
// scrolling through ten thousand rows, and how much memory those take.
import { open, rowsPainted } from "./browser.mjs";
import { percentile } from "./figures.mjs";
import { timed } from "./residents.mjs";

/** For each choice. */
const SAMPLES = 10;
/** Rows in a page of the API. */
const PAGE = 26;
const ROWS = 10_000;
/** Pixels that a turn of the wheel scrolls, and milliseconds until the next turn: a fast hand. */
const TURN = 240;
const PAUSE = 8;

export async function measure(server, figures) {
  await measurePaints(server, figures);
  await measureScrolling(server, figures);
  await measureMemory(server, figures);
}

async function measurePaints({ url, cookies }, figures) {
  const { page, close } = await open(cookies.support);
  const report = (name, samples) =>
    figures.report(`${name}, p95`, percentile(samples, 95), {
      most: 100,
      note: `p50 ${percentile(samples, 50).toFixed(0)}, ${samples.length} samples`,
    });
  try {
    await page.goto(`${url}/audit`);
    await rowsPainted(page, 20);
    await page.waitForLoadState("networkidle");
    const choose = (label, value) => page.getByRole("combobox", { name: label }).selectOption(value);
    for (const [name, label, value, text] of [
      ["a frequent action", "Action", "guest_code.", "guest_code."],
      ["an action", "Action", "code.revealed", "code.revealed"],
      ["an outcome", "Outcome", "failed", "failed"],
      ["a rare outcome of a family", "Outcome", "refused", "refused"],
    ]) {
      const rare = name.startsWith("a rare");
      if (rare) await timed(page, ["change"], "rowsWith", "code.", () => choose("Action", "code."));
      const samples = [];
      for (let round = 0; round < SAMPLES; round += 1) {
        samples.push(await timed(page, ["change"], "rowsWith", text, () => choose(label, value)));
        await timed(page, ["change"], "otherRows", null, () => choose(label, ""));
      }
      if (rare) await timed(page, ["change"], "otherRows", null, () => choose("Action", ""));
      report(name, samples);
    }

    const samples = [];
    const search = page.getByRole("searchbox").first();
    for (const word of ["zhang", "garcia", "khan", "novak", "reyes"]) {
      samples.push(
        await timed(page, ["input"], "rowsWith", word, async () => {
          await search.focus();
          await page.keyboard.insertText(word);
        }),
      );
      await timed(page, ["input"], "otherRows", null, () => search.fill(""));
    }
    report("a word", samples);

    const pages = [];
    for (let round = 0; round < SAMPLES; round += 1) {
      pages.push(await timed(page, ["scroll"], "moreRows", null, () => page.evaluate(() => scrollTo(0, document.body.scrollHeight))));
    }
    report("the next page, at the end of the list", pages);
  } finally {
    await close();
  }
}

async function measureScrolling({ url, cookies }, figures) {
  const { page, close } = await open(cookies.support);
  try {
    await page.goto(`${url}/audit`);
    await rowsPainted(page, 20);
    await page.waitForLoadState("networkidle");
    await page.evaluate(() => window.bench.beginFrames());
    await scrollThrough(page, ROWS);
    const { frames, blank } = await page.evaluate(() => window.bench.endFrames());
    figures.report("a frame while scrolling, p95", percentile(frames, 95), {
      digits: 1,
      most: 20,
      note: `p50 ${percentile(frames, 50).toFixed(1)}, p99 ${percentile(frames, 99).toFixed(1)}, ${frames.length} frames`,
    });
    figures.report("frames with blank space instead of rows", blank, { unit: "", most: 0 });
  } finally {
    await close();
  }
}

async function measureMemory({ url, cookies }, figures) {
  const { page, devtools, close } = await open(cookies.support);
  try {
    // The memory of a page can be measured only if it is cross-origin isolated, which the server doesn't request.
    await page.route("**/audit", async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, headers: { ...answer.headers(), "Cross-Origin-Embedder-Policy": "require-corp" } });
    });
    await page.goto(`${url}/audit`);
    await rowsPainted(page, 20);
    await page.waitForLoadState("networkidle");
    const before = await memory(page, devtools);
    await scrollThrough(page, ROWS);
    await page.waitForTimeout(2_000);
    const after = await memory(page, devtools);
    const megabytes = (bytes) => bytes / 1_000_000;
    figures.report(`more memory after ${ROWS} rows`, megabytes(after - before), {
      unit: "MB",
      digits: 1,
      most: 5,
      note: `${megabytes(before).toFixed(1)} MB with the first page`,
    });
  } finally {
    await close();
  }
}

/** Turns the wheel until that many rows have been loaded. */
async function scrollThrough(page, rows) {
  let pages = 0;
  const count = (response) => {
    const { pathname, searchParams } = new URL(response.url());
    if (pathname.endsWith("/api/v1/audit") && searchParams.has("cursor")) pages += 1;
  };
  page.on("response", count);
  const box = await page.locator("main table").boundingBox();
  await page.mouse.move(box.x + box.width / 2, 500);
  const limit = Date.now() + 300_000;
  while ((pages + 1) * PAGE < rows) {
    await page.mouse.wheel(0, TURN);
    await page.waitForTimeout(PAUSE);
    if (Date.now() > limit) throw new Error(`only ${(pages + 1) * PAGE} rows were loaded in five minutes`);
  }
  page.off("response", count);
}

/** The bytes that the page uses after garbage collection: scripts and document, the wasm's memory included. */
async function memory(page, devtools) {
  await devtools.send("HeapProfiler.enable");
  await devtools.send("HeapProfiler.collectGarbage");
  return page.evaluate(async () => (await performance.measureUserAgentSpecificMemory()).bytes);
}
