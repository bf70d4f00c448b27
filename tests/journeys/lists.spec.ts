import { randomUUID } from "node:crypto";
import type { Page } from "@playwright/test";
import { FIRST_ROWS, hold } from "./asked";
import { axe, expect, firstProperty, signIn, test } from "./journey";

// Lists: long ones, and the states that each can be in.

test.describe("a long list", () => {
  /** More blocks than the console keeps the rows of. */
  const BLOCKS = 28;
  /** Those that one sees, those near, and one that is just coming or going. */
  const ROWS_MOST = 150;

  interface Watched {
    /** How the page became less high. */
    shrank: string[];
    /** The widths that the columns had. */
    widths: string[];
    rowsMost: number;
    /** How often scrolling has come to rest. */
    ended: number;
  }

  async function watched(page: Page): Promise<Watched> {
    return page.evaluate(() => (globalThis as unknown as { watched: Watched }).watched);
  }

  /** Watches the page from now on, whatever it does between two looks. */
  async function watch(page: Page): Promise<void> {
    await page.evaluate(() => {
      const watched: Watched = { shrank: [], widths: [], rowsMost: 0, ended: 0 };
      let height = 0;
      new ResizeObserver(() => {
        const now = document.documentElement.scrollHeight;
        // Heights of rows aren't whole pixels.
        if (now < height - 1) {
          watched.shrank.push(`from ${height} to ${now}`);
        }
        height = now;
        const widths = [...document.querySelectorAll("thead th")].map((head) => head.clientWidth);
        if (watched.widths.at(-1) !== widths.join(" ")) {
          watched.widths.push(widths.join(" "));
        }
        watched.rowsMost = Math.max(watched.rowsMost, document.querySelectorAll("tbody tr").length);
      }).observe(document.body);
      addEventListener("scrollend", () => {
        watched.ended += 1;
      });
      Object.assign(globalThis, { watched });
    });
  }

  /** What is in view where rows should be, and isn't one. */
  async function blanks(page: Page): Promise<string[]> {
    return page.evaluate(() =>
      [...document.querySelectorAll("tbody > tr")]
        .filter((row) => {
          const { top, bottom } = row.getBoundingClientRect();
          return bottom > 0 && top < innerHeight && row.textContent === "";
        })
        .map((row) => row.outerHTML),
    );
  }

  /** Turns the wheel, and waits until the page has come to rest. */
  async function wheel(page: Page, by: number): Promise<void> {
    const { ended } = await watched(page);
    await page.mouse.wheel(0, by);
    await expect.poll(async () => (await watched(page)).ended).toBeGreaterThan(ended);
    await expect.poll(() => blanks(page), "rows that aren't there").toEqual([]);
  }

  test("keeps few rows in the page, each where it was, and has the newest again at its top", async ({ page }) => {
    test.slow();
    await signIn(page, "support");
    await page.goto("/audit?paused=1");
    const table = page.getByRole("table", { name: "Events, newest first" });
    await expect(table.getByRole("rowheader")).not.toHaveCount(0);
    const newest = await table.getByRole("row").nth(1).innerText();
    const blocks = table.locator("tbody");
    await watch(page);

    await table.hover();
    while ((await blocks.count()) < BLOCKS) {
      await wheel(page, 1_500);
    }
    await expect(table.getByText(newest), "left the page").toHaveCount(0);

    while ((await page.evaluate(() => scrollY)) > 0) {
      await wheel(page, -3_000);
    }
    await expect(table.getByRole("row").nth(1)).toBeInViewport();
    expect(await table.getByRole("row").nth(1).innerText()).toBe(newest);
    const { shrank, widths, rowsMost } = await watched(page);
    expect(shrank, "the height of the page").toEqual([]);
    expect(widths, "the columns, back and forth").toEqual([...new Set(widths)]);
    expect(rowsMost, "rows at once").toBeLessThanOrEqual(ROWS_MOST);
  });

  test("keeps its rows where reading it again brings nothing new", async ({ page }) => {
    await signIn(page, "support");
    await page.clock.install();
    await page.goto("/audit?action=code.");
    const rows = page.getByRole("table", { name: "Events, newest first" }).getByRole("rowheader");
    await expect.poll(() => rows.count(), "the second page came by itself").toBeGreaterThan(FIRST_ROWS);
    const count = await rows.count();
    await rows.last().evaluate((row) => Object.assign(globalThis, { kept: row }));
    for (let time = 0; time < 3; time += 1) {
      const again = page.waitForResponse((response) => response.url().includes("/api/v1/audit?"));
      await page.clock.runFor(6_000);
      await again;
    }
    const isThere = await page.evaluate(() => (globalThis as unknown as { kept: Element }).kept.isConnected);
    expect(isThere, "the same row").toBe(true);
    await expect(rows).toHaveCount(count);
  });
});

