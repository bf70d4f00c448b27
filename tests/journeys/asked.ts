import type { Page } from "@playwright/test";

/** All that a page asked for from its beginning. */
export interface Asked {
  /** The addresses of the API that were read, without what all have in common. */
  api: () => string[];
  /** The paths of the files with code and texts. */
  files: () => string[];
}

/** Writes down what the page asks for. */
export function listen(page: Page): Asked {
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

/** So many rows fill the screen of these journeys, which is 1,280 pixels wide and 720 high: a list asks for no more at first. */
export const FIRST_ROWS = 12;

/** What is there more than once. */
export const twice = (all: string[]) => all.filter((each, at) => all.indexOf(each) !== at);

/** The paths whose early answers the console hasn't taken. */
export async function untaken(page: Page): Promise<string[]> {
  return page.evaluate(() => [...(globalThis as unknown as { latchkeyEarly: Map<string, unknown> }).latchkeyEarly.keys()]);
}

/** Holds the answers to these requests back until what it gives is called. */
export async function hold(page: Page, what: string | RegExp): Promise<() => void> {
  let come = () => {};
  const awaited = new Promise<void>((resolve) => {
    come = resolve;
  });
  await page.route(what, async (route) => {
    await awaited;
    await route.continue();
  });
  return come;
}
