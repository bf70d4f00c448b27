import type { Locator, Page } from "@playwright/test";
import { axe, expect } from "./journey";

/** Nothing on the page is wider than the screen. */
export async function fits(page: Page): Promise<void> {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(overflow, "columns beyond the screen").toBeLessThanOrEqual(0);
}

/** The page as it is, in both themes, on a desk and on phones. Then a desk in the light again. */
export async function everywhere(page: Page): Promise<void> {
  const screens = [
    [1280, "dark"],
    [390, "light"],
    [320, "dark"],
    [1280, "light"],
  ] as const;
  for (const [width, colorScheme] of screens) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 800 });
    await fits(page);
    await axe(page);
  }
}

/** The digits that are shown within something, as they are read out. */
export async function digitsIn(place: Locator): Promise<string> {
  const spoken = place.getByText(/^(\d ){3,5}\d ?$/);
  await expect(spoken).toHaveCount(1);
  return (await spoken.innerText()).replaceAll(" ", "");
}
