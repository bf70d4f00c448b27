import type { Locator, Page } from "@playwright/test";
import { expect } from "./journey";

/** More tab stops than any page has. */
const MAX_STEPS = 150;

/** Moves the focus to an element with Tab; the focus must not get lost and must be visible there (WCAG 2.4.3, 2.4.7). */
export async function tabTo(page: Page, target: Locator, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
  await expect(target).toBeVisible();
  for (let step = 0; step < MAX_STEPS; step += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) {
      return expectVisibleFocus(page);
    }
    await page.keyboard.press(key);
  }
  throw new Error(`not reached by ${key}: ${target}`);
}

/** Presses an element with the keyboard. */
export async function press(page: Page, target: Locator, key = "Enter"): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press(key);
}

/** Replaces the text of a field. */
export async function write(page: Page, field: Locator, text: string): Promise<void> {
  await tabTo(page, field);
  await page.keyboard.press("Control+a");
  await page.keyboard.type(text);
}

/** Something on the page has the focus, and is visibly marked. */
async function expectVisibleFocus(page: Page): Promise<void> {
  const marked = await page.evaluate(() => {
    const focused = document.activeElement;
    if (!focused || focused === document.body) {
      return "nothing has the focus";
    }
    // The outline of a choice may be on its label or on a neighbour.
    const shown = [focused, focused.closest("label"), focused.nextElementSibling, focused.parentElement];
    const outlined = shown.some((element) => {
      const style = element && getComputedStyle(element);
      return style && ((style.outlineStyle !== "none" && style.outlineWidth !== "0px") || style.boxShadow !== "none");
    });
    return outlined ? "" : `not visible: ${focused.outerHTML.slice(0, 120)}`;
  });
  expect(marked, "the focus").toBe("");
}
