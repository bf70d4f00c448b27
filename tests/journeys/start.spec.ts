import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { APIRequestContext, Page } from "@playwright/test";
import { FIRST_ROWS, followNothing, holdBack, recordRequests, duplicates, unclaimedAnswers, unclaimedModules } from "./requests";
import { expect, PASSWORD, PEOPLE, type Person, signIn, test } from "./journey";
import { waitUntilLoaded } from "./screens";

// What is requested before the console is running, as the table of pages says. Every visit is a first visit: without a
// service worker nothing is left from an earlier one.
test.use({ serviceWorkers: "block" });

/** The table of pages, in the snapshot that the test in xtask/src/pages.rs keeps. */
const TABLE = "../../xtask/src/snapshots/xtask__pages__tests__the_table_of_pages.snap";

/** The pages that are downloaded in chunks, and who may open each. */
const PAGES = readFileSync(resolve(import.meta.dirname, TABLE), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("/"))
  .map((line) => line.split(/ {2,}/))
  .flatMap(([address = "", who = "", chunk]) => (chunk === "-" ? [] : [{ address, who }]));

const SIGNED_IN: Person[] = ["resident", "manager", "support", "administrator"];

const pagesOf = (person: Person) =>
  PAGES.filter(({ who }) => who === "everyone" || who.split(", ").includes(person)).map(({ address }) => address);

/** What `boot.js` requested while the console's wasm was still downloading. */
interface Early {
  /** API paths. */
  answers: string[];
  /** Paths of texts and chunks. */
  files: string[];
}

let manager: APIRequestContext;
let property: string;
let resident: string;
let guestCode: string;
let door: string;
let hub: string;

test.beforeEach(async ({ context, calls }) => {
  await followNothing(context);
  manager = await calls("manager");
  property = (await first("/properties")).id;
  resident = (await first(`/properties/${property}/residents?q=Brandt`)).id;
  const { items } = await (await manager.get(`/api/v1/properties/${property}/doors?limit=1`)).json();
  [door, hub] = [items[0].id, items[0].lock.hub_id];
  // Issued by the resident; the manager may see it too.
  const own = await calls("resident");
  const { doors } = await (await own.get("/api/v1/me/access")).json();
  const issued = await own.post("/api/v1/guest-codes", {
    data: { kind: "permanent", door_ids: [doors[0].id], guest_name: "First visitor" },
    headers: { "Idempotency-Key": randomUUID() },
  });
  expect(issued.status(), await issued.text()).toBe(201);
  guestCode = (await issued.json()).id;
});

test.afterEach(async () => {
  await manager.post(`/api/v1/guest-codes/${guestCode}/revoke`, { headers: { "Idempotency-Key": randomUUID() } });
});

async function first(path: string): Promise<{ id: string; name: string }> {
  const answer = await manager.get(`/api/v1${path}`);
  expect(answer.status(), path).toBe(200);
  return (await answer.json()).items[0];
}

const addressOf = (page: string) =>
  page
    .replace("{property}", property)
    .replace("{resident}", resident)
    .replace("{guest_code}", guestCode)
    .replace("{door}", door)
    .replace("{hub}", hub);

/** Makes the device remember that somebody was signed in when the console was last open. */
async function rememberSignIn(page: Page): Promise<void> {
  await page.addInitScript(() => localStorage.setItem("latchkey.signed-in", "1"));
}

/** Stops intervals and long timers: no list is refreshed, and no early answer expires. */
async function stopTimers(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const { setTimeout } = globalThis;
    const soon = (run: TimerHandler, after = 0, ...rest: unknown[]) => (after < 1_000 ? setTimeout(run, after, ...rest) : 0);
    Object.assign(globalThis, { setInterval: () => 0, setTimeout: soon });
  });
}

