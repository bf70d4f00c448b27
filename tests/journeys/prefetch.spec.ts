import type { Page } from "@playwright/test";
import { FIRST_ROWS, followNothing, holdBack, recordRequests, duplicates, unclaimedAnswers } from "./requests";
import { expect, firstProperty, signIn, test } from "./journey";
import { waitUntilLoaded } from "./screens";

// Requests that are made before they are needed. When a link is pressed, the console requests what its page shows first, as
// the table of pages says; when a column's header is pressed, the rows in the new order; when a filter is opened, the rows for
// its other options; and an event, while the code that shows it is still downloading.

/** The requests of a resident's page. */
const RESIDENT = /\/(residents\/[0-9a-f-]{36}|audit\?resident=.*|guest-codes\?.*resident=.*)$/;

/** The address of the page, which changes when the answers have arrived, not when the link is pressed. */
const RESIDENT_PAGE = /\/residents\/[0-9a-f-]{36}$/;

let property: string;

test.beforeEach(async ({ page, context, calls }) => {
  await followNothing(context);
  property = await firstProperty(await calls("manager"));
  await signIn(page, "manager");
});

/** Opens the list of residents and waits until nothing is pending. */
async function openResidents(page: Page): Promise<void> {
  await page.goto(`/properties/${property}/residents`);
  await waitUntilLoaded(page);
  await page.waitForLoadState("networkidle");
}

/** Makes links wait for their answers however long it takes, instead of 100 ms. */
async function withoutDeadlineForLinks(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const { setTimeout } = globalThis;
    const wait = (run: TimerHandler, after = 0, ...rest: unknown[]) => (after === 100 ? 0 : setTimeout(run, after, ...rest));
    Object.assign(globalThis, { setTimeout: wait });
  });
}

const link = (page: Page) => page.getByRole("rowheader").getByRole("link").first();

test("a link leads to a complete page, for which nothing is requested twice", async ({ page }) => {
  await withoutDeadlineForLinks(page);
  await openResidents(page);
  // The first visit downloads the page's code, which a link doesn't wait for.
  await link(page).click();
  await expect(page).toHaveURL(RESIDENT_PAGE);
  await page.goBack();
  await waitUntilLoaded(page);
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
  const requests = recordRequests(page);
  const name = await link(page).innerText();
  await link(page).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  await expect(page).toHaveURL(RESIDENT_PAGE);
  await expect.poll(() => unclaimedAnswers(page), "requested early, but not used by the page").toEqual([]);
  await page.waitForLoadState("networkidle");
  expect(await page.evaluate(() => (globalThis as unknown as { skeletons: string[] }).skeletons)).toEqual([]);
  expect(requests.api().filter((path) => RESIDENT.test(path))).toHaveLength(3);
  expect(duplicates(requests.api())).toEqual([]);
  await expect(page.locator("main")).toBeFocused();
  expect(await page.evaluate(() => scrollY)).toBe(0);
  await page.goBack();
  await expect(page.getByRole("heading", { level: 1, name: "Residents" })).toBeVisible();
});

test("a page starts at its top, also below the top bar on a phone", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 720 });
  await withoutDeadlineForLinks(page);
  await openResidents(page);
  await link(page).hover();
  await page.waitForLoadState("networkidle");
  await link(page).click();
  await expect(page).toHaveURL(RESIDENT_PAGE);
  await expect(page.getByRole("heading", { name: "What happened" })).toBeAttached();
  await expect(page.locator("main")).toBeFocused();
  expect(await page.evaluate(() => scrollY)).toBe(0);
});

test("a link doesn’t wait for slow answers", async ({ page }) => {
  await openResidents(page);
  const release = await holdBack(page, RESIDENT);
  await link(page).click();
  await expect(page).toHaveURL(RESIDENT_PAGE);
  await expect(page.locator("main .skeleton").first()).toBeAttached();
  release();
  await waitUntilLoaded(page);
  await expect(page.getByRole("heading", { name: "What happened" })).toBeVisible();
});

test("the link that was pressed last wins", async ({ page }) => {
  await withoutDeadlineForLinks(page);
  await openResidents(page);
  const release = await holdBack(page, RESIDENT);
  const requests = page.waitForRequest(RESIDENT);
  await link(page).click();
  await requests;
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Doors" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Doors" })).toBeVisible();
  const answered = page.waitForResponse(RESIDENT);
  release();
  await answered;
  await page.waitForLoadState("networkidle");
  await expect(page).toHaveURL(`/properties/${property}/doors`);
});

test("the browser can still open a link in another tab", async ({ page, context }) => {
  await openResidents(page);
  const opened = context.waitForEvent("page");
  await link(page).click({ modifiers: ["ControlOrMeta"] });
  const tab = await opened;
  await expect(tab.getByRole("heading", { name: "What happened" })).toBeVisible();
  await expect(page).toHaveURL(`/properties/${property}/residents`);
});

test("without a network a link still leads to its page, which reports the problem", async ({ page, context }) => {
  await openResidents(page);
  await link(page).hover();
  await page.waitForLoadState("networkidle");
  await context.setOffline(true);
  await link(page).click();
  await expect(page).toHaveURL(RESIDENT_PAGE);
  await expect(page.locator("main").getByRole("alert")).toBeVisible();
  await context.setOffline(false);
  await expect(page.getByRole("heading", { name: "What happened" })).toBeVisible();
});

test("rows in a new order are requested when a header is pressed and shown when it is released", async ({ page }) => {
  await openResidents(page);
  // Two orders may start with the same person.
  const second = page.getByRole("table", { name: "Residents" }).getByRole("rowheader").nth(1);
  const byName = await second.innerText();
  const requests = recordRequests(page);
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
  expect(requests.api().filter((path) => path.endsWith(`?sort=unit&limit=${FIRST_ROWS}`))).toHaveLength(1);
  expect(await unclaimedAnswers(page)).toEqual([]);
});

test("rows for the options of a filter are requested when it is opened and shown when one is chosen", async ({ page }) => {
  await openResidents(page);
  const origin = page.getByRole("combobox", { name: "Origin" });
  const of = (choice: string) => `/properties/${property}/residents?origin=${choice}&limit=${FIRST_ROWS}`;
  const requests = recordRequests(page);
  const times = (choice: string) => requests.api().filter((path) => path === of(choice)).length;
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
  expect(await unclaimedAnswers(page)).not.toContain(of("custom"));

  // The option that is already chosen isn't requested again.
  const all = page.waitForResponse(new RegExp(`/residents\\?limit=${FIRST_ROWS}$`));
  await origin.click();
  await all;
  expect(times("custom")).toBe(1);
});

test.describe("on a first visit", () => {
  // Nothing is answered from a cache.
  test.use({ serviceWorkers: "block" });

  test("an event is requested once, while the code that shows it is downloading", async ({ page, calls }) => {
    const { items } = await (await (await calls("manager")).get("/api/v1/audit?limit=1")).json();
    const [{ id, action }] = items;
    const requests = recordRequests(page);
    const release = await holdBack(page, /\/split_event\.wasm$/);
    const answered = page.waitForResponse(`**/api/v1/audit/${id}`);
    await page.goto(`/audit?event=${id}&paused=1`);
    await answered;
    const dialog = page.getByRole("dialog", { name: "Event" });
    await expect(dialog.locator(".skeleton").first()).toBeVisible();
    release();
    await expect(dialog.getByText(action)).toBeVisible();
    expect(requests.api().filter((path) => path === `/audit/${id}`)).toHaveLength(1);
    expect(await unclaimedAnswers(page)).toEqual([]);
  });
});
