import type { Page } from "@playwright/test";
import { axe, expect, type Person, signIn, test } from "./journey";
import { atRest, fits, picture } from "./looks";
import { places, SCREENS, show } from "./screens";

// Recording what is looked at so often takes longer than looking; there are pictures.
test.use({ trace: "off" });

const HEIGHT = 900;

/** The cookies of whoever signed in for a screen before: signing in is another journey's. */
const cookies = new Map<Person, Awaited<ReturnType<ReturnType<Page["context"]>["cookies"]>>>();

async function signInOnce(page: Page, person: Person): Promise<void> {
  const known = cookies.get(person);
  if (known) {
    return page.context().addCookies(known);
  }
  await signIn(page, person);
  cookies.set(person, await page.context().cookies());
}

/** The same page on a screen of that width. */
async function look(page: Page, width: number, media: Parameters<Page["emulateMedia"]>[0]): Promise<void> {
  await page.emulateMedia(media);
  await page.setViewportSize({ width, height: HEIGHT });
  await atRest(page);
  await fits(page);
}

for (const screen of SCREENS) {
  const { person, name } = screen;
  const picked = `${person ?? "anybody"}-${name}`;

  test(`${picked} is accessible and fits, in both themes, on any screen, in any language`, async ({ page, calls }) => {
    const at = await places(calls);
    if (person !== undefined) {
      await signInOnce(page, person);
    }
    await page.setViewportSize({ width: 1280, height: HEIGHT });
    await show(page, screen, at);
    for (const [width, colorScheme] of [[1280, "light"], [1280, "dark"], [320, "dark"], [320, "light"]] as const) {
      await look(page, width, { colorScheme });
      await axe(page);
      await picture(page, `${colorScheme}-${width}`, picked);
    }
    for (const width of [390, 720, 820, 1024, 2560]) {
      await look(page, width, { colorScheme: "light" });
      await picture(page, `light-${width}`, picked);
    }

    // Colours are the system's own there, so that there is no contrast of ours to look at.
    for (const width of [320, 1280]) {
      await look(page, width, { forcedColors: "active", reducedMotion: "reduce" });
      await picture(page, `forced-${width}`, picked);
    }
    await axe(page, { contrast: false });
    await page.emulateMedia({ forcedColors: "none", reducedMotion: "no-preference" });

    await page.evaluate(() => localStorage.setItem("latchkey.language", "es"));
    // A fragment alone doesn't load the page anew.
    await page.goto("about:blank");
    await show(page, screen, at);
    await expect(page.locator("html")).toHaveAttribute("lang", "es");
    for (const width of [1280, 1024, 820, 720, 320]) {
      await look(page, width, { colorScheme: "light" });
      await picture(page, `spanish-${width}`, picked);
    }
  });
}
