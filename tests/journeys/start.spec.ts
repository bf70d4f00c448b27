import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { APIRequestContext, Page } from "@playwright/test";
import { FIRST_ROWS, hold, listen, twice, untaken } from "./asked";
import { expect, PASSWORD, PEOPLE, type Person, signIn, test } from "./journey";
import { settled } from "./screens";

// What is asked before the console is there, by the table of pages. Each visit is a first one: without a service worker
// nothing comes from an earlier.
test.use({ serviceWorkers: "block" });

/** The table of pages as the test of xtask/src/pages.rs has written it down. */
const TABLE = "../../xtask/src/snapshots/xtask__pages__tests__the_table_of_pages.snap";

/** Its pages that come in chunks, and who may open each. */
const PAGES = readFileSync(resolve(import.meta.dirname, TABLE), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("/"))
  .map((line) => line.split(/ {2,}/))
  .flatMap(([address = "", who = "", chunk]) => (chunk === "-" ? [] : [{ address, who }]));

const SIGNED_IN: Person[] = ["resident", "manager", "support"];

const pagesOf = (person: Person) =>
  PAGES.filter(({ who }) => who === "everyone" || who.split(", ").includes(person)).map(({ address }) => address);

/** What `boot.js` had asked for while the console's wasm was still on its way. */
interface Early {
  /** Paths of the API. */
  answers: string[];
  /** Addresses of texts and chunks. */
  files: string[];
}

let manager: APIRequestContext;
let property: string;
let resident: string;
let guestCode: string;

test.beforeEach(async ({ calls }) => {
  manager = await calls("manager");
  property = (await first("/properties")).id;
  resident = (await first(`/properties/${property}/residents?q=Brandt`)).id;
  // The resident's own, which the manager may see too.
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
  page.replace("{property}", property).replace("{resident}", resident).replace("{guest_code}", guestCode);

/** As when somebody was signed in when the console was last open on this device. */
async function wasSignedIn(page: Page): Promise<void> {
  await page.addInitScript(() => localStorage.setItem("latchkey.signed-in", "1"));
}

/** Nothing is asked because time passes: neither lists again, nor is what was asked early forgotten. */
async function withoutTime(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const { setTimeout } = globalThis;
    const soon = (run: TimerHandler, after = 0, ...rest: unknown[]) => (after < 1_000 ? setTimeout(run, after, ...rest) : 0);
    Object.assign(globalThis, { setInterval: () => 0, setTimeout: soon });
  });
}

/** Opens an address with the console's wasm held back; what is asked until then, nobody but `boot.js` asks. */
async function open(page: Page, address: string): Promise<Early> {
  const come = await hold(page, /\/latchkey-console[^/]*\.wasm$/);
  await page.goto(address, { waitUntil: "commit" });
  // It runs through at once, and says so at the end.
  await expect.poll(() => page.evaluate(() => "latchkeyEarly" in globalThis)).toBe(true);
  const answers = await untaken(page);
  const files = await page
    .locator("head > link[rel=preload][as=fetch]")
    .evaluateAll((links) => links.map((link) => new URL((link as HTMLLinkElement).href).pathname));
  await expect(page.getByRole("heading", { level: 1 }), "nothing of the console is there yet").toHaveCount(0);
  come();
  return { answers, files: files.filter((file) => !isConsole(file)) };
}

const isConsole = (file: string) => file.includes("/latchkey-console");
const isCode = (file: string) => file.endsWith(".wasm");

/** The page is there, has taken what was asked early, and asks for nothing more. */
async function quiet(page: Page): Promise<void> {
  await settled(page);
  await expect.poll(() => untaken(page), "asked early, and not what the page asks").toEqual([]);
  await page.waitForLoadState("networkidle");
}

/** Writes down the files that the console itself asks for: whatever came early is to be among them. */
async function rememberWanted(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const wanted: string[] = [];
    const { fetch } = globalThis;
    const remember: typeof fetch = (what, how) => {
      wanted.push(new URL(what instanceof Request ? what.url : what, location.href).pathname);
      return fetch(what, how);
    };
    Object.assign(globalThis, { fetch: remember, wanted });
  });
}

async function wanted(page: Page): Promise<string[]> {
  return page.evaluate(() => (globalThis as unknown as { wanted: string[] }).wanted);
}

