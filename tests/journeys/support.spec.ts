import { randomUUID } from "node:crypto";
import type { Page } from "@playwright/test";
import { axe, expect, firstProperty, signIn, test, uniqueWord } from "./journey";
import { checkAppearance, loadsMore } from "./appearance";
import { withDamagedRecords } from "./screens";

/** The actions of the events shown. */
async function actions(page: Page): Promise<Set<string>> {
  return new Set(await page.getByRole("table").getByRole("button").allTextContents());
}

async function expectNoOverflow(page: Page): Promise<void> {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(overflow, "pixels beyond the screen").toBeLessThanOrEqual(0);
}

test.beforeEach(async ({ page }) => {
  await signIn(page, "support");
});

test.describe("the audit log", () => {
  test("is where support starts, newest first, in UTC", async ({ page }) => {
    test.slow();
    await page.goto("/");
    await expect(page.getByRole("heading", { level: 1, name: "Audit log" })).toBeVisible();
    await expect(page.getByText("Times are UTC")).toBeVisible();
    const times = page.getByRole("rowheader").getByRole("time");
    await expect(times.first()).toBeVisible();
    const instants = await times.evaluateAll((all) => all.map((time) => Date.parse(time.getAttribute("datetime") ?? "")));
    expect(instants).toEqual([...instants].sort((one, other) => other - one));

    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      for (const width of [1280, 390, 320]) {
        await page.setViewportSize({ width, height: 800 });
        await expectNoOverflow(page);
        await axe(page);
      }
    }
  });

  test("keeps its filters in the address, but not what is searched for, which may be a guest’s name", async ({ page }) => {
    await page.goto("/audit");
    await page.getByLabel("Action").selectOption("code.revealed");
    await expect(page).toHaveURL(/action=code\.revealed/);
    await expect.poll(() => actions(page)).toEqual(new Set(["Code looked at"]));

    await page.getByLabel("Search words").fill("moving");
    await expect.poll(async () => {
      const rows = await page.locator("tbody tr").allTextContents();
      return rows.length > 0 && rows.every((row) => /moving/i.test(row));
    }).toBe(true);
    await page.getByLabel("Outcome").selectOption("Done");
    await page.getByRole("combobox", { name: "Time", exact: true }).selectOption("Last 30 days");
    await expect(page).toHaveURL(/period=month/);

    const address = page.url();
    expect(address).not.toContain("moving");
    const first = page.waitForRequest(/\/api\/v1\/audit\?/);
    await page.reload();
    expect((await first).url(), "nothing else is requested first").toContain("q=moving");
    await expect(page).toHaveURL(address);
    await expect(page.getByLabel("Action")).toHaveValue("code.revealed");
    await expect(page.getByLabel("Outcome")).toHaveValue("done");
    await expect(page.getByLabel("Search words")).toHaveValue("moving");

    await page.getByLabel("Outcome").selectOption("Refused");
    await expect(page.getByRole("heading", { name: "No events found" })).toBeVisible();
    await axe(page);
    await page.getByRole("main").getByRole("button", { name: "Clear filters" }).first().click();
    await expect(page).not.toHaveURL(/action|outcome|q=|period/);
  });

  test("loads page by page", async ({ page }) => {
    await page.goto("/audit?action=guest_code.&paused=1");
    await loadsMore(page, page.getByRole("table", { name: "Events, newest first" }));
  });

  test("shows times in UTC, in the property's zone or in the device's, and names the zone", async ({ page }) => {
    await page.goto("/audit?action=property.");
    const time = page.getByRole("rowheader").first().locator("code");
    const utc = await time.textContent();
    await page.getByLabel("Time zone").selectOption("property");
    await expect(page).toHaveURL(/zone=property/);
    await expect(page.getByText("Times are Denver time")).toBeVisible();
    await expect(time).not.toHaveText(utc ?? "");
    const there = await time.textContent();
    // The journeys' browser is in Denver too.
    await page.getByLabel("Time zone").selectOption("local");
    await expect(page).toHaveURL(/zone=local/);
    await expect(time).toHaveText(there ?? "");
  });

  test("is live until it is paused", async ({ page, playwright, baseURL }) => {
    await page.goto("/audit?action=session.refused");
    await expect(page.getByRole("button", { name: "Live", exact: true })).toHaveAttribute("aria-pressed", "true");
    const stranger = `nobody-${randomUUID()}@demo.test`;
    const elsewhere = await playwright.request.newContext({ baseURL });
    const before = await page.getByRole("rowheader").count();
    await elsewhere.post("/api/v1/session", {
      data: { email: stranger, password: "wrong" },
      headers: { "Sec-Fetch-Site": "same-origin" },
    });
    await elsewhere.dispose();
    await expect.poll(() => page.getByRole("rowheader").count(), { timeout: 15_000 }).toBeGreaterThan(before);

    await page.getByRole("button", { name: "Live", exact: true }).click();
    await expect(page.getByRole("button", { name: "Live", exact: true })).toHaveAttribute("aria-pressed", "false");
    await expect(page).toHaveURL(/paused=1/);
  });

  test("has every reveal with its reason, and no digits anywhere (R30, R31, R32)", async ({ page, calls }) => {
    // A manager reveals a code.
    const manager = await calls("manager");
    const properties = await (await manager.get("/api/v1/properties")).json();
    const residents = await (await manager.get(`/api/v1/properties/${properties.items[0].id}/residents?limit=1`)).json();
    const { id } = residents.items[0].code;
    const reason = `Locked out ${uniqueWord()}`;
    const revealed = await (await manager.post(`/api/v1/codes/${id}/reveal`, { data: { reason } })).json();
    expect(revealed.code).toMatch(/^\d{4}(\d{2})?$/);
    const standsAlone = new RegExp(`(?<![0-9a-f-])${revealed.code}(?![0-9a-f-])`);

    await page.goto(`/audit?${new URLSearchParams({ q: reason })}`);
    const row = page.getByRole("row").filter({ hasText: reason });
    await expect(row).toContainText("Code looked at");
    await expect(row).toContainText("manager · web");
    await expect(row).toContainText("done");
    await expect(page.locator("body")).not.toContainText(standsAlone);

    await row.getByRole("button", { name: "Code looked at" }).click();
    const event = page.getByRole("dialog", { name: "Event" });
    await expect(event.getByText(reason)).toBeVisible();
    // The machine's name is in an event's detail alone.
    await expect(event.getByText("code.revealed", { exact: true })).toBeVisible();
    await expect(event.getByText(/^[0-9a-f]{64}$/)).toBeVisible();
    await expect(event).not.toContainText(standsAlone);
    await expect(page).toHaveURL(/event=/);
    expect(page.url()).not.toMatch(standsAlone);
    await axe(page);

    const address = page.url();
    await event.getByRole("button", { name: "Close" }).click();
    await expect(page).not.toHaveURL(/event=/);
    await page.goto(address);
    await expect(event.getByText(reason)).toBeVisible();
  });

  test("has a refusal's conditions as they were then (R14, R31)", async ({ page, phone }) => {
    // Refused by R7, whatever the other conditions.
    const refused = await phone.put("/api/v1/me/code", {
      data: { mode: "custom", code: "1111" },
      headers: { "Idempotency-Key": randomUUID() },
    });
    expect(refused.ok()).toBe(false);

    await page.goto("/audit?action=code.custom.refused&paused=1");
    const row = page.getByRole("row").nth(1);
    await expect(row).toContainText("refused");
    await expect(row).toContainText("iOS 2.8.0");
    await row.getByRole("button", { name: "Custom code refused" }).click();
    const event = page.getByRole("dialog", { name: "Event" });
    await expect(event.getByRole("heading", { name: "Conditions at the time" })).toBeVisible();
    await expect(event.getByText("Not met:").first()).toBeAttached();
    await expect(event.getByText("Met:", { exact: true }).first()).toBeAttached();
    await axe(page);
    await page.setViewportSize({ width: 320, height: 640 });
    await axe(page);
    await page.keyboard.press("Escape");
    await expect(event).toBeHidden();
  });

  test("records who was turned away, and from what (R31)", async ({ page, calls }) => {
    const refused = await (await calls("manager")).get("/api/v1/troubleshoot/damaged");
    expect(refused.status()).toBe(403);

    await page.goto("/audit");
    await page.getByLabel("Action").selectOption("Attempts without permission");
    await expect(page).toHaveURL(/action=access\./);
    await expect.poll(() => actions(page)).toEqual(new Set(["Access denied"]));
    const row = page.getByRole("row").filter({ hasText: "GET /api/v1/troubleshoot/damaged" }).first();
    await expect(row).toContainText("manager · web");
    await expect(row).toContainText("Access denied");
    await row.getByRole("button", { name: "Access denied" }).click();
    const event = page.getByRole("dialog", { name: "Event" });
    await expect(event).toContainText("GET /api/v1/troubleshoot/damaged · request");
    await axe(page);
  });

  test("verifies that its chain is intact (R31)", async ({ page }) => {
    await page.goto("/audit");
    await page.getByRole("button", { name: "Verify chain" }).click();
    const dialog = page.getByRole("dialog", { name: "Verify the chain" });
    await expect(dialog.getByText("Chain intact")).toBeVisible();
    await expect(dialog.getByText(/[\d,]+ events checked/)).toBeVisible();
    await axe(page);
  });

  test("is exported with the current filters", async ({ page, calls }) => {
    await page.goto("/audit?action=property.&outcome=done");
    const link = page.getByRole("link", { name: "Export CSV" });
    await expect(link).toHaveAttribute("href", /action=property\.&outcome=done.*format=csv/);
    const arriving = page.waitForEvent("download");
    await link.click();
    expect((await arriving).suggestedFilename()).toBe("audit.csv");
    const lines = await (await (await calls("support")).get((await link.getAttribute("href")) ?? "")).text();
    expect(lines.split("\r\n")[1]).toContain("property.custom_codes.");
  });
});