/** Opens an address with the console's wasm held back; until it is released, only `boot.js` can request anything. */
async function open(page: Page, address: string): Promise<Early> {
  const release = await holdBack(page, /\/latchkey-console[^/]*\.wasm$/);
  const requests = recordRequests(page);
  await page.goto(address, { waitUntil: "commit" });
  // The script runs to its end at once, and sets this there.
  await expect.poll(() => page.evaluate(() => "latchkeyEarly" in globalThis)).toBe(true);
  const answers = await unclaimedAnswers(page);
  const texts = requests.files().filter((file) => file.startsWith("/texts/"));
  const files = [...texts, ...(await unclaimedModules(page))];
  await expect(page.getByRole("heading", { level: 1 }), "the console isn't running yet").toHaveCount(0);
  release();
  return { answers, files: files.filter((file) => !isConsole(file)) };
}

const isConsole = (file: string) => file.includes("/latchkey-console");
const isCode = (file: string) => file.endsWith(".wasm");

/** Waits until the page is shown, has used every early answer and requests nothing more. */
async function waitUntilIdle(page: Page): Promise<void> {
  await waitUntilLoaded(page);
  await expect.poll(() => unclaimedAnswers(page), "requested early, but not used by the page").toEqual([]);
  await page.waitForLoadState("networkidle");
}

/** Records the files that the console itself fetches; whatever was preloaded must be among them. */
async function recordFetches(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const fetched: string[] = [];
    const { fetch } = globalThis;
    const record: typeof fetch = (what, how) => {
      fetched.push(new URL(what instanceof Request ? what.url : what, location.href).pathname);
      return fetch(what, how);
    };
    Object.assign(globalThis, { fetch: record, fetched });
  });
}

async function fetchedFiles(page: Page): Promise<string[]> {
  return page.evaluate(() => (globalThis as unknown as { fetched: string[] }).fetched);
}

for (const person of SIGNED_IN) {
  for (const path of pagesOf(person)) {
    test(`${path} of ${person} uses everything that was requested early, and requests nothing twice`, async ({ page }) => {
      await signIn(page, person);
      await rememberSignIn(page);
      await stopTimers(page);
      await recordFetches(page);
      const requests = recordRequests(page);

      const early = await open(page, addressOf(path));
      expect(early.answers).toContain("/session");
      await waitUntilIdle(page);
      await expect(page.getByRole("navigation", { name: "Main" })).toBeVisible();
      expect(await unclaimedModules(page), "compiled early, but not started by the page").toEqual([]);

      expect(requests.api()).toEqual(expect.arrayContaining(early.answers));
      expect(duplicates(requests.api()), "requested twice").toEqual([]);

      expect(early.files.filter(isCode), "the page's code was preloaded").not.toEqual([]);
      const late = requests.files().filter((file) => !isConsole(file) && !early.files.includes(file));
      expect(late, "not preloaded").toEqual([]);
      expect(duplicates(requests.files()), "downloaded twice").toEqual([]);
      const files = await fetchedFiles(page);
      expect(early.files.filter((file) => !files.includes(file)), "preloaded, but not used by the page").toEqual([]);
    });
  }
}

test("every page of the table is opened here by somebody, but for those of a link or a forgotten password", () => {
  const opened = new Set(SIGNED_IN.flatMap(pagesOf));
  const byLink = ["/pass", "/set-up", "/invitation", "/forgot-password", "/reset-password", "/confirm-address"];
  expect(PAGES.map(({ address }) => address).filter((address) => !opened.has(address))).toEqual(byLink);
  expect(pagesOf("support")).toContain("/troubleshoot");
});

test("a list, its property and the session are requested while the console is still downloading", async ({ page }) => {
  await signIn(page, "manager");
  await rememberSignIn(page);
  const { answers } = await open(page, `/properties/${property}/residents`);
  expect(answers).toEqual(["/session", "/properties?limit=200", `/properties/${property}/residents?limit=${FIRST_ROWS}`]);
  await expect(page.getByRole("rowheader").first()).toBeVisible();
});