for (const person of SIGNED_IN) {
  for (const path of pagesOf(person)) {
    test(`${path} of ${person} takes all that was asked for early, and nothing is asked for twice`, async ({ page }) => {
      await signIn(page, person);
      await wasSignedIn(page);
      await withoutTime(page);
      await rememberWanted(page);
      const asked = listen(page);

      const early = await open(page, addressOf(path));
      expect(early.answers).toContain("/session");
      await quiet(page);
      await expect(page.getByRole("navigation", { name: "Main" })).toBeVisible();

      expect(asked.api()).toEqual(expect.arrayContaining(early.answers));
      expect(twice(asked.api()), "asked the server twice").toEqual([]);

      expect(early.files.filter(isCode), "the page's code came early").not.toEqual([]);
      const late = asked.files().filter((file) => !isConsole(file) && !early.files.includes(file));
      expect(late, "came late").toEqual([]);
      expect(twice(asked.files()), "downloaded twice").toEqual([]);
      const files = await wanted(page);
      expect(early.files.filter((file) => !files.includes(file)), "came, and isn't the page's").toEqual([]);
    });
  }
}

test("each page of the table is opened here by somebody", () => {
  const opened = new Set(SIGNED_IN.flatMap(pagesOf));
  expect(PAGES.map(({ address }) => address).filter((address) => !opened.has(address))).toEqual(["/pass"]);
  expect(pagesOf("support")).toContain("/troubleshoot");
});

test("a list, its property and who is signed in are asked for while the console is still on its way", async ({ page }) => {
  await signIn(page, "manager");
  await wasSignedIn(page);
  const { answers } = await open(page, `/properties/${property}/residents`);
  expect(answers).toEqual(["/session", "/properties?limit=200", `/properties/${property}/residents?limit=${FIRST_ROWS}`]);
  await expect(page.getByRole("rowheader").first()).toBeVisible();
});

test.describe("with filters in the address", () => {
  const signedInAs = async (page: Page, person: Person) => {
    await signIn(page, person);
    await wasSignedIn(page);
    await withoutTime(page);
    return listen(page);
  };

  test("no resident is shown whom they leave out", async ({ page }) => {
    const asked = await signedInAs(page, "manager");
    const { name } = await first(`/properties/${property}/residents`);
    const word = name.split(" ")[0] ?? name;
    const query = new URLSearchParams({ q: word });
    const { answers } = await open(page, `/properties/${property}/residents?${query}`);
    expect(answers).toEqual(["/session"]);
    await quiet(page);
    const names = await page.getByRole("rowheader").allInnerTexts();
    expect(names).toContain(name);
    expect(names.filter((each) => !each.toLowerCase().includes(word.toLowerCase()))).toEqual([]);
    expect(asked.api().filter((path) => path.includes("/residents"))).toEqual([
      `/properties/${property}/residents?${query}&limit=${FIRST_ROWS}`,
    ]);
  });

  test("no event is shown that they leave out", async ({ page }) => {
    const asked = await signedInAs(page, "support");
    const { answers } = await open(page, "/audit?action=session.");
    expect(answers).toEqual(["/session"]);
    await quiet(page);
    const actions = await page.getByRole("table").getByRole("button").allInnerTexts();
    expect(actions.length).toBeGreaterThan(0);
    expect(actions.filter((action) => !action.startsWith("session."))).toEqual([]);
    const pages = asked.api().filter((path) => path.startsWith("/audit"));
    expect(pages[0]).toBe(`/audit?action=session.&limit=${FIRST_ROWS}`);
    expect(pages.filter((path) => !path.startsWith("/audit?action=session.&"))).toEqual([]);
    expect(twice(pages)).toEqual([]);
  });

  test("doors are asked for once, and those left out aren’t shown", async ({ page }) => {
    const asked = await signedInAs(page, "manager");
    await open(page, `/properties/${property}/doors?kind=amenity`);
    await quiet(page);
    const kinds = await page.locator("tbody td[data-label=Kind]").allInnerTexts();
    expect(new Set(kinds)).toEqual(new Set(["Amenity"]));
    expect(twice(asked.api())).toEqual([]);
  });
});

