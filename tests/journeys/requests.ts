import type { BrowserContext, Page } from "@playwright/test";

/**
 * Lets pages hear nothing of what happens, and never ask: a stream of events stays open, and so the network is never idle.
 */
export async function followNothing(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    class Silence {
      close(): void {}
    }
    Object.assign(globalThis, { EventSource: Silence });
  });
}

/** What a page has requested since it was opened. */
export interface Requests {
  /** API paths (with their queries) that were read, without the common prefix. */
  api: () => string[];
  /** Paths of the files with code and texts. */
  files: () => string[];
}

/** Records what the page requests. */
export function recordRequests(page: Page): Requests {
  const urls: URL[] = [];
  page.on("request", (request) => {
    if (request.method() === "GET") {
      urls.push(new URL(request.url()));
    }
  });
  const api = "/api/v1";
  return {
    api: () =>
      urls.filter(({ pathname }) => pathname.startsWith(api)).map((url) => url.pathname.slice(api.length) + url.search),
    files: () => urls.map(({ pathname }) => pathname).filter((path) => /\.(wasm|json)$/.test(path)),
  };
}

/** The rows that fill the screen of these journeys (1,280 by 720 pixels), which is all that a list requests at first. */
export const FIRST_ROWS = 12;

/** The entries that occur more than once. */
export const duplicates = (all: string[]) => all.filter((each, at) => all.indexOf(each) !== at);

/** Paths whose early answers the console hasn't used. */
export async function unclaimedAnswers(page: Page): Promise<string[]> {
  return page.evaluate(() => [...(globalThis as unknown as { latchkeyEarly: Map<string, unknown> }).latchkeyEarly.keys()]);
}

/** Holds back the answers to these requests until the returned function is called. */
export async function holdBack(page: Page, what: string | RegExp): Promise<() => void> {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route(what, async (route) => {
    await released;
    await route.continue();
  });
  return release;
}

/** The paths of the modules that `boot.js` began to compile and nothing has started yet. */
export async function unclaimedModules(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { compiledModules } = globalThis as unknown as { compiledModules: Map<string, unknown> };
    return [...compiledModules.keys()].map((address) => new URL(address).pathname);
  });
}
