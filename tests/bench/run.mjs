// How fast the console is in a browser: `cargo xtask bench --browser`, or manually against a running server with the data
// of `crates/server/examples/bench_data`:
//
//   npm ci && LATCHKEY_URL=http://127.0.0.1:8080 LATCHKEY_DEMO_PASSWORD=… node run.mjs [PART…] [--runs N]
//
// The parts, each in its own file, all in the installed Chromium (CHROMIUM, or /usr/bin/chromium), headless:
//
//   cold        a first visit to 1,000 residents with an empty profile, ours and a hand-written page (vanilla/) in turn
//   residents   from a key or click to the painted result: search, filter, sort, open
//   audit       a million events: from a choice to its painted rows, frames while scrolling, memory after 10,000 rows
//   lighthouse  the scores of sign-in, My Access and residents
//
// Shared: browser.mjs (a browser with a session, throttled), probe.mjs (the clock inside the page) and
// figures.mjs (percentiles and the table). Playwright comes from ../journeys.
import { parseArgs } from "node:util";
import { connect } from "./browser.mjs";
import { Figures } from "./figures.mjs";

const PARTS = ["cold", "residents", "audit", "lighthouse"];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: "string", default: "5" } },
});
const unknown = positionals.filter((part) => !PARTS.includes(part));
if (unknown.length > 0) {
  console.error(`There is no part ${unknown.join(", ")}: choose from ${PARTS.join(", ")}.`);
  process.exit(2);
}

const server = await connect(process.env.LATCHKEY_URL ?? "http://127.0.0.1:8080", process.env.LATCHKEY_DEMO_PASSWORD ?? "");
const figures = new Figures();
for (const part of PARTS.filter((part) => positionals.length === 0 || positionals.includes(part))) {
  console.log(`\n${part}`);
  const { measure } = await import(`./${part}.mjs`);
  await measure(server, figures, Number(values.runs));
}
figures.summarize();
