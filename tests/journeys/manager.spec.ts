import type { APIRequestContext, Page } from "@playwright/test";
import { axe, expect, firstProperty, signIn, test, uniqueWord } from "./journey";

interface Property {
  id: string;
  name: string;
  custom_codes_enabled: boolean;
  counts: Record<string, number>;
  health: Record<string, number> & { hubs: { name: string; online: boolean }[] };
}

/** The manager's property on the server, with its version. */
async function readProperty(api: APIRequestContext): Promise<{ property: Property; etag: string; url: string }> {
  const url = `/api/v1/properties/${await firstProperty(api)}`;
  const answer = await api.get(url);
  return { property: await answer.json(), etag: answer.headers().etag ?? "", url };
}

/** Switches custom codes, as if somebody else did. */
async function setCustomCodes(api: APIRequestContext, on: boolean): Promise<void> {
  const { property, etag, url } = await readProperty(api);
  if (property.custom_codes_enabled === on) {
    return;
  }
  const answer = await api.patch(url, { data: { custom_codes_enabled: on }, headers: { "If-Match": etag } });
  expect(answer.status(), "switched elsewhere").toBe(200);
}

/** The texts of a table's column, counted from 1. */
async function column(page: Page, nth: number): Promise<string[]> {
  return page.locator(`tbody tr > :nth-child(${nth})`).allTextContents();
}

async function expectNoOverflow(page: Page): Promise<void> {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(overflow, "pixels beyond the screen").toBeLessThanOrEqual(0);
}

/** Checks the page as it is, in both themes, on a desktop and on phones. */
async function checkAppearance(page: Page): Promise<void> {
  test.slow();
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    for (const width of [1280, 390, 320]) {
      await page.setViewportSize({ width, height: 800 });
      await expectNoOverflow(page);
      await axe(page);
    }
  }
}

let api: APIRequestContext;

test.beforeEach(async ({ page, calls }) => {
  api = await calls("manager");
  await setCustomCodes(api, true);
  await signIn(page, "manager");
});

test.afterEach(async () => {
  await setCustomCodes(api, true);
});