test("support sees the state of a property, but no residents, digits or switch (R30, R33)", async ({ page, calls }) => {
  const api = await calls("support");
  const id = await firstProperty(api);
  await page.goto(`/properties/${id}`);
  await expect(page.getByRole("heading", { level: 2, name: "Custom access codes" })).toBeVisible();
  await expect(page.getByRole("switch")).toHaveCount(0);
  await expect(page.getByRole("link", { name: "Residents" })).toHaveCount(0);
  await expect(page.getByRole("button", { name: /^Show/ })).toHaveCount(0);

  await page.goto(`/properties/${id}/residents`);
  await expect(page.getByRole("heading", { level: 1, name: "Not part of your role" })).toBeVisible();

  const residents = await api.get(`/api/v1/properties/${id}/residents`);
  expect(residents.status()).toBe(403);
});

test("support can't reveal a code, with or without a reason (R30)", async ({ calls, phone }) => {
  const access = await (await phone.get("/api/v1/me/access")).json();
  const answer = await (await calls("support")).post(`/api/v1/codes/${access.code.id}/reveal`, {
    data: { reason: "Troubleshooting" },
  });
  expect([403, 404]).toContain(answer.status());
  expect(await answer.text()).not.toMatch(/"code":"\d/);
});

test.describe("troubleshooting", () => {
  test("R14: finds a resident and shows every condition as it is now, without digits", async ({ page }) => {
    test.slow();
    await page.goto("/troubleshoot");
    await page.getByLabel("Name, unit, email or guest").fill("resident@demo");
    await page.getByRole("link", { name: "Ada Brandt" }).click();
    await expect(page).toHaveURL(/\/troubleshoot\?resident=[^&]*$/);
    await expect(page.getByLabel("Name, unit, email or guest")).toHaveValue("resident@demo");
    await expect(page.getByRole("heading", { level: 2, name: "Ada Brandt" })).toBeVisible();
    const conditions = page.locator("section").filter({ hasText: "Can they pick their own code?" }).getByRole("listitem");
    await expect(conditions).toHaveCount(11);
    await expect(page.getByRole("heading", { name: "Their code on the lock" })).toBeVisible();
    await expect(page.getByRole("heading", { name: "What happened" })).toBeVisible();
    await expect(page.getByText("hidden digits")).toHaveCount(0);
    await expect(page.getByRole("button", { name: /show/i })).toHaveCount(0);
    for (const width of [1280, 320]) {
      await page.setViewportSize({ width, height: 800 });
      await expectNoOverflow(page);
      await axe(page);
    }
  });

  test("a resident opened right after typing stays open", async ({ page }) => {
    await page.clock.install();
    await page.goto("/troubleshoot");
    const search = page.getByLabel("Name, unit, email or guest");
    const found = page.getByRole("link", { name: "Ada Brandt" });
    await search.fill("Ada");
    await expect(found).toBeVisible();
    await page.clock.runFor(1_000);
    // From here on the clock stands still: the first key starts a search, and later ones wait.
    await page.clock.pauseAt(await page.evaluate(() => Date.now() + 1_000));
    await search.pressSequentially(" Brandt");
    await page.keyboard.press("Tab");
    await expect(found, "results stay while somebody types on").toBeFocused();
    await page.keyboard.press("Enter");
    const name = page.getByRole("heading", { level: 2, name: "Ada Brandt" });
    await expect(name).toBeVisible();
    await page.clock.runFor(1_000);
    await expect(page).toHaveURL(/resident=/);
    await expect(name).toBeVisible();
    await page.goBack();
    await expect(search, "all that was typed is in the address").toHaveValue("Ada Brandt");
  });

  test("doesn’t mention damaged records while there are none", async ({ page }) => {
    await page.goto("/troubleshoot");
    await expect(page.getByRole("heading", { name: "Who needs help?" })).toBeVisible();
    await expect(page.getByRole("heading", { name: "Damaged records" })).toHaveCount(0);
    await expect(page.getByRole("table")).toHaveCount(0);
  });

  test("shows damaged records, what can’t be read of them and what to do, until a search begins", async ({ page }) => {
    test.slow();
    await withDamagedRecords(page);
    await page.goto("/troubleshoot");
    const section = page.getByRole("region", { name: "Damaged records" });
    await expect(section).toContainText("3 records");
    await expect(section).toContainText("are set aside; everything else keeps working");
    await expect(section).toContainText("Restore them from a backup. A guest code can also be revoked and issued again.");
    await expect(section).toContainText("Times are UTC");
    const rows = section.getByRole("table", { name: "Damaged records" }).getByRole("row");
    const [code, guest, resident] = [rows.nth(1), rows.nth(2), rows.nth(3)];
    await expect(code.getByRole("rowheader")).toHaveText(/^Code [0-9a-f-]{36}$/);
    await expect(code).toContainText("Juniper Flats");
    await expect(code).toContainText("a sealed code doesn’t open");
    await expect(code.getByRole("time")).toHaveText("Nov 3, 2026, 4:12 PM");
    await expect(guest.getByRole("rowheader")).toContainText("Guest code");
    await expect(resident.getByRole("rowheader")).toContainText("Resident");
    await expect(resident.getByRole("cell").first(), "the property is damaged too").toHaveText("Can’t be read");
    await checkAppearance(page);

    const search = page.getByLabel("Name, unit, email or guest");
    await search.fill("resident@demo");
    await expect(page.getByRole("link", { name: "Ada Brandt" })).toBeVisible();
    await expect(section).toHaveCount(0);
    await search.fill("");
    await expect(section).toBeVisible();
  });

  test("can still search when the list of damaged records fails", async ({ page }) => {
    let attempts = 0;
    await page.route("**/api/v1/troubleshoot/damaged", (route) => {
      attempts += 1;
      return route.abort();
    });
    await page.goto("/troubleshoot");
    const problem = page.getByRole("main").getByRole("alert");
    await expect(problem.getByRole("heading", { name: "No connection" })).toBeVisible();
    await axe(page);
    await page.getByLabel("Name, unit, email or guest").fill("resident@demo");
    await expect(page.getByRole("link", { name: "Ada Brandt" })).toBeVisible();
    await expect(problem).toHaveCount(0);
    await page.getByLabel("Name, unit, email or guest").fill("");
    await expect(problem).toBeVisible();
    await expect.poll(() => attempts, "requested again when the search is cleared").toBe(2);
    await page.unrouteAll();
    await problem.getByRole("button", { name: "Try again" }).click();
    await expect(page.getByRole("heading", { name: "Who needs help?" })).toBeVisible();
    await expect(problem).toHaveCount(0);
  });

  test("says when nobody is found", async ({ page }) => {
    await page.goto("/troubleshoot?q=nobodyhasthisname");
    await expect(page.getByRole("heading", { name: "Nobody found" })).toBeVisible();
  });
});