test.describe("with filters in the address", () => {
  const signedInAs = async (page: Page, person: Person) => {
    await signIn(page, person);
    await rememberSignIn(page);
    await stopTimers(page);
    return recordRequests(page);
  };

  test("only matching residents are shown", async ({ page }) => {
    const requests = await signedInAs(page, "manager");
    const { name } = await first(`/properties/${property}/residents`);
    const word = name.split(" ")[0] ?? name;
    const query = new URLSearchParams({ q: word });
    const { answers } = await open(page, `/properties/${property}/residents?${query}`);
    expect(answers).toEqual(["/session"]);
    await waitUntilIdle(page);
    const names = await page.getByRole("rowheader").allInnerTexts();
    expect(names).toContain(name);
    expect(names.filter((each) => !each.toLowerCase().includes(word.toLowerCase()))).toEqual([]);
    expect(requests.api().filter((path) => path.includes("/residents"))).toEqual([
      `/properties/${property}/residents?${query}&limit=${FIRST_ROWS}`,
    ]);
  });

  test("only matching events are shown", async ({ page }) => {
    const requests = await signedInAs(page, "support");
    const { answers } = await open(page, "/audit?action=session.");
    expect(answers).toEqual(["/session"]);
    await waitUntilIdle(page);
    const actions = await page.getByRole("table").getByRole("button").allInnerTexts();
    expect(actions.length).toBeGreaterThan(0);
    expect(actions.filter((action) => !/^(Signed (in|out)|Sign-in refused)/.test(action))).toEqual([]);
    const pages = requests.api().filter((path) => path.startsWith("/audit"));
    expect(pages[0]).toBe(`/audit?action=session.&limit=${FIRST_ROWS}`);
    expect(pages.filter((path) => !path.startsWith("/audit?action=session.&"))).toEqual([]);
    expect(duplicates(pages)).toEqual([]);
  });

  test("doors are requested once, and only matching ones are shown", async ({ page }) => {
    const requests = await signedInAs(page, "manager");
    await open(page, `/properties/${property}/doors?kind=amenity`);
    await waitUntilIdle(page);
    const kinds = await page.locator("tbody td[data-label=Kind]").allInnerTexts();
    expect(new Set(kinds)).toEqual(new Set(["Amenity"]));
    expect(duplicates(requests.api())).toEqual([]);
  });
});

