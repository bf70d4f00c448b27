import { axe, expect, PASSWORD, PEOPLE, test } from "./journey";

test("somebody who is signed out is asked to sign in", async ({ page }) => {
  await page.goto("/");

  await expect(page.getByLabel("Email")).toBeVisible();
  await expect(page.getByLabel("Password")).toBeVisible();
  await expect(page.getByRole("button", { name: "Sign in" })).toBeEnabled();
  await axe(page);
});

test("the sign-in page fits a narrow phone", async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  await page.goto("/");

  await expect(page.getByRole("button", { name: "Sign in" })).toBeInViewport();
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(overflow, "pixels beyond the screen").toBeLessThanOrEqual(0);
  await axe(page);
});

test("a browser that doesn't keep the cookie is told apart from a session that has ended", async ({ page }) => {
  // As WebKit over plain http.
  await page.route("**/api/v1/session", async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    const user = { id: crypto.randomUUID(), name: "Ada Brandt", email: PEOPLE.resident, roles: ["resident"] };
    await route.fulfill({ json: { user, expires_at: new Date(Date.now() + 1_800_000).toISOString(), demo: true } });
  });
  await page.goto("/");
  await page.getByLabel("Email").fill(PEOPLE.resident);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();

  const alert = page.getByRole("alert");
  await expect(alert).toContainText("this browser didn’t keep the cookie");
  await expect(alert).toContainText("Open this page over https or in another browser");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await axe(page);
});

test("what a password manager fills in without a word is sent", async ({ page }) => {
  await page.goto("/");
  await page.getByLabel("Email").evaluate((field, value) => void ((field as HTMLInputElement).value = value), PEOPLE.resident);
  await page.getByLabel("Password").evaluate((field, value) => void ((field as HTMLInputElement).value = value), PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "My access" })).toBeVisible();
});

test("what was wrong with a field goes when the field is mended", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toContainText("Some fields need attention");
  await page.getByLabel("Email").fill(PEOPLE.resident);
  await expect(page.getByRole("alert")).toContainText("One field needs attention");
  await expect(page.getByLabel("Email")).not.toHaveAttribute("aria-invalid");
  await page.getByLabel("Password").fill("anything");
  await expect(page.getByRole("alert")).toHaveCount(0);
});
