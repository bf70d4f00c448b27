import type { Page } from "@playwright/test";
import { FIRST_ROWS, hold, listen, twice, untaken } from "./asked";
import { expect, firstProperty, signIn, test } from "./journey";
import { settled } from "./screens";

// Where links lead: what a page shows first is asked for when its link is pressed, by the table of pages. So are
// the rows of another order when a column's head is, those of other choices when one opens a filter, and an event while the
// code that shows it is on its way.

/** What is asked for a resident's page. */
const RESIDENT = /\/(residents\/[0-9a-f-]{36}|audit\?resident=.*|guest-codes\?.*resident=.*)$/;

/** Where one is when its page is shown: the browser goes there when the answers have come, and not when the link is pressed. */
const RESIDENT_PAGE = /\/residents\/[0-9a-f-]{36}$/;

let property: string;

test.beforeEach(async ({ page, calls }) => {
  property = await firstProperty(await calls("manager"));
  await signIn(page, "manager");
});

/** The residents, and nothing is under way any more. */
async function residents(page: Page): Promise<void> {
  await page.goto(`/properties/${property}/residents`);
  await settled(page);
  await page.waitForLoadState("networkidle");
}

/** One waits for as long as it takes, and not just until one would begin to notice. */
async function patiently(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const { setTimeout } = globalThis;
    const wait = (run: TimerHandler, after = 0, ...rest: unknown[]) => (after === 100 ? 0 : setTimeout(run, after, ...rest));
    Object.assign(globalThis, { setTimeout: wait });
  });
}

const link = (page: Page) => page.getByRole("rowheader").getByRole("link").first();

test("a link leads to a page that is whole, for which nothing is asked twice", async ({ page }) => {
  await patiently(page);
  await residents(page);
  // Its code isn't waited for: from here on it is there.
  await link(page).click();
  await expect(page).toHaveURL(RESIDENT_PAGE);
  await page.goBack();
  await settled(page);
  await page.waitForLoadState("networkidle");
  await page.evaluate(() => {
    const skeletons: string[] = [];
    Object.assign(globalThis, { skeletons });
    // Just before each frame is painted.
    const look = () => {
      skeletons.push(...[...document.querySelectorAll("main .skeleton")].map((found) => found.outerHTML));
      requestAnimationFrame(look);
    };
    look();
  });
  const asked = listen(page);
  const name = await link(page).innerText();
  await link(page).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  await expect(page).toHaveURL(RESIDENT_PAGE);
  await expect.poll(() => untaken(page), "asked ahead, and not what the page asks").toEqual([]);
  await page.waitForLoadState("networkidle");
  expect(await page.evaluate(() => (globalThis as unknown as { skeletons: string[] }).skeletons)).toEqual([]);
  expect(asked.api().filter((path) => RESIDENT.test(path))).toHaveLength(3);
  expect(twice(asked.api())).toEqual([]);
  await expect(page.locator("main")).toBeFocused();
  expect(await page.evaluate(() => scrollY)).toBe(0);
  await page.goBack();
  await expect(page.getByRole("heading", { level: 1, name: "Residents" })).toBeVisible();
});

test("a page begins at its top, also under the bar of a phone", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 720 });
  await patiently(page);
  await residents(page);
  await link(page).hover();
  await page.waitForLoadState("networkidle");
  await link(page).click();
  await expect(page).toHaveURL(RESIDENT_PAGE);
  await expect(page.getByRole("heading", { name: "What happened" })).toBeAttached();
  await expect(page.locator("main")).toBeFocused();
  expect(await page.evaluate(() => scrollY)).toBe(0);
});

test("a link doesn’t wait for answers that take long", async ({ page }) => {
  await residents(page);
  const come = await hold(page, RESIDENT);
  await link(page).click();
  await expect(page).toHaveURL(RESIDENT_PAGE);
  await expect(page.locator("main .skeleton").first()).toBeAttached();
  come();
  await settled(page);
  await expect(page.getByRole("heading", { name: "What happened" })).toBeVisible();
});

test("one goes where one has pressed last", async ({ page }) => {
  await patiently(page);
  await residents(page);
  const come = await hold(page, RESIDENT);
  const asked = page.waitForRequest(RESIDENT);
  await link(page).click();
  await asked;
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Doors" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Doors" })).toBeVisible();
  const answered = page.waitForResponse(RESIDENT);
  come();
  await answered;
  await page.waitForLoadState("networkidle");
  await expect(page).toHaveURL(`/properties/${property}/doors`);
});

