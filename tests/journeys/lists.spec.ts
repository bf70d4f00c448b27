import { randomUUID } from "node:crypto";
import type { Page } from "@playwright/test";
import { FIRST_ROWS, holdBack } from "./requests";
import { axe, expect, firstProperty, reachLock, signIn, test } from "./journey";

// Long lists, and the states that any list can be in.

test.describe("a long list", () => {
  /** More blocks than the console keeps rows for. */
  const BLOCKS = 28;
  /** The rows in view, those nearby, and a block that is just being added or removed. */
  const MAX_ROWS = 150;

  interface Watched {
    /** Each time that the page became shorter. */
    shrank: string[];
    /** Each set of widths that the columns had. */
    widths: string[];
    maxRows: number;
    /** How often scrolling has ended. */
    scrollEnds: number;
  }

  async function watched(page: Page): Promise<Watched> {
    return page.evaluate(() => (globalThis as unknown as { watched: Watched }).watched);
  }

  /** Observes the page from now on, also between two assertions. */
  async function watch(page: Page): Promise<void> {
    await page.evaluate(() => {
      const watched: Watched = { shrank: [], widths: [], maxRows: 0, scrollEnds: 0 };
      let height = 0;
      new ResizeObserver(() => {
        const now = document.documentElement.scrollHeight;
        // Heights of rows aren't whole pixels, and those of several blocks add up.
        if (now < height - 2) {
          watched.shrank.push(`from ${height} to ${now}`);
        }
        height = now;
        const widths = [...document.querySelectorAll("thead th")].map((head) => head.clientWidth);
        if (watched.widths.at(-1) !== widths.join(" ")) {
          watched.widths.push(widths.join(" "));
        }
        watched.maxRows = Math.max(watched.maxRows, document.querySelectorAll("tbody tr").length);
      }).observe(document.body);
      addEventListener("scrollend", () => {
        watched.scrollEnds += 1;
      });
      Object.assign(globalThis, { watched });
    });
  }

  /** Gaps that are in view where rows should be. */
  async function gapsInView(page: Page): Promise<string[]> {
    return page.evaluate(() =>
      [...document.querySelectorAll("tbody > tr")]
        .filter((row) => {
          const { top, bottom } = row.getBoundingClientRect();
          return bottom > 0 && top < innerHeight && row.textContent === "";
        })
        .map((row) => row.outerHTML),
    );
  }

  /** Turns the wheel and waits until scrolling has ended. */
  async function wheel(page: Page, by: number): Promise<void> {
    const { scrollEnds } = await watched(page);
    await page.mouse.wheel(0, by);
    await expect.poll(async () => (await watched(page)).scrollEnds).toBeGreaterThan(scrollEnds);
    await expect.poll(() => gapsInView(page), "missing rows").toEqual([]);
  }

  test("keeps few rows in the page, moves none, and has the newest at its top again", async ({ page }) => {
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
    await expect(table.getByText(newest), "removed from the page").toHaveCount(0);

    while ((await page.evaluate(() => scrollY)) > 0) {
      await wheel(page, -3_000);
    }
    await expect(table.getByRole("row").nth(1)).toBeInViewport();
    expect(await table.getByRole("row").nth(1).innerText()).toBe(newest);
    const { shrank, widths, maxRows } = await watched(page);
    expect(shrank, "the height of the page").toEqual([]);
    expect(widths, "each set of widths occurs once").toEqual([...new Set(widths)]);
    expect(maxRows, "rows at once").toBeLessThanOrEqual(MAX_ROWS);
  });

  test("is shown again at the row that it was left at", async ({ page, calls }) => {
    await signIn(page, "manager");
    await page.goto(`/properties/${await firstProperty(await calls("manager"))}/residents`);
    const table = page.getByRole("table");
    await expect(table.getByRole("rowheader")).not.toHaveCount(0);
    await watch(page);
    await table.hover();
    while ((await page.evaluate(() => scrollY)) < 5_000) {
      await wheel(page, 1_500);
    }
    const address = await table.getByRole("rowheader").getByRole("link").evaluateAll((links) => {
      const inView = links.filter((link) => link.getBoundingClientRect().top > innerHeight / 2);
      return inView[0]?.getAttribute("href") ?? "";
    });
    const link = table.locator(`a[href="${address}"]`);
    const left = await link.boundingBox();
    await link.click();
    await expect(page).toHaveURL(new RegExp(`${address}$`));
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();

    await page.goBack();
    await expect(link).toBeFocused();
    await expect.poll(async () => (await link.boundingBox())?.y, "as high as before").toBeCloseTo(left?.y ?? 0, -1);
  });

  test("that was left without a link is shown where it was, once, and then leaves the reader alone", async ({ page }) => {
    await signIn(page, "support");
    await page.goto("/audit?paused=1");
    const table = page.getByRole("table");
    await expect(table.getByRole("rowheader")).not.toHaveCount(0);
    await watch(page);
    await table.hover();
    while ((await page.evaluate(() => scrollY)) < 2_000) {
      await wheel(page, 1_500);
    }
    const left = await page.evaluate(() => scrollY);
    await page.keyboard.press("g");
    await page.keyboard.press("t");
    await expect(page).toHaveURL("/troubleshoot");
    await page.goBack();
    await expect.poll(() => page.evaluate(() => scrollY)).toBe(left);

    // As somebody scrolls with a screen reader or the scroll bar, which the page hears nothing of.
    const places = await page.evaluate(async () => {
      const frame = () => new Promise(requestAnimationFrame);
      scrollTo(0, 300);
      await frame();
      document.querySelector("main")?.append(document.createElement("p"));
      await frame();
      await frame();
      return scrollY;
    });
    expect(places).toBe(300);
  });

  test("keeps its rows when a refresh brings nothing new", async ({ page, calls }) => {
    await signIn(page, "support");
    await page.goto("/audit?action=code.");
    const rows = page.getByRole("table", { name: "Events, newest first" }).getByRole("rowheader");
    await expect.poll(() => rows.count(), "the second page came by itself").toBeGreaterThan(FIRST_ROWS);
    const count = await rows.count();
    await rows.last().evaluate((row) => Object.assign(globalThis, { kept: row }));
    for (let time = 0; time < 3; time += 1) {
      const again = page.waitForResponse((response) => response.url().includes("/api/v1/audit?"));
      // Is recorded, and isn’t among these events.
      await calls("resident");
      await again;
    }
    const isThere = await page.evaluate(() => (globalThis as unknown as { kept: Element }).kept.isConnected);
    expect(isThere, "the same row").toBe(true);
    await expect(rows).toHaveCount(count);
  });
});