test.describe("somebody who isn’t signed in", () => {
  for (const path of ["/", "/sign-in", "/my-access", "/properties/{property}/residents", "/audit"]) {
    test(`causes no early request at ${path}, and is asked to sign in`, async ({ page }) => {
      const requests = recordRequests(page);
      const { answers } = await open(page, addressOf(path));
      expect(answers).toEqual([]);
      await expect(page.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
      await waitUntilIdle(page);
      // The sign-in page needn't ask for the session.
      expect(requests.api(), "the console's own requests").toEqual(path === "/sign-in" ? [] : ["/session"]);
    });
  }

  test("although they were before is asked to sign in, and then sees no earlier answer", async ({ page }) => {
    await rememberSignIn(page);
    const { answers } = await open(page, "/my-access");
    expect(answers).toEqual(["/session", "/me/access"]);
    await expect(page.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
    await expect(page).toHaveURL("/sign-in?to=%2Fmy-access");
    await signInByForm(page);
    await expect(page.getByText("hidden digits")).toBeAttached();
    await expect(page.getByRole("dialog", { name: "Your session has ended" })).toBeHidden();
  });
});

test.describe("until it is known who is signed in", () => {
  for (const width of [390, 1280]) {
    test(`the page is already in its final place, at ${width} pixels`, async ({ page }) => {
      await page.setViewportSize({ width, height: 800 });
      await signIn(page, "manager");
      await rememberSignIn(page);
      const release = await holdBack(page, "**/api/v1/session");
      const where = () => page.locator("#main").evaluate((main) => [main.offsetLeft, main.offsetTop]);
      await page.goto(`/properties/${property}/residents`);
      await expect(page.locator("#main")).toBeVisible();
      const before = await where();
      await expect(page.getByRole("banner")).toHaveText("Latchkey");
      await expect(page.getByRole("navigation", { name: "Main" })).toHaveCount(0);
      release();
      await expect(page.getByRole("navigation", { name: "Main" })).toBeVisible();
      expect(await where()).toEqual(before);
    });
  }
});

test("nothing shifts under the reader when the property’s name arrives last", async ({ page }) => {
  await page.setViewportSize({ width: 412, height: 823 });
  await signIn(page, "manager");
  await rememberSignIn(page);
  await page.addInitScript(() => {
    const moved: number[] = [];
    Object.assign(globalThis, { moved });
    new PerformanceObserver((list) => {
      moved.push(...list.getEntries().map((entry) => (entry as unknown as { value: number }).value));
    }).observe({ type: "layout-shift", buffered: true });
  });
  const release = await holdBack(page, /\/properties\?limit=200$/);
  const rows = page.waitForResponse(/\/residents\?limit=/);
  await page.goto(`/properties/${property}/residents`);
  await rows;
  await expect(page.getByRole("navigation", { name: "Main" })).toBeVisible();
  await expect(page.getByRole("heading", { level: 1 })).toHaveCount(0);
  release();
  await expect(page.getByRole("rowheader").first()).toBeVisible();
  await page.waitForLoadState("networkidle");
  expect(await page.evaluate(() => (globalThis as unknown as { moved: number[] }).moved)).toEqual([]);
});

test.describe("until the console is running", () => {
  const failure = (page: Page) => page.getByText("Latchkey couldn’t be loaded.");

  test("the page says that it is loading, not that it failed", async ({ page }) => {
    const release = await holdBack(page, "**/*.wasm");
    await page.goto("/sign-in", { waitUntil: "domcontentloaded" });
    await expect(page.getByRole("status", { name: "Loading" })).toBeVisible();
    await expect(failure(page)).toBeHidden();
    release();
    await expect(page.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
    await expect(failure(page)).toHaveCount(0);
  });

  test("the page says what to do when it can’t be loaded", async ({ page }) => {
    await page.route("**/texts/**", (route) => route.abort());
    await page.goto("/sign-in");
    await expect(failure(page)).toBeVisible();
    await expect(page.getByText("No se pudo cargar Latchkey.")).toBeVisible();
    await expect(page.getByRole("status", { name: "Loading" })).toBeHidden();
  });

  test("the sign-in page requests nothing on a new device, and signs people in", async ({ page }) => {
    const requests = recordRequests(page);
    await page.goto("/sign-in");
    await expect(page.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
    await waitUntilIdle(page);
    expect(requests.api()).toEqual([]);
    await signInByForm(page);
  });
});

async function signInByForm(page: Page): Promise<void> {
  await page.getByLabel("Email").fill(PEOPLE.resident);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  // Leaving while the page's code is downloading makes the browser log an error.
  await expect(page.locator("main .access-bar")).toBeVisible();
}

test("the device remembers that somebody is signed in and as what until they sign out, and nothing else about them", async ({ page }) => {
  const kept = () => page.evaluate(() => ({ ...localStorage }));
  await page.goto("/sign-in");
  await expect(page.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
  expect(await kept()).toEqual({});
  await signInByForm(page);
  expect(await kept()).toEqual({ "latchkey.signed-in": "resident" });
  const { answers } = await open(page, "/help");
  expect(answers).toEqual(["/session"]);

  await page.getByRole("button", { name: /Account/ }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
  expect(await kept()).toEqual({});
});

test("a guest’s pass requests nothing for whoever is signed in on the device", async ({ page, calls }) => {
  const { url } = await (await (await calls("resident")).post(`/api/v1/guest-codes/${guestCode}/share`)).json();
  await signIn(page, "manager");
  await rememberSignIn(page);
  const { answers, files } = await open(page, url);
  expect(answers).toEqual([]);
  expect(files.filter(isCode)).not.toEqual([]);
  await expect(page.getByRole("heading", { level: 1, name: /^Your code for/ })).toBeVisible();
});

test("an early request that isn’t answered times out as any other does", async ({ page }) => {
  await signIn(page, "manager");
  await rememberSignIn(page);
  // The time limit of 20 seconds, shortened to half a second.
  await page.addInitScript(() => {
    const limit = AbortSignal.timeout.bind(AbortSignal);
    AbortSignal.timeout = (milliseconds) => limit(milliseconds / 40);
  });
  const list = `**/api/v1/properties/${property}/residents?*`;
  await page.route(list, () => undefined);
  await open(page, `/properties/${property}/residents`);
  const again = page.getByRole("main").getByRole("button", { name: "Try again" });
  await expect(again).toBeVisible();
  await page.unroute(list);
  await again.click();
  await expect(page.getByRole("rowheader").first()).toBeVisible();
});
