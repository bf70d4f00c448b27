import type { Page } from "@playwright/test";
import { axe, expect, PASSWORD, PEOPLE, type Person, signIn, test } from "./journey";
import { checkAppearance } from "./appearance";

const MINUTE = 60_000;

/** Opens a form and fills in a part of it. */
async function fillInPart(page: Page): Promise<void> {
  await page.goto("/my-access/guest-codes/new");
  await page.getByLabel("Guest", { exact: true }).fill("Aunt Clara");
}

/** Chooses another kind, for which the form asks the server at once when such a code would open. */
async function chooseAnother(page: Page): Promise<void> {
  // The form may be covered by now: what it had asked a moment earlier was then refused first.
  await page.getByLabel("Permanent").dispatchEvent("click");
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

test("when the session ends under a form, the person signs in again and the form is unchanged", async ({ page }) => {
  await fillInPart(page);
  await endOnTheServer(page);
  await chooseAnother(page);

  const dialog = page.getByRole("dialog", { name: "Your session has ended" });
  await expect(dialog).toContainText("Sign in again as Ada Brandt");
  await expect(dialog.getByLabel("Email")).toHaveValue(PEOPLE.resident);
  await page.keyboard.press("Escape");
  await expect(dialog, "can't be dismissed").toBeVisible();
  await checkAppearance(page);

  await signInAgain(page, "resident");
  await expect(page.getByLabel("Guest", { exact: true })).toHaveValue("Aunt Clara");
  await expect(page.getByLabel("Permanent")).toBeChecked();
  await page.getByRole("button", { name: "Issue code" }).click();
  await expect(page.getByRole("region", { name: "For Aunt Clara" })).toBeVisible();
});

test("somebody else who signs in there starts with a new page", async ({ page }) => {
  await fillInPart(page);
  await endOnTheServer(page);
  await chooseAnother(page);
  await signInAgain(page, "manager");
  await expect(page.getByRole("heading", { level: 1, name: "Juniper Flats" })).toBeVisible();
  await expect(page.getByLabel("Guest", { exact: true })).toHaveCount(0);
});

test("leaving instead leads to the sign-in page", async ({ page }) => {
  await fillInPart(page);
  await endOnTheServer(page);
  await chooseAnother(page);
  await page.getByRole("dialog").getByRole("button", { name: "Leave this page" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
});

/** Lets time pass in the page; the server's clock, which doesn't run ahead with it, is taken along in its answers. */
async function passTime(page: Page): Promise<(minutes: number) => Promise<void>> {
  await page.clock.install();
  // The stream of events has the server's time too: it is silent for as long as this takes.
  await page.addInitScript(() => Object.assign(globalThis, { EventSource: class { close() {} } }));
  let ahead = 0;
  await page.route("**/api/v1/session", async (route) => {
    const session = await (await route.fetch()).json();
    const expires_at = new Date(Date.now() + ahead + 30 * MINUTE).toISOString();
    await route.fulfill({ json: { ...session, expires_at } });
  });
  // Other answers have the real time; the stream of events never ends.
  await page.route(/\/api\/v1\/(?!session|events)/, async (route) => {
    const answer = await route.fetch();
    const headers = { ...answer.headers() };
    delete headers.date;
    await route.fulfill({ response: answer, headers });
  });
  return async (minutes) => {
    ahead += minutes * MINUTE;
    await page.clock.fastForward(minutes * MINUTE);
  };
}

test("before an idle session ends, a warning offers to keep it", async ({ page }) => {
  const pass = await passTime(page);
  await fillInPart(page);
  await expect(page.getByText(/You’ll be signed out/)).toHaveCount(0);

  // Whoever types is there: no warning, and the session is kept alive.
  const keptAlive = page.waitForResponse("**/api/v1/session");
  await page.getByLabel("Guest", { exact: true }).press("End");
  await pass(29);
  await keptAlive;
  await expect(page.getByText(/You’ll be signed out/)).toHaveCount(0);

  await pass(29);
  const warning = page.getByRole("status").filter({ hasText: /You’ll be signed out in \d minutes? if you do nothing/ });
  await expect(warning).toBeVisible();
  await axe(page);
  await expect(page.getByLabel("Guest", { exact: true })).toHaveValue("Aunt Clara");
});

test("an idle session that has ended is covered, without anything being asked", async ({ page }) => {
  const pass = await passTime(page);
  await fillInPart(page);
  await pass(35);
  await expect(page.getByRole("dialog", { name: "Your session has ended" })).toBeVisible();
  await expect(page.getByLabel("Guest", { exact: true })).toBeHidden();
});

test("the warning goes by the server's time", async ({ page }) => {
  // The device's clock is an hour fast.
  await page.clock.install({ time: Date.now() + 60 * MINUTE });
  await fillInPart(page);
  await expect(page.getByText(/You’ll be signed out/)).toHaveCount(0);

  await page.route("**/api/v1/session", async (route) => {
    const answer = await route.fetch();
    const expires_at = new Date(Date.now() + 1.5 * MINUTE).toISOString();
    await route.fulfill({ response: answer, json: { ...(await answer.json()), expires_at } });
  });
  await page.reload();
  await expect(page.getByText("You’ll be signed out in 2 minutes if you do nothing")).toBeVisible();
});