test.describe("the overview", () => {
  test("is where a manager of one property starts, with facts and the time zone", async ({ page }) => {
    const { property } = await readProperty(api);
    await page.goto("/");

    await expect(page.getByRole("heading", { level: 1, name: property.name })).toBeVisible();
    await expect(page).toHaveURL(`/properties/${property.id}`);
    await expect(page.getByText("Times are Denver time")).toBeVisible();
    const residents = page.locator("section", { has: page.getByRole("heading", { name: "Residents" }) });
    await expect(residents).toContainText(`${property.counts.residents}`);
    const doors = page.locator("section", { has: page.getByRole("heading", { name: "Doors working" }) });
    await expect(doors).toContainText(`of ${property.health.doors}`);
    const hubs = page.locator("section", { has: page.getByRole("heading", { name: "Hubs online" }) });
    await expect(hubs).toContainText(`${property.health.hubs.filter((hub) => hub.online).length} of ${property.health.hubs.length}`);
    await checkAppearance(page);
  });

  test("lists what needs attention, with status, door and since when (R24, R26)", async ({ page }) => {
    await page.goto("/");

    const needs = page.getByRole("table", { name: "Codes that need attention" });
    const removal = needs.getByRole("row").filter({ hasText: "Being removed: still opens the door" }).first();
    await expect(removal).toBeVisible();
    await expect(removal).toContainText("this code still opens the door");
    await expect(removal.getByRole("rowheader")).toContainText("Unit");
    await expect(removal.getByRole("time")).toHaveAttribute("datetime", /^20/);
    await expect(removal.getByRole("link")).toHaveAttribute("href", /^\/guest-codes\//);
    // The worst comes first.
    await expect(needs.getByRole("row").nth(1)).toContainText("Being removed: still opens the door");
  });

  test("groups what needs attention by cause, and each number leads to the list of what it counts (R26)", async ({ page }) => {
    const { property } = await readProperty(api);
    const list = async (path: string): Promise<unknown[]> => (await (await api.get(path)).json()).items;
    const [hub] = property.health.hubs.filter((hub) => !hub.online);
    expect(hub, "the demonstration has a hub that is offline").toBeDefined();
    await page.goto("/");

    // First on the page; the switch for custom codes comes last.
    await expect(page.getByRole("main").getByRole("heading", { level: 2 }).first()).toHaveText("Needs attention");
    await expect(page.getByRole("main").getByRole("heading", { level: 2 }).last()).toHaveText("Custom access codes");
    const region = page.getByRole("region", { name: "Needs attention" });
    const cause = region.getByRole("listitem").filter({ hasText: hub!.name }).first();
    await expect(cause).toContainText("offline since");
    const since = await cause.getByRole("time").getAttribute("datetime");
    const hubs = page.locator("section", { has: page.getByRole("heading", { name: "Hubs online" }) });
    await expect(hubs.getByRole("time").first(), "one time for one thing").toHaveAttribute("datetime", since!);

    await cause.getByRole("link", { name: /guest codes? still opens?$/ }).first().click();
    await expect(page.getByText("Only what the overview counts")).toBeVisible();
    const { pathname, search } = new URL(page.url());
    expect(pathname).toBe(`/properties/${property.id}/guest-codes`);
    const found = await list(`/api/v1/guest-codes${search}&property=${property.id}&limit=200`);
    expect(found.length).toBeGreaterThan(0);
    await expect(page.getByRole("table").getByRole("rowheader")).toHaveCount(found.length);
    await axe(page);
    await page.goBack();

    const doors = page.locator("section", { has: page.getByRole("heading", { name: "Doors working" }) });
    await doors.getByRole("link", { name: /^\d+ offline$/ }).click();
    await expect(page).toHaveURL(/doors\?state=offline/);
    const rows = page.getByRole("table").locator("tbody tr");
    await expect(rows.first()).toContainText("Offline since");
    await expect(rows.filter({ hasNotText: "Offline since" })).toHaveCount(0);
  });
});

test.describe("the switch for custom codes", () => {
  test("does nothing until it is saved, and says beforehand what saving does (R3)", async ({ page }) => {
    await page.goto("/");
    const on = page.getByRole("switch", { name: "Custom access codes" });
    await expect(on).toBeChecked();

    await on.uncheck({ force: true });
    await expect(page.getByText("Not saved yet.")).toBeVisible();
    await expect(page.getByText("nobody can pick a new custom code")).toBeVisible();
    expect((await readProperty(api)).property.custom_codes_enabled).toBe(true);
    await axe(page);

    await page.getByRole("button", { name: "Keep it on" }).click();
    await expect(on).toBeChecked();
    await expect(page.getByRole("button", { name: "Save" })).toBeHidden();
  });

  test("turns the feature off and on, says truly what that does, and changes no code (R3, R12)", async ({ page }) => {
    const { counts } = (await readProperty(api)).property;
    await page.goto("/");
    const feature = page.getByRole("region", { name: "Custom access codes" });
    await expect(feature).toContainText(`${counts.residents_app_ready} residents can pick their own code in the app`);
    await expect(feature).toContainText(`${counts.residents_app_too_old} have an app older than 2.8.0`);
    await expect(feature).toContainText("Existing codes don’t change");

    await feature.getByRole("switch").uncheck({ force: true });
    await feature.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("Custom codes are off.").last()).toBeVisible();
    await expect(feature).toContainText("Off now.");
    await expect(feature).toContainText(`${counts.custom_codes} residents have a custom code and keep it`);
    await expect(feature).toContainText("Turned off by you");
    const after = (await readProperty(api)).property;
    expect(after.custom_codes_enabled).toBe(false);
    expect(after.counts.custom_codes, "custom codes that exist").toBe(counts.custom_codes);

    await page.reload();
    await expect(feature.getByRole("switch")).not.toBeChecked();
    await feature.getByRole("switch").check({ force: true });
    await expect(feature).toContainText("Existing codes don’t change");
    await feature.getByRole("button", { name: "Save" }).click();
    await expect(feature).toContainText("Turned on by you");
    expect((await readProperty(api)).property.custom_codes_enabled).toBe(true);
  });

  test("that somebody else has saved meanwhile is read again, and says so", async ({ page }) => {
    await page.goto("/");
    const feature = page.getByRole("region", { name: "Custom access codes" });
    await feature.getByRole("switch").uncheck({ force: true });
    await setCustomCodes(api, false);
    await setCustomCodes(api, true);

    await feature.getByRole("button", { name: "Save" }).click();
    await expect(feature.getByText("This has changed since you opened it.")).toBeVisible();
    await expect(feature.getByText("then decide again")).toBeVisible();
    expect((await readProperty(api)).property.custom_codes_enabled, "nothing was overwritten").toBe(true);
    await axe(page);

    // The decision is kept, and applies to the current version.
    await feature.getByRole("button", { name: "Save" }).click();
    await expect(feature).toContainText("Off now.");
  });
});

