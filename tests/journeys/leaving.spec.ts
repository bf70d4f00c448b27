import { expect, firstProperty, signIn, test } from "./journey";
import type { Page } from "@playwright/test";

// What happens to what was typed when a page is left, and what of it an address keeps.

/** Answers the next question of the browser, and says what it was. */
async function answerNext(page: Page, leave: boolean, act: () => Promise<void>): Promise<string> {
  const asked = page.waitForEvent("dialog");
  const acted = act();
  const dialog = await asked;
  await (leave ? dialog.accept() : dialog.dismiss());
  await acted;
  return dialog.message();
}

test.describe("the form for issuing a guest code", () => {
  const FORM = "/my-access/guest-codes/new";
  const QUESTION = "Leave this page? What you’ve entered here will be lost.";

  test.beforeEach(async ({ page }) => {
    await signIn(page, "resident");
    await page.goto("/my-access/guest-codes");
    await page.locator(`main a[href="${FORM}"]`).first().click();
    await expect(page).toHaveURL(FORM);
  });

  const guest = (page: Page) => page.getByLabel("Guest", { exact: true });

  test("asks before a link, a key or Back leaves it once something was typed", async ({ page }) => {
    await guest(page).fill("Aunt Clara");
    const link = page.getByRole("link", { name: "All guest codes" });
    expect(await answerNext(page, false, () => link.click())).toBe(QUESTION);
    await expect(page).toHaveURL(FORM);
    await expect(guest(page)).toHaveValue("Aunt Clara");

    expect(await answerNext(page, false, () => page.evaluate(() => history.back()))).toBe(QUESTION);
    await expect(page).toHaveURL(FORM);
    await expect(guest(page)).toHaveValue("Aunt Clara");

    await page.getByRole("heading", { level: 1 }).click();
    await page.keyboard.press("g");
    expect(await answerNext(page, true, () => page.keyboard.press("m"))).toBe(QUESTION);
    await expect(page).toHaveURL("/my-access");
  });

  test("asks before the browser closes it", async ({ page }) => {
    await guest(page).fill("Aunt Clara");
    const asked = page.waitForEvent("dialog");
    const closed = page.waitForEvent("close");
    await page.close({ runBeforeUnload: true });
    const dialog = await asked;
    expect(dialog.type()).toBe("beforeunload");
    await dialog.accept();
    await closed;
  });

  test("asks nothing while it is as it was", async ({ page }) => {
    await page.getByRole("link", { name: "All guest codes" }).click();
    await expect(page).toHaveURL("/my-access/guest-codes");
  });
});

test("digits that may be a code's are searched for, but stay out of the address", async ({ page, calls }) => {
  await signIn(page, "manager");
  await page.goto(`/properties/${await firstProperty(await calls("manager"))}/residents`);
  const search = page.getByLabel("Name or unit");
  const first = page.waitForRequest(/\/residents\?q=212/);
  await search.fill("212");
  await first;
  const asked = page.waitForRequest(/\/residents\?q=745089/);
  await search.fill("745089");
  await asked;
  await search.blur();
  await expect(page).toHaveURL(/\/residents$/);
  await expect(search).toHaveValue("745089");
  await expect(page.getByRole("rowheader")).toHaveCount(0);
});

test("what was searched for isn’t to be found with Back once somebody has signed out", async ({ page, calls }) => {
  await signIn(page, "manager");
  await page.goto(`/properties/${await firstProperty(await calls("manager"))}/residents`);
  const search = page.getByLabel("Name or unit");
  await search.fill("brandt");
  await expect(page.getByRole("rowheader", { name: /Brandt/ }).first()).toBeVisible();
  await expect(page).toHaveURL(/\/residents$/);
  await page.getByRole("link", { name: "Doors" }).first().click();
  await expect(page).toHaveURL(/\/doors$/);
  await page.goBack();
  await expect(search).toHaveValue("brandt");
  await page.goForward();
  await expect(page).toHaveURL(/\/doors$/);
  await page.getByRole("button", { name: /^Account/ }).click();
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  const kept = () => page.evaluate(() => [location.href, JSON.stringify(history.state), JSON.stringify(sessionStorage)].join());
  let entries = 0;
  for (await page.goBack(); !page.url().startsWith("about:"); await page.goBack()) {
    expect(await kept()).not.toContain("brandt");
    entries += 1;
  }
  expect(entries).toBeGreaterThan(0);
});