test("a link opens in another tab as the browser does it", async ({ page, context }) => {
  await residents(page);
  const opened = context.waitForEvent("page");
  await link(page).click({ modifiers: ["ControlOrMeta"] });
  const tab = await opened;
  await expect(tab.getByRole("heading", { name: "What happened" })).toBeVisible();
  await expect(page).toHaveURL(`/properties/${property}/residents`);
});

test("a link leads on without a network, where it says so", async ({ page, context }) => {
  await residents(page);
  await link(page).hover();
  await page.waitForLoadState("networkidle");
  await context.setOffline(true);
  await link(page).click();
  await expect(page).toHaveURL(RESIDENT_PAGE);
  await expect(page.locator("main").getByRole("alert")).toBeVisible();
  await context.setOffline(false);
  await page.locator("main").getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("heading", { name: "What happened" })).toBeVisible();
});

test("rows of another order are asked for when a head is pressed, and come when it is let go", async ({ page }) => {
  await residents(page);
  // Two orders may begin with the same person.
  const second = page.getByRole("table", { name: "Residents" }).getByRole("rowheader").nth(1);
  const byName = await second.innerText();
  const asked = listen(page);
  const unit = page.getByRole("columnheader", { name: "Unit" });
  await unit.getByRole("button").hover();
  const answered = page.waitForResponse(/\/residents\?sort=unit&/);
  await page.mouse.down();
  await answered;
  await expect(unit).toHaveAttribute("aria-sort", "none");
  await expect(second).toHaveText(byName);

  await page.mouse.up();
  await expect(unit).toHaveAttribute("aria-sort", "ascending");
  await expect(second).not.toHaveText(byName);
  await expect(page).toHaveURL(/\?sort=unit$/);
  expect(asked.api().filter((path) => path.endsWith(`?sort=unit&limit=${FIRST_ROWS}`))).toHaveLength(1);
  expect(await untaken(page)).toEqual([]);
});

test("rows of other choices are asked for when a filter is opened, and come when one is chosen", async ({ page }) => {
  await residents(page);
  const origin = page.getByRole("combobox", { name: "Origin" });
  const of = (choice: string) => `/properties/${property}/residents?origin=${choice}&limit=${FIRST_ROWS}`;
  const asked = listen(page);
  const times = (choice: string) => asked.api().filter((path) => path === of(choice)).length;
  const answered = [page.waitForResponse(/origin=custom/), page.waitForResponse(/origin=random/)];
  await origin.click();
  await Promise.all(answered);
  expect([times("custom"), times("random")]).toEqual([1, 1]);

  await page.keyboard.press("c");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\?origin=custom$/);
  const rows = page.getByRole("table", { name: "Residents" }).getByRole("row");
  await expect(rows.filter({ hasText: "Random" })).toHaveCount(0);
  await expect(rows.filter({ hasText: "Custom" }).first()).toBeVisible();
  expect(await untaken(page)).not.toContain(of("custom"));

  // What is chosen now isn't asked for again.
  const all = page.waitForResponse(new RegExp(`/residents\\?limit=${FIRST_ROWS}$`));
  await origin.click();
  await all;
  expect(times("custom")).toBe(1);
});

test.describe("on a first visit", () => {
  // Which nothing that is kept answers.
  test.use({ serviceWorkers: "block" });

  test("an event is asked for while what shows it is on its way, and once", async ({ page, calls }) => {
    const { items } = await (await (await calls("manager")).get("/api/v1/audit?limit=1")).json();
    const [{ id, action }] = items;
    const asked = listen(page);
    const come = await hold(page, /\/split_event\.wasm$/);
    const answered = page.waitForResponse(`**/api/v1/audit/${id}`);
    await page.goto(`/audit?event=${id}&paused=1`);
    await answered;
    const dialog = page.getByRole("dialog", { name: "Event" });
    await expect(dialog.locator(".skeleton").first()).toBeVisible();
    come();
    await expect(dialog.getByText(action)).toBeVisible();
    expect(asked.api().filter((path) => path === `/audit/${id}`)).toHaveLength(1);
    expect(await untaken(page)).toEqual([]);
  });
});