interface List {
  name: string;
  /** After the property's address. */
  path: string;
  /** The requests for its rows. */
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

// What filters without matches show is in the journeys about these lists.
for (const { name, path, api, caption, none, hint } of LISTS) {
  test.describe(`the list of ${name}`, () => {
    let address: string;

    test.beforeEach(async ({ page, calls }) => {
      address = `/properties/${await firstProperty(await calls("manager"))}${path}`;
      await signIn(page, "manager");
    });

    const rows = (page: Page) => page.getByRole("table", { name: caption }).getByRole("rowheader");

    test("shows a skeleton while it is loading", async ({ page }) => {
      const release = await holdBack(page, api);
      await page.goto(address);
      const main = page.getByRole("main");
      await expect(main.getByRole("status").filter({ hasText: "Loading" })).toBeAttached();
      await expect(main.locator(".skeleton-table .skeleton").first()).toBeVisible();
      await expect(main.getByRole("heading", { level: 1 }), "the rest of the page is there already").toBeVisible();
      await expect(main.getByRole("search")).toBeVisible();
      await expect(rows(page)).toHaveCount(0);
      await axe(page);
      release();
      await expect(rows(page).first()).toBeVisible();
      await expect(main.locator(".skeleton")).toHaveCount(0);
      await expect(main.getByRole("status").filter({ hasText: "Loading" })).toHaveCount(0);
    });

    test("says when there is nothing yet, and how to get something there", async ({ page }) => {
      await page.route(api, (route) => route.fulfill({ json: { items: [], next_cursor: null } }));
      await page.goto(address);
      const main = page.getByRole("main");
      await expect(main.getByRole("heading", { level: 2, name: none })).toBeVisible();
      await expect(main).toContainText(hint);
      await expect(main.getByRole("button", { name: "Clear filters" })).toHaveCount(0);
      await expect(page.getByRole("table")).toHaveCount(0);
      await axe(page);
    });

    test("says why it can’t be loaded and what to quote, and loads when the person tries again", async ({ page }) => {
      // What happens meanwhile would load it too, so nothing is told of it.
      await page.route("**/api/v1/events*", () => {});
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
      await expect(problem.getByRole("heading", { name: "That didn’t work" })).toBeVisible();
      await expect(problem).toContainText(request_id);
      await axe(page);

      await page.unroute(api);
      await problem.getByRole("button", { name: "Try again" }).click();
      await expect(rows(page).first()).toBeVisible();
      await expect(problem).toHaveCount(0);
    });
  });
}

test("a list that can’t be refreshed stays, and says that it may be old", async ({ page, calls }) => {
  const manager = await calls("manager");
  const property = await firstProperty(manager);
  const { items } = await (await manager.get(`/api/v1/properties/${property}/doors?limit=200`)).json();
  const door = items.findLast((door: { lock?: { online: boolean } }) => door.lock?.online);
  await signIn(page, "manager");
  await page.goto(`/properties/${property}/doors`);
  const rows = page.getByRole("table", { name: "Doors and their locks" }).getByRole("rowheader");
  await expect(rows.first()).toBeVisible();
  const before = await rows.allInnerTexts();
  await page.route("**/api/v1/properties/*/doors?*", (route) => route.abort());
  await reachLock(manager, door.id, false);
  const notice = page.getByRole("status").filter({ hasText: "This may be out of date." });
  await expect(notice).toContainText("We can’t reach the server.");
  expect(await rows.allInnerTexts()).toEqual(before);
  await axe(page);

  await page.unrouteAll();
  await reachLock(manager, door.id, true);
  await expect(notice, "is read again by itself").toHaveCount(0);
  expect(await rows.allInnerTexts()).toEqual(before);
});
