import type { Locator, Page } from "@playwright/test";
import { expect } from "./journey";

/** More elements than any page has before what one looks for. */
const STEPS_MOST = 150;

/** Goes to an element by Tab, which is never lost and always seen on the way (WCAG 2.4.7, 2.4.3). */
export async function tabTo(page: Page, target: Locator, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
  await expect(target).toBeVisible();
  for (let step = 0; step < STEPS_MOST; step += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) {
      return seen(page);
    }
    await page.keyboard.press(key);
  }
  throw new Error(`not reached by ${key}: ${target}`);
}

/** Presses an element by keyboard. */
export async function press(page: Page, target: Locator, key = "Enter"): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press(key);
}

/** Writes into a field in place of what is there. */
export async function write(page: Page, field: Locator, text: string): Promise<void> {
  await tabTo(page, field);
  await page.keyboard.press("Control+a");
  await page.keyboard.type(text);
}

/** What has the focus is somewhere on the page, and is marked. */
async function seen(page: Page): Promise<void> {
  const marked = await page.evaluate(() => {
    const focused = document.activeElement;
    if (!focused || focused === document.body) {
      return "nothing has the focus";
    }
    // A choice's mark may be on what stands for it.
    const shown = [focused, focused.closest("label"), focused.nextElementSibling, focused.parentElement];
    const outlined = shown.some((element) => {
      const style = element && getComputedStyle(element);
      return style && ((style.outlineStyle !== "none" && style.outlineWidth !== "0px") || style.boxShadow !== "none");
    });
    return outlined ? "" : `not seen: ${focused.outerHTML.slice(0, 120)}`;
  });
  expect(marked, "the focus").toBe("");
}
