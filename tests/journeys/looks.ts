import { mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Locator, Page } from "@playwright/test";
import { axe, expect } from "./journey";

/**
 * Nothing on the page is wider than the screen, and nothing that one sees reaches beyond its sides or those of a box that cuts it.
 * No cell's name is higher than the cell, and no word is broken that is not longer than words mostly are.
 */
export async function fits(page: Page): Promise<void> {
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
      // Hidden, or there for those who hear the page.
      if (style.display === "none" || style.visibility === "hidden" || style.clipPath === "inset(50%)") {
        return;
      }
      // What is laid over the page isn't cut by what it is written in.
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
        // What is cut short by its lines ends anywhere.
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
  expect(beyond, `what is wider than the screen of ${width} pixels, is cut, or is broken`).toEqual([]);
}

/** What moves for a moment has come to rest. */
export async function atRest(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const ending = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().iterations !== Infinity);
    await Promise.allSettled(ending.map(({ finished }) => finished));
  });
}

/** The state in which the page is, on a desk in the light and on the narrowest phone in the dark. */
export async function everywhere(page: Page): Promise<void> {
  for (const [width, colorScheme] of [[320, "dark"], [1280, "light"]] as const) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 800 });
    await atRest(page);
    await fits(page);
    await axe(page);
  }
}

/** How much of a long page is in its picture, in pixels. */
const PICTURED = 2400;

/** Keeps a picture of the page for people to look at: `target/screenshots/{folder}/{name}.png`. */
export async function picture(page: Page, folder: string, name: string): Promise<void> {
  const path = resolve(import.meta.dirname, "../../target/screenshots", folder, `${name}.png`);
  mkdirSync(dirname(path), { recursive: true });
  const { width, height, laidOver } = await page.evaluate(() => ({
    width: document.documentElement.clientWidth,
    height: document.documentElement.scrollHeight,
    laidOver: document.querySelector("dialog[open], :popover-open") !== null,
  }));
  const clip = { x: 0, y: 0, width, height: Math.min(height, PICTURED) };
  await page.screenshot({ path, ...(laidOver ? {} : { fullPage: true, clip }) });
}

/** The digits that are shown within something, as they are read out. */
export async function digitsIn(place: Locator): Promise<string> {
  const spoken = place.getByText(/^(\d ){3,5}\d ?$/);
  await expect(spoken).toHaveCount(1);
  return (await spoken.innerText()).replaceAll(" ", "");
}

/** A long list goes on by itself: its second page comes where the first only fills the screen, and more at its end. */
export async function goesOn(page: Page, table: Locator): Promise<void> {
  const blocks = table.locator("tbody");
  await expect.poll(() => blocks.count(), "the second page").toBeGreaterThan(1);
  const before = await blocks.count();
  await page.keyboard.press("End");
  await expect.poll(() => blocks.count(), "the page after those").toBeGreaterThan(before);
  await expect(table.getByRole("rowheader").last()).toBeVisible();
}