interface List {
  name: string;
  /** Behind the property. */
  path: string;
  /** Where its rows come from. */
  api: string;
  caption: string;
  none: string;
  hint: string;
}

const LISTS: List[] = [
  {
    name: "guest codes",
    path: "/guest-codes",
    api: "**/api/v1/guest-codes?*",
    caption: "Guest codes, newest first",
    none: "No guest codes yet",
    hint: "can be revoked at any time",
  },
  {
    name: "doors",
    path: "/doors",
    api: "**/api/v1/properties/*/doors?*",
    caption: "Doors and their locks",
    none: "No doors yet",
    hint: "when a hub is installed",
  },
];

// That filters leave nothing is in the journeys about these lists.
for (const { name, path, api, caption, none, hint } of LISTS) {
  test.describe(`the list of ${name}`, () => {
    let address: string;

    test.beforeEach(async ({ page, calls }) => {
      address = `/properties/${await firstProperty(await calls("manager"))}${path}`;
      await signIn(page, "manager");
    });

    const rows = (page: Page) => page.getByRole("table", { name: caption }).getByRole("rowheader");

    test("has its shape while it is on its way", async ({ page }) => {
      const come = await hold(page, api);
      await page.goto(address);
      const main = page.getByRole("main");
      await expect(main.getByRole("status").filter({ hasText: "Loading" })).toBeAttached();
      await expect(main.locator(".skeleton-table .skeleton").first()).toBeVisible();
      await expect(main.getByRole("heading", { level: 1 }), "and the page is there already").toBeVisible();
      await expect(main.getByRole("search")).toBeVisible();
      await expect(rows(page)).toHaveCount(0);
      await axe(page);
      come();
      await expect(rows(page).first()).toBeVisible();
      await expect(main.locator(".skeleton")).toHaveCount(0);
      await expect(main.getByRole("status").filter({ hasText: "Loading" })).toHaveCount(0);
    });

    test("says so where there is nothing yet, and how something comes there", async ({ page }) => {
      await page.route(api, (route) => route.fulfill({ json: { items: [], next_cursor: null } }));
      await page.goto(address);
      const main = page.getByRole("main");
      await expect(main.getByRole("heading", { level: 2, name: none })).toBeVisible();
      await expect(main).toContainText(hint);
      await expect(main.getByRole("button", { name: "Clear filters" })).toHaveCount(0);
      await expect(page.getByRole("table")).toHaveCount(0);
      await axe(page);
    });

    test("says why it can’t be read, what to quote, and is read when one tries again", async ({ page }) => {
      await page.route(api, (route) => route.abort());
      await page.goto(address);
      const problem = page.getByRole("main").getByRole("alert");
      await expect(problem.getByRole("heading", { name: "No connection" })).toBeVisible();
      await expect(problem).toContainText("Check your connection, then try again.");
      await axe(page);

      const request_id = randomUUID();
      await page.unroute(api);
      await page.route(api, (route) =>
        route.fulfill({
          status: 500,
          contentType: "application/problem+json",
          json: {
            type: "/problems/internal",
            title: "Internal error",
            status: 500,
            detail: "Something went wrong.",
            code: "internal",
            request_id,
          },
        }));
      await problem.getByRole("button", { name: "Try again" }).click();
      await expect(problem.getByRole("heading", { name: "That didn't work" })).toBeVisible();
      await expect(problem).toContainText(request_id);
      await axe(page);

      await page.unroute(api);
      await problem.getByRole("button", { name: "Try again" }).click();
      await expect(rows(page).first()).toBeVisible();
      await expect(problem).toHaveCount(0);
    });
  });
}

test("a list that can’t be read again stays, and says that it may be old", async ({ page, calls }) => {
  const property = await firstProperty(await calls("manager"));
  await signIn(page, "manager");
  await page.clock.install();
  await page.goto(`/properties/${property}/doors`);
  const rows = page.getByRole("table", { name: "Doors and their locks" }).getByRole("rowheader");
  await expect(rows.first()).toBeVisible();
  const before = await rows.allInnerTexts();
  await page.route("**/api/v1/properties/*/doors?*", (route) => route.abort());
  await page.clock.runFor(16_000);
  const notice = page.getByRole("status").filter({ hasText: "What you see may be old." });
  await expect(notice).toContainText("The server can't be reached.");
  expect(await rows.allInnerTexts()).toEqual(before);
  await axe(page);

  await page.unrouteAll();
  await notice.getByRole("button", { name: "Try again" }).click();
  await expect(notice).toHaveCount(0);
  expect(await rows.allInnerTexts()).toEqual(before);
});
