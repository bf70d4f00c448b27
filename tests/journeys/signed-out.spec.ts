import { axe, expect, test } from "./journey";

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
