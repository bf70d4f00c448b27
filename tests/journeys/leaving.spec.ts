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
  await search.fill("212");
  await expect(page).toHaveURL(/\?q=212$/);
  const asked = page.waitForRequest(/\/residents\?q=745089/);
  await search.fill("745089");
  await asked;
  await search.blur();
  await expect(page).toHaveURL(/\/residents$/);
  await expect(search).toHaveValue("745089");
  await expect(page.getByRole("rowheader")).toHaveCount(0);
});