test.describe("the residents", () => {
  test("have their filters and order in the address, and their search where others don’t find it", async ({ page }) => {
    const { property, url } = await readProperty(api);
    // Somebody who has a custom code in the demo data.
    const { items } = await (await api.get(`${url}/residents?origin=custom&limit=1`)).json();
    const name: string = items[0].name;
    const word = (name.split(" ").at(-1) ?? name).toLowerCase();
    await page.goto(`/properties/${property.id}/residents`);
    await expect(page.getByRole("rowheader").first()).toBeVisible();
    await checkAppearance(page);
    await page.setViewportSize({ width: 1280, height: 800 });

    await page.getByLabel("Origin").selectOption("Custom");
    await expect(page).toHaveURL(/origin=custom/);
    await expect.poll(async () => new Set(await column(page, 4))).toEqual(new Set(["Custom"]));

    await page.getByRole("button", { name: "Unit", exact: true }).click();
    await page.getByRole("button", { name: "Unit", exact: true }).click();
    await expect(page).toHaveURL(/sort=-unit/);
    await expect(page.getByRole("columnheader", { name: "Unit" })).toHaveAttribute("aria-sort", "descending");
    await expect.poll(async () => {
      const units = (await column(page, 2)).map(Number);
      return units.every((unit, at) => at === 0 || unit <= (units[at - 1] ?? unit));
    }, "units in descending order").toBe(true);

    await page.getByLabel("Name or unit").fill(word);
    await expect(page.getByRole("rowheader", { name })).toBeVisible();
    await expect(page, "whoever comes after them reads addresses too").not.toHaveURL(/q=/);
    await expect.poll(async () => (await column(page, 1)).every((found) => found.toLowerCase().includes(word))).toBe(true);

    const address = page.url();
    await page.reload();
    await expect(page).toHaveURL(address);
    await expect(page.getByLabel("Name or unit")).toHaveValue(word);
    await expect(page.getByLabel("Origin")).toHaveValue("custom");
    await expect(page.getByRole("rowheader", { name })).toBeVisible();

    await page.getByRole("button", { name: "Clear filters" }).click();
    await expect(page).not.toHaveURL(/q=|origin=/);
    await expect(page).toHaveURL(/sort=-unit/);
  });

  test("load page by page while scrolling, and distant rows are removed from the page", async ({ page }) => {
    const { property } = await readProperty(api);
    await page.goto(`/properties/${property.id}/residents`);
    await expect(page.getByRole("rowheader").first()).toBeVisible();
    const first = await page.getByRole("rowheader").first().innerText();

    // To the end, wherever that is by then. While the browser is still scrolling there, it may ignore the next key.
    const below = () => page.evaluate(() => document.documentElement.scrollHeight - innerHeight - scrollY);
    await expect(async () => {
      await page.keyboard.press("End");
      await expect(page.getByRole("button", { name: "Load more" })).toHaveCount(0, { timeout: 500 });
      await expect.poll(below, { timeout: 2_000 }).toBeLessThan(1);
    }).toPass();
    await expect(page.getByRole("rowheader", { name: first })).toHaveCount(0);
    const height = async () => page.evaluate(() => document.documentElement.scrollHeight);
    const whole = await height();
    expect(whole, "their space is kept").toBeGreaterThan(200 * 40);

    await page.keyboard.press("Home");
    await expect(page.getByRole("rowheader", { name: first })).toBeVisible();
    expect(await height()).toBe(whole);
  });

  test("can be loaded again when the next page fails", async ({ page }) => {
    const { property } = await readProperty(api);
    await page.route("**/residents?*cursor=*", (route) => route.abort());
    await page.goto(`/properties/${property.id}/residents`);
    const rows = page.getByRole("rowheader");
    await expect(rows.first()).toBeVisible();
    const first = await rows.count();
    await page.keyboard.press("End");
    const more = page.getByRole("button", { name: "Load more" });
    await expect(page.getByRole("alert")).toContainText("We can’t reach the server.");
    await page.unrouteAll();
    await more.press("Enter");
    await expect(page.getByRole("alert")).toHaveCount(0);
    await expect.poll(() => rows.count()).toBeGreaterThan(first);
  });

  test("say when nothing matches, and can be loaded again when that fails", async ({ page }) => {
    const { property } = await readProperty(api);
    await page.goto(`/properties/${property.id}/residents?q=nobody-is-called-so`);
    await expect(page.getByRole("heading", { name: "Nobody found" })).toBeVisible();
    await axe(page);

    await page.route("**/api/v1/properties/*/residents?*", (route) => route.abort());
    await page.goto(`/properties/${property.id}/residents?sort=unit`);
    await expect(page.getByRole("heading", { name: "No connection" })).toBeVisible();
    await page.unrouteAll();
    await page.getByRole("button", { name: "Try again" }).click();
    await expect(page.getByRole("rowheader").first()).toBeVisible();
  });

  test("of a property that the manager doesn't manage are not found (R33)", async ({ page }) => {
    await page.goto("/properties/01a20595-0000-7000-8000-000000000000/residents");
    await expect(page.getByRole("heading", { name: "Not found" })).toBeVisible();
  });
});