test.describe("R32: what is searched for where guests are found by name stays out of the address", () => {
  test("an old link to the log works and loses it; Back and a reload show the same search", async ({ page }) => {
    await signIn(page, "support");
    await page.goto("/audit?q=moving&action=code.&paused=1");
    const search = page.getByLabel("Search words");
    const rows = page.locator("tbody tr");
    await expect(search).toHaveValue("moving");
    await expect(page).toHaveURL(/\/audit\?action=code\.&paused=1$/);
    await expect(rows.first()).toContainText(/moving/i);

    await search.fill("moved");
    await expect(rows).toHaveCount(0);
    await search.fill("moving");
    await expect(rows.first()).toBeVisible();
    await page.getByRole("link", { name: "Troubleshoot" }).first().click();
    await expect(page).toHaveURL("/troubleshoot");
    await expect(page.getByLabel("Name, unit, email or guest")).toHaveValue("");
    const requested: string[] = [];
    page.on("request", (request) => requested.push(request.url()));
    await page.goBack();
    await expect(search).toHaveValue("moving");
    await expect(rows.first()).toContainText(/moving/i);
    await page.mouse.wheel(0, 10);
    await page.reload();
    await expect(search).toHaveValue("moving");
    await expect(rows.first()).toContainText(/moving/i);
    await expect(page).toHaveURL(/\/audit\?action=code\.&paused=1$/);
    const lists = requested.filter((url) => /\/api\/v1\/audit\?/.test(url));
    expect(lists.filter((url) => !url.includes("q=moving"))).toEqual([]);

    await page.getByRole("link", { name: "Audit log" }).first().click();
    await expect(search).toHaveValue("");
    await expect(page).toHaveURL("/audit");
    await page.goBack();
    await expect(search).toHaveValue("moving");
  });

  test("Back from somebody who was found returns to those who were found", async ({ page }) => {
    await signIn(page, "support");
    await page.goto("/troubleshoot?q=brandt");
    await expect(page).toHaveURL("/troubleshoot");
    const found = page.getByRole("link", { name: "Ada Brandt" });
    expect(await found.getAttribute("href")).toMatch(/^\/troubleshoot\?resident=[0-9a-f-]+$/);
    await found.click();
    await expect(page.getByRole("heading", { level: 2, name: "Ada Brandt" })).toBeVisible();
    await page.goBack();
    await expect(found).toBeVisible();
    await expect(page.getByLabel("Name, unit, email or guest")).toHaveValue("brandt");
  });

  test("Back to guest codes shows those that were found", async ({ page }) => {
    await signIn(page, "resident");
    await page.goto("/my-access/guest-codes");
    const search = page.getByRole("searchbox", { name: "Guest’s name" });
    await search.fill("Clara");
    await expect(page).toHaveURL("/my-access/guest-codes");
    await page.getByRole("link", { name: "Settings" }).or(page.getByRole("link", { name: "My Access" })).first().click();
    await expect(page).not.toHaveURL(/guest-codes/);
    await page.goBack();
    await expect(search).toHaveValue("Clara");
  });

  test("digits aren’t remembered either", async ({ page }) => {
    await signIn(page, "support");
    await page.goto("/audit?q=745089&paused=1");
    await expect(page.getByLabel("Search words")).toHaveValue("745089");
    await expect(page).toHaveURL("/audit?paused=1");
    expect(await page.evaluate(() => JSON.stringify(history.state))).not.toContain("745089");
  });
});
