// What runs in the page. Each function is sent there as text, so it can use nothing of this file but the globals that it
// finds there.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** What is sought on the page: as people find it, and as a screen reader names it. */
export interface Thing {
  by: "role" | "label" | "text";
  /** The role itself, or what the label or text says. */
  what: Words;
  /** The accessible name of what has a role. */
  name?: Words;
  /** What it is in. */
  within?: Thing;
}

/** A whole text, or a pattern that it matches, in a form that can be sent to the page. */
export type Words = string | { pattern: string; flags: string };

/** What the page says of a thing. */
export interface Seen {
  text: string;
  value?: string;
  checked?: boolean;
}

/** Testing Library, which finds things in a page by role, label and text. */
export const LIBRARY = (() => {
  const main = createRequire(import.meta.url).resolve("@testing-library/dom");
  return readFileSync(join(dirname(main), "@testing-library/dom.umd.min.js"), "utf8");
})();

interface Page {
  TestingLibraryDom?: typeof import("@testing-library/dom");
  journey?: { find: (thing: Thing) => HTMLElement[]; hit: boolean };
}

/** Whether the page has what the other functions need: {@link LIBRARY}, and then {@link prepare}. */
export const isPrepared = () => "journey" in globalThis;

export function prepare(): void {
  const page = globalThis as Page;
  const { queryAllByLabelText, queryAllByRole, queryAllByText } = page.TestingLibraryDom!;
  const words = (given: Words) => (typeof given === "string" ? given : new RegExp(given.pattern, given.flags));
  const findIn = (place: HTMLElement, { by, what, name }: Thing): HTMLElement[] => {
    switch (by) {
      case "role":
        return queryAllByRole(place, what as string, name === undefined ? {} : { name: words(name) });
      case "label":
        return queryAllByLabelText(place, words(what));
      case "text":
        return queryAllByText(place, words(what));
    }
  };
  const find = (thing: Thing): HTMLElement[] => {
    const places = thing.within ? find(thing.within) : [document.body];
    const found = new Set(places.flatMap((place) => findIn(place, thing)));
    return [...found].filter((element) => element.checkVisibility({ visibilityProperty: true }));
  };
  page.journey = { find, hit: false };
}

/** What there is of a thing. */
export function look(thing: Thing): Seen[] {
  return (globalThis as Page).journey!.find(thing).map((element) => {
    const { value, checked } = element as HTMLInputElement;
    return { text: element.innerText, value, checked };
  });
}

/** The thing once it can be clicked, or why it can't. */
export async function ready(thing: Thing): Promise<Element | string> {
  const journey = (globalThis as Page).journey!;
  const found = journey.find(thing);
  const [element] = found;
  if (!element || found.length > 1) {
    return found.length === 0 ? "isn't there" : `is there ${found.length} times`;
  }
  const { labels } = element as HTMLInputElement;
  element.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
  const before = element.getBoundingClientRect();
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  const { left, top, width, height } = element.getBoundingClientRect();
  if (left !== before.left || top !== before.top || width !== before.width || height !== before.height) {
    return "moves";
  }
  if (element.matches(":disabled")) {
    return "is disabled";
  }
  const onTop = document.elementFromPoint(left + width / 2, top + height / 2);
  if (![element, ...(labels ?? [])].some((each) => each.contains(onTop))) {
    return `is covered by ${onTop?.outerHTML.slice(0, 80)}`;
  }
  journey.hit = false;
  element.addEventListener("click", () => (journey.hit = true), { capture: true, once: true });
  return element;
}

/** Whether a click hit what was {@link ready} for it. It misses what moves just then. */
export async function isHit(): Promise<boolean> {
  // Without it, the click has led to another page.
  const { journey } = globalThis as Page;
  for (let looks = 0; journey && !journey.hit && looks < 10; looks += 1) {
    await new Promise((passed) => setTimeout(passed, 50));
  }
  return journey?.hit ?? true;
}

/** Gives a field a value, and tells the page. */
export function pick(thing: Thing, value: string): void {
  const [field] = (globalThis as Page).journey!.find(thing) as HTMLInputElement[];
  field!.value = value;
  field!.dispatchEvent(new Event("input", { bubbles: true }));
  field!.dispatchEvent(new Event("change", { bubbles: true }));
}

/** What is stretched beyond its own content or cut off in the dialogs and menus that are open. */
export function misshapen(): string[] {
  const range = document.createRange();
  const within = (selector: string) => [...document.querySelectorAll(`:is(dialog[open], :popover-open) ${selector}`)];
  const stretched = within(":is(h2, p, button)").flatMap((element) => {
    range.selectNodeContents(element);
    const [outer, inner] = [element.getBoundingClientRect().height, range.getBoundingClientRect().height];
    return outer > inner + 32 ? [`${element.textContent} is ${outer} high, for ${inner}`] : [];
  });
  const cut = within("*").flatMap((element) => {
    const { scrollHeight, clientHeight, className } = element;
    const hides = ["hidden", "clip"].includes(getComputedStyle(element).overflowY) && clientHeight > 1;
    return hides && scrollHeight > clientHeight + 1 ? [`${className} shows ${clientHeight} of ${scrollHeight}`] : [];
  });
  return [...stretched, ...cut];
}

/** The page as somebody reads it. */
export function read(): string {
  return [location.href, document.title, document.body.innerText].join("\n\n");
}