test.describe("a resident's code", () => {
  test("is masked, is revealed only with a reason, hides itself, and the reveal is in the audit log (R30, R32)", async ({ page }) => {
    const { property } = await readProperty(api);
    const reason = `Locked out, ${uniqueWord()}`;
    await page.clock.install();
    await page.goto(`/properties/${property.id}/residents?q=brandt`);
    const row = page.getByRole("row").filter({ has: page.getByRole("rowheader", { name: "Ada Brandt" }) });
    const shown = row.locator(".digits");
    await expect(row.getByRole("img", { name: /^[46] hidden digits$/ })).toBeVisible();
    await expect(shown).not.toContainText(/\d/);

    await row.getByRole("button", { name: "Show Ada Brandt’s code" }).click();
    const dialog = page.getByRole("dialog", { name: "Show Ada Brandt’s code?" });
    await dialog.getByRole("button", { name: "Show code" }).click();
    await expect(dialog.getByText("Say why you need to see it.").first()).toBeVisible();
    await axe(page);
    await dialog.getByLabel("Reason").fill(reason);
    await dialog.getByRole("button", { name: "Show code" }).click();
    await expect(dialog).toBeHidden();
    await expect(shown).toContainText(/(\d\s*){4,6}/);
    await axe(page);
    const digits = (await shown.locator(".visually-hidden").textContent())?.replace(/\s/g, "") ?? "";
    expect(digits.length).toBeGreaterThanOrEqual(4);
    expect(page.url()).not.toContain(digits);

    await page.clock.runFor(60_000);
    await expect(shown).toContainText("hidden digits");
    await expect(page.locator("body")).not.toContainText(digits);

    const search = new URLSearchParams({ action: "code.revealed", q: reason });
    const { items } = await (await api.get(`/api/v1/audit?${search}`)).json();
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ actor: { role: "manager" }, outcome: "done", detail: reason });
    expect(JSON.stringify(items[0])).not.toContain(`"${digits}"`);
  });

  test("hides as soon as the manager looks elsewhere (R30)", async ({ page }) => {
    const { property } = await readProperty(api);
    await page.goto(`/properties/${property.id}/residents?q=brandt`);
    await page.getByRole("button", { name: "Show Ada Brandt’s code" }).click();
    await page.getByLabel("Reason").fill("Called, locked out");
    await page.getByRole("button", { name: "Show code" }).click();
    const hide = page.getByRole("button", { name: "Hide Ada Brandt’s code" });
    await expect(hide).toBeVisible();

    await page.evaluate(() => window.dispatchEvent(new Event("blur")));
    await expect(hide).toBeHidden();
    await expect(page.getByText("hidden digits").first()).toBeAttached();
  });
});

test("a manager reads the activity of their property, in its time zone (R31)", async ({ page }) => {
  await page.goto("/audit?action=property.");
  await expect(page.getByRole("heading", { level: 1, name: "Activity" })).toBeVisible();
  await expect(page.getByText("Times are Denver time")).toBeVisible();
  await expect(page.getByRole("row").nth(1)).toContainText("Custom codes turned");
  await expect(page.getByRole("button", { name: "Verify chain" })).toBeHidden();
});
