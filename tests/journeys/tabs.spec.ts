import type { BrowserContext, Page } from "@playwright/test";
import { axe, expect, firstProperty, PASSWORD, PEOPLE, type Person, signIn, test } from "./journey";

// Several tabs of one browser share a session, and a page may come back after it has ended.

const ended = (page: Page) => page.getByRole("dialog", { name: "Your session has ended" });

/** Opens a tab that is signed in as whoever is. */
async function openTab(context: BrowserContext, address: string): Promise<Page> {
  const tab = await context.newPage();
  await tab.goto(address);
  await expect(tab.getByRole("heading", { level: 1 })).toBeVisible();
  return tab;
}

async function signOut(page: Page): Promise<void> {
  await page.getByRole("button", { name: /^Account/ }).click();
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
}

async function fillInSignIn(page: Page, person: Person): Promise<void> {
  await page.getByLabel("Email").fill(PEOPLE[person]);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

/** As when the browser shows a tab again. */
const showAgain = (page: Page) =>
  page.evaluate(() => void document.dispatchEvent(new Event("visibilitychange", { bubbles: true })));

/** As when *Back* returns to a page that the browser has kept as it was. */
const comeBack = (page: Page) =>
  page.evaluate(() => {
    dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }));
    dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
  });

/** The session ends on the server, and no tab is told. */
async function endOnTheServer(page: Page): Promise<void> {
  const status = await page.evaluate(async () => (await fetch("/api/v1/session", { method: "DELETE" })).status);
  expect(status, "ended").toBeLessThan(300);
}

let residents: string;

test.beforeEach(async ({ page, calls }) => {
  test.slow();
  await signIn(page, "manager");
  residents = `/properties/${await firstProperty(await calls("manager"))}/residents`;
});

test("signing out in one tab covers the others, and signing in again there uncovers them", async ({ page, context }) => {
  await page.goto(residents);
  await expect(page.getByRole("rowheader").first()).toBeVisible();
  const other = await openTab(context, "/help");
  await signOut(other);

  await expect(ended(page)).toBeVisible();
  await expect(page.getByRole("rowheader").first(), "in the page still, but not to be seen").toBeHidden();
  await expect(page.getByRole("navigation")).toHaveCount(0);
  const read = await page.evaluate(() => (document.querySelector("main") as HTMLElement).innerText.trim());
  expect(read, "to be read or found").toBe("");
  await axe(page);

  await fillInSignIn(other, "manager");
  await expect(ended(page)).toBeHidden();
  await expect(page.getByRole("rowheader").first()).toBeVisible();
});

test("when somebody else signs in in another tab, this one becomes theirs", async ({ page, context }) => {
  await page.goto(residents);
  await expect(page.getByRole("rowheader").first()).toBeVisible();
  const other = await openTab(context, "/help");
  await signOut(other);
  await fillInSignIn(other, "support");

  await expect(page.getByRole("button", { name: /^Account/ })).toHaveAccessibleName(/Support/);
  await expect(page, "a page of their own").not.toHaveURL(/residents/);
});

test("a tab that is shown again looks at the session", async ({ page }) => {
  await page.goto(residents);
  await expect(page.getByRole("rowheader").first()).toBeVisible();
  await endOnTheServer(page);
  await showAgain(page);
  await expect(ended(page)).toBeVisible();

  // Meanwhile the same person has signed in somewhere that told nobody.
  await signIn(page, "manager");
  await showAgain(page);
  await expect(ended(page)).toBeHidden();
  await expect(page.getByRole("rowheader").first()).toBeVisible();
});

test("a page that comes back is covered until it is known who is signed in", async ({ page }) => {
  await page.goto(residents);
  await expect(page.getByRole("rowheader").first()).toBeVisible();
  await endOnTheServer(page);
  let answer = () => {};
  const held = new Promise<void>((resolve) => (answer = resolve));
  await page.route("**/api/v1/session", async (route) => {
    await held;
    await route.continue();
  });
  await comeBack(page);
  await expect(page.getByRole("rowheader").first()).toBeHidden();
  answer();
  await expect(ended(page)).toBeVisible();
  await expect(page.getByRole("rowheader").first()).toBeHidden();
});

test("a page that comes back to the same person is as it was", async ({ page }) => {
  await page.goto(residents);
  await expect(page.getByRole("rowheader").first()).toBeVisible();
  await comeBack(page);
  await expect(page.getByRole("rowheader").first()).toBeVisible();
  await expect(ended(page)).toBeHidden();
});

test("Back after signing out shows nobody's names", async ({ page, context }) => {
  await page.goto(residents);
  await expect(page.getByRole("rowheader").first()).toBeVisible();
  await page.goto("/manifest.webmanifest");
  const other = await openTab(context, "/help");
  await signOut(other);
  await page.goBack();
  await expect(page.getByLabel("Email")).toBeVisible();
  await expect(page.getByRole("rowheader").filter({ visible: true })).toHaveCount(0);
});
