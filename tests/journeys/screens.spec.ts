import type { Page } from "@playwright/test";
import { axe, expect, type Person, signIn, test } from "./journey";
import { animationsFinished, expectNoOverflow, saveScreenshot } from "./appearance";
import { findPlaces, SCREENS, show } from "./screens";

// A trace takes longer than the checks, and there are screenshots.
test.use({ trace: "off" });

const HEIGHT = 900;

/** The cookies of people who signed in for an earlier screen: signing in is the subject of another journey. */
const cookies = new Map<Person, Awaited<ReturnType<ReturnType<Page["context"]>["cookies"]>>>();

async function signInOnce(page: Page, person: Person): Promise<void> {
  const known = cookies.get(person);
  if (known) {
    return page.context().addCookies(known);
  }
  await signIn(page, person);
  cookies.set(person, await page.context().cookies());
}

/** Shows the same page on a screen of that width. */
async function resize(page: Page, width: number, media: Parameters<Page["emulateMedia"]>[0]): Promise<void> {
  await page.emulateMedia(media);
  await page.setViewportSize({ width, height: HEIGHT });
  await animationsFinished(page);
  await expectNoOverflow(page);
}

for (const screen of SCREENS) {
  const { person, name } = screen;
  const picked = `${person ?? "anybody"}-${name}`;

  test(`${picked} is accessible and fits, in both themes, on any screen, in any language`, async ({ page, calls }) => {
    const at = await findPlaces(calls);
    if (person !== undefined) {
      await signInOnce(page, person);
    }
    await page.setViewportSize({ width: 1280, height: HEIGHT });
    await show(page, screen, at);
    for (const [width, colorScheme] of [[1280, "light"], [1280, "dark"], [320, "dark"], [320, "light"]] as const) {
      await resize(page, width, { colorScheme });
      await axe(page);
      await saveScreenshot(page, `${colorScheme}-${width}`, picked);
    }
    for (const width of [390, 720, 820, 1024, 2560]) {
      await resize(page, width, { colorScheme: "light" });
      await saveScreenshot(page, `light-${width}`, picked);
    }

    // Colours are the system's own here, so there is no contrast to check.
    for (const width of [320, 1280]) {
      await resize(page, width, { forcedColors: "active", reducedMotion: "reduce" });
      await saveScreenshot(page, `forced-${width}`, picked);
    }
    await axe(page, { contrast: false });
    await page.emulateMedia({ forcedColors: "none", reducedMotion: "no-preference" });

    await page.evaluate(() => localStorage.setItem("latchkey.language", "es"));
    // Changing only the fragment wouldn't load the page again.
    await page.goto("about:blank");
    await show(page, screen, at);
    await expect(page.locator("html")).toHaveAttribute("lang", "es");
    for (const width of [1280, 1024, 820, 720, 320]) {
      await resize(page, width, { colorScheme: "light" });
      await saveScreenshot(page, `spanish-${width}`, picked);
    }
  });
}
