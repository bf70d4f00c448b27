import type { Page } from "@playwright/test";
import { axe, expect, signIn, test } from "./journey";

test.describe("preferences", () => {
  const account = (page: Page) => page.getByRole("banner").getByRole("button", { name: /^(Account|Cuenta)/ });

  test("the language is remembered, in other tabs too, and can be changed back", async ({ page, context }) => {
    await signIn(page, "resident");
    await page.goto("/help");
    const html = page.locator("html");
    await expect(html).toHaveAttribute("lang", "en");
    await account(page).click();
    await page.getByRole("group", { name: "Language" }).getByRole("radio", { name: "Español" }).click();
    await expect(html).toHaveAttribute("lang", "es");
    await expect(page.getByRole("heading", { level: 1, name: "Ayuda" })).toBeVisible();
    await axe(page);
    await page.reload();
    await expect(html).toHaveAttribute("lang", "es");
    await expect(page.getByRole("heading", { level: 1, name: "Ayuda" })).toBeVisible();

    const tab = await context.newPage();
    await tab.goto("/settings");
    await expect(tab.locator("html")).toHaveAttribute("lang", "es");
    await expect(tab.getByRole("navigation", { name: "Principal" })).toBeVisible();
    const language = tab.getByRole("main").getByRole("group", { name: "Idioma" });
    await expect(language.getByRole("radio", { name: "Español" })).toBeChecked();
    await language.getByRole("radio", { name: "English" }).click();
    await expect(tab.getByRole("heading", { level: 1, name: "Settings" })).toBeVisible();
    await expect(tab.locator("html")).toHaveAttribute("lang", "en");
    await page.reload();
    await expect(html).toHaveAttribute("lang", "en");
    await expect(page.getByRole("heading", { level: 1, name: "Help" })).toBeVisible();
  });

  test("the theme is remembered, and applied before the first paint", async ({ page, context }) => {
    // The browser paints nothing before there is a body.
    await context.addInitScript(() => {
      new MutationObserver((_, observer) => {
        if (document.body) {
          observer.disconnect();
          Object.assign(globalThis, { first: document.documentElement.dataset.theme ?? "none" });
        }
      }).observe(document, { childList: true, subtree: true });
    });
    const atFirst = (page: Page) => page.evaluate(() => (globalThis as unknown as { first: string }).first);
    const background = (page: Page) => page.locator("body").evaluate((body) => getComputedStyle(body).backgroundColor);
    const theme = (page: Page) => page.getByRole("group", { name: "Theme" });
    const html = page.locator("html");

    await page.emulateMedia({ colorScheme: "light" });
    await signIn(page, "resident");
    await page.goto("/help");
    await account(page).click();
    await expect(theme(page).getByRole("radio", { name: "System" })).toBeChecked();
    expect(await atFirst(page)).toBe("none");
    const light = await background(page);
    await theme(page).getByRole("radio", { name: "Dark" }).check();
    await expect(html).toHaveAttribute("data-theme", "dark");
    expect(await background(page)).not.toBe(light);

    await page.reload();
    expect(await atFirst(page)).toBe("dark");
    await expect(html).toHaveAttribute("data-theme", "dark");
    const tab = await context.newPage();
    await tab.emulateMedia({ colorScheme: "dark" });
    await tab.goto("/settings");
    expect(await atFirst(tab)).toBe("dark");
    const choice = theme(tab).and(tab.locator("main *"));
    await expect(choice.getByRole("radio", { name: "Dark" })).toBeChecked();
    await choice.getByRole("radio", { name: "Light" }).check();
    expect(await background(tab), "whatever the system's theme is").toBe(light);
    await choice.getByRole("radio", { name: "System" }).check();
    await expect(tab.locator("html")).not.toHaveAttribute("data-theme");
    await tab.reload();
    expect(await atFirst(tab)).toBe("none");
    expect(await background(tab)).not.toBe(light);
  });
});