test.describe("who isn’t signed in", () => {
  for (const path of ["/", "/sign-in", "/my-access", "/properties/{property}/residents", "/audit"]) {
    test(`has nothing asked early at ${path}, and is asked to sign in`, async ({ page }) => {
      const asked = listen(page);
      const { answers } = await open(page, addressOf(path));
      expect(answers).toEqual([]);
      await expect(page.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
      await quiet(page);
      // Of who comes to sign in it needn't be asked who they are.
      expect(asked.api(), "what the console itself asks").toEqual(path === "/sign-in" ? [] : ["/session"]);
    });
  }

  test("any more is asked to sign in, and then sees no answer from before", async ({ page }) => {
    await wasSignedIn(page);
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
    test(`the page stands where it will stay, at ${width} pixels`, async ({ page }) => {
      await page.setViewportSize({ width, height: 800 });
      await signIn(page, "manager");
      await wasSignedIn(page);
      const come = await hold(page, "**/api/v1/session");
      const where = () => page.locator("#main").evaluate((main) => [main.offsetLeft, main.offsetTop]);
      await page.goto(`/properties/${property}/residents`);
      await expect(page.locator("#main")).toBeVisible();
      const before = await where();
      await expect(page.getByRole("banner")).toHaveText("Latchkey");
      await expect(page.getByRole("navigation", { name: "Main" })).toHaveCount(0);
      come();
      await expect(page.getByRole("navigation", { name: "Main" })).toBeVisible();
      expect(await where()).toEqual(before);
    });
  }
});

test("nothing moves under the reader where the property’s name comes last", async ({ page }) => {
  await page.setViewportSize({ width: 412, height: 823 });
  await signIn(page, "manager");
  await wasSignedIn(page);
  await page.addInitScript(() => {
    const moved: number[] = [];
    Object.assign(globalThis, { moved });
    new PerformanceObserver((list) => {
      moved.push(...list.getEntries().map((entry) => (entry as unknown as { value: number }).value));
    }).observe({ type: "layout-shift", buffered: true });
  });
  const come = await hold(page, /\/properties\?limit=200$/);
  const rows = page.waitForResponse(/\/residents\?limit=/);
  await page.goto(`/properties/${property}/residents`);
  await rows;
  await expect(page.getByRole("navigation", { name: "Main" })).toBeVisible();
  await expect(page.getByRole("heading", { level: 1 })).toHaveCount(0);
  come();
  await expect(page.getByRole("rowheader").first()).toBeVisible();
  await page.waitForLoadState("networkidle");
  expect(await page.evaluate(() => (globalThis as unknown as { moved: number[] }).moved)).toEqual([]);
});

test.describe("until the console is there", () => {
  const failure = (page: Page) => page.getByText("Latchkey couldn’t be loaded.");

  test("it is said to be on its way, and not to have failed", async ({ page }) => {
    const come = await hold(page, "**/*.wasm");
    await page.goto("/sign-in", { waitUntil: "domcontentloaded" });
    await expect(page.getByRole("status", { name: "Loading" })).toBeVisible();
    await expect(failure(page)).toBeHidden();
    come();
    await expect(page.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
    await expect(failure(page)).toHaveCount(0);
  });

  test("it is said what to do where it can’t come", async ({ page }) => {
    await page.route("**/texts/*.json", (route) => route.abort());
    await page.goto("/sign-in");
    await expect(failure(page)).toBeVisible();
    await expect(page.getByText("No se pudo cargar Latchkey.")).toBeVisible();
    await expect(page.getByRole("status", { name: "Loading" })).toBeHidden();
  });

  test("who comes to sign in on a new device isn’t asked for anything, and gets in", async ({ page }) => {
    const asked = listen(page);
    await page.goto("/sign-in");
    await expect(page.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
    await quiet(page);
    expect(asked.api()).toEqual([]);
    await signInByForm(page);
  });
});

async function signInByForm(page: Page): Promise<void> {
  await page.getByLabel("Email").fill(PEOPLE.resident);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  // Whoever leaves while the page's code is on its way has the browser complain.
  await expect(page.locator("main .access-bar")).toBeVisible();
}

test("that somebody is signed in is kept on the device until they leave, and nothing about them", async ({ page }) => {
  const kept = () => page.evaluate(() => ({ ...localStorage }));
  await page.goto("/sign-in");
  await expect(page.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
  expect(await kept()).toEqual({});
  await signInByForm(page);
  expect(await kept()).toEqual({ "latchkey.signed-in": "1" });
  const { answers } = await open(page, "/help");
  expect(answers).toEqual(["/session"]);

  await page.getByRole("button", { name: /Account/ }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
  expect(await kept()).toEqual({});
});

test("a guest’s pass asks for nothing of whoever else is signed in on the device", async ({ page, calls }) => {
  const { url } = await (await (await calls("resident")).post(`/api/v1/guest-codes/${guestCode}/share`)).json();
  await signIn(page, "manager");
  await wasSignedIn(page);
  const { answers, files } = await open(page, url);
  expect(answers).toEqual([]);
  expect(files.filter(isCode)).not.toEqual([]);
  await expect(page.getByRole("heading", { level: 1, name: /^Your code for/ })).toBeVisible();
});

test("a server that doesn’t answer what was asked early is said to be out of reach, as soon as for any other question", async ({ page }) => {
  await signIn(page, "manager");
  await wasSignedIn(page);
  // The limit of 20 seconds in half a second.
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
