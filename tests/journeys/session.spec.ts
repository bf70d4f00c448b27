import type { Page } from "@playwright/test";
import { axe, expect, PASSWORD, PEOPLE, type Person, signIn, test } from "./journey";
import { everywhere } from "./looks";

const MINUTE = 60_000;

/** A form that is half filled in. */
async function halfFilled(page: Page): Promise<void> {
  await page.goto("/my-access/guest-codes/new");
  await page.getByLabel("Guest", { exact: true }).fill("Aunt Clara");
}

/** Another choice, of which the form asks the server at once when such a code would open. */
async function chooseAnother(page: Page): Promise<void> {
  await page.getByLabel("Permanent").check();
}

/** The session ends on the server, as if by an administrator. */
async function endOnTheServer(page: Page): Promise<void> {
  const status = await page.evaluate(async () => (await fetch("/api/v1/session", { method: "DELETE" })).status);
  expect(status, "ended").toBeLessThan(300);
}

async function signInAgain(page: Page, person: Person): Promise<void> {
  const dialog = page.getByRole("dialog", { name: "Your session has ended" });
  await dialog.getByLabel("Email").fill(PEOPLE[person]);
  await dialog.getByLabel("Password").fill(PASSWORD);
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await expect(dialog).toBeHidden();
}

test.beforeEach(async ({ page }) => {
  test.slow();
  await signIn(page, "resident");
});

test("a session that ends under a form asks to sign in again, and the form is as it was", async ({ page }) => {
  await halfFilled(page);
  await endOnTheServer(page);
  await chooseAnother(page);

  const dialog = page.getByRole("dialog", { name: "Your session has ended" });
  await expect(dialog).toContainText("Sign in again as Ada Brandt");
  await expect(dialog.getByLabel("Email")).toHaveValue(PEOPLE.resident);
  await page.keyboard.press("Escape");
  await expect(dialog, "can't be put off").toBeVisible();
  await everywhere(page);

  await signInAgain(page, "resident");
  await expect(page.getByLabel("Guest", { exact: true })).toHaveValue("Aunt Clara");
  await expect(page.getByLabel("Permanent")).toBeChecked();
  await page.getByRole("button", { name: "Issue code" }).click();
  await expect(page.getByRole("region", { name: "For Aunt Clara" })).toBeVisible();
});

test("somebody else who signs in there begins anew", async ({ page }) => {
  await halfFilled(page);
  await endOnTheServer(page);
  await chooseAnother(page);
  await signInAgain(page, "manager");
  await expect(page.getByRole("heading", { level: 1, name: "Juniper Flats" })).toBeVisible();
  await expect(page.getByLabel("Guest", { exact: true })).toHaveCount(0);
});

test("who leaves instead is led to the sign-in page", async ({ page }) => {
  await halfFilled(page);
  await endOnTheServer(page);
  await chooseAnother(page);
  await page.getByRole("dialog").getByRole("button", { name: "Leave this page" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
});

test("before its end a session that nobody uses is spoken of, and kept on request", async ({ page }) => {
  await page.clock.install();
  // The server's clock doesn't run ahead with the page's.
  let ahead = 0;
  await page.route("**/api/v1/session", async (route) => {
    const session = await (await route.fetch()).json();
    const expires_at = new Date(Date.now() + ahead + 30 * MINUTE).toISOString();
    await route.fulfill({ json: { ...session, expires_at } });
  });
  const pass = async (minutes: number) => {
    ahead += minutes * MINUTE;
    await page.clock.fastForward(minutes * MINUTE);
  };
  await halfFilled(page);
  await expect(page.getByText(/You will be signed out/)).toHaveCount(0);

  // Whoever types is there: nothing is said, and the server hears of them.
  const asked = page.waitForResponse("**/api/v1/session");
  await page.getByLabel("Guest", { exact: true }).press("End");
  await pass(29);
  await asked;
  await expect(page.getByText(/You will be signed out/)).toHaveCount(0);

  await pass(29);
  const warning = page.getByRole("status").filter({ hasText: /You will be signed out in \d minutes? if you do nothing/ });
  await expect(warning).toBeVisible();
  await axe(page);
  await expect(page.getByLabel("Guest", { exact: true })).toHaveValue("Aunt Clara");
});
