import { mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Locator, Page } from "@playwright/test";
import { axe, expect } from "./journey";

/**
 * Nothing on the page is wider than the screen, and nothing visible overflows the screen or a box that clips it. No cell's
 * label is taller than the cell, and no word of up to 16 letters is broken.
 */
export async function expectNoOverflow(page: Page): Promise<void> {
  const beyond = await page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement;
    const found = scrollWidth > clientWidth ? [`the page: ${scrollWidth} of ${clientWidth}`] : [];
    const range = document.createRange();
    const read = (text: Text) => {
      for (const { 0: word, index } of text.data.matchAll(/(?<!\S)\p{L}{2,16}(?!\S)/gu)) {
        range.setStart(text, index);
        range.setEnd(text, index + word.length);
        if (range.getClientRects().length > 1) {
          found.push(`${word} is broken`);
        }
      }
    };
    const look = (element: HTMLElement | SVGElement, from: number, to: number) => {
      const style = getComputedStyle(element);
      // Hidden, or for screen readers only.
      if (style.display === "none" || style.visibility === "hidden" || style.clipPath === "inset(50%)") {
        return;
      }
      // A dialog or popover isn't clipped by the elements that contain it.
      const over = element.matches("dialog[open], :popover-open");
      const [least, most] = over ? [0, clientWidth] : [from, to];
      const { left, right, width, height } = element.getBoundingClientRect();
      if (width > 0 && height > 0 && (right > most + 1 || left < least - 1)) {
        found.push(`${element.tagName.toLowerCase()}.${element.className}: ${left} to ${right} of ${least} to ${most}`);
        return;
      }
      const named = getComputedStyle(element, "::before").position === "absolute" && element.dataset.label;
      if (named && element.scrollHeight > element.clientHeight + 1) {
        found.push(`${named}: ${element.scrollHeight} of ${element.clientHeight} high`);
      }
      const cuts = style.overflowX === "clip" || style.overflowX === "hidden";
      for (const child of element.childNodes) {
        // Text that is clamped to a number of lines ends anywhere.
        if (child instanceof Text && style.webkitLineClamp === "none") {
          read(child);
        } else if (child instanceof HTMLElement || child instanceof SVGElement) {
          look(child, cuts ? Math.max(left, least) : least, cuts ? Math.min(right, most) : most);
        }
      }
    };
    look(document.body, 0, clientWidth);
    return found;
  });
  const { width } = page.viewportSize() ?? {};
  expect(beyond, `overflowing, clipped or broken on a screen of ${width} pixels`).toEqual([]);
}

/** Waits until animations that end have ended. */
export async function animationsFinished(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const ending = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().iterations !== Infinity);
    await Promise.allSettled(ending.map(({ finished }) => finished));
  });
}

/** Checks the page in its current state, on a desktop in the light theme and on the narrowest phone in the dark one. */
export async function checkAppearance(page: Page): Promise<void> {
  for (const [width, colorScheme] of [[320, "dark"], [1280, "light"]] as const) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 800 });
    await animationsFinished(page);
    await expectNoOverflow(page);
    await axe(page);
  }
}

/** The most of a long page that a screenshot shows, in pixels. */
const MAX_HEIGHT = 2400;

/** Saves a screenshot for people to look at: `target/screenshots/{folder}/{name}.png`. Not in CI, where nobody does. */
export async function saveScreenshot(page: Page, folder: string, name: string): Promise<void> {
  if (process.env.CI) {
    return;
  }
  const path = resolve(import.meta.dirname, "../../target/screenshots", folder, `${name}.png`);
  mkdirSync(dirname(path), { recursive: true });
  const { width, height, laidOver } = await page.evaluate(() => ({
    width: document.documentElement.clientWidth,
    height: document.documentElement.scrollHeight,
    laidOver: document.querySelector("dialog[open], :popover-open") !== null,
  }));
  const clip = { x: 0, y: 0, width, height: Math.min(height, MAX_HEIGHT) };
  await page.screenshot({ path, ...(laidOver ? {} : { fullPage: true, clip }) });
}

/** The digits that are shown within an element, from the text for screen readers. */
export async function digitsIn(place: Locator): Promise<string> {
  const spoken = place.getByText(/^(\d ){3,5}\d ?$/);
  await expect(spoken).toHaveCount(1);
  return (await spoken.innerText()).replaceAll(" ", "");
}

/** A long list loads more by itself: a second page after the first, and another at its end. */
export async function loadsMore(page: Page, table: Locator): Promise<void> {
  const blocks = table.locator("tbody");
  await expect.poll(() => blocks.count(), "the second page").toBeGreaterThan(1);
  const before = await blocks.count();
  await page.keyboard.press("End");
  await expect.poll(() => blocks.count(), "the page after that").toBeGreaterThan(before);
  await expect(table.getByRole("rowheader").last()).toBeVisible();
}
