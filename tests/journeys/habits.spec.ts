import type { Page } from "@playwright/test";
import { issue, issueByForm, revokeOf, someGuest } from "./guests";
import { axe, expect, firstProperty, messages, signIn, test } from "./journey";
import { digitsIn } from "./looks";

// What people are used to from other programs, and nobody's job in particular.

test.describe("undo", () => {
  test("of a switched feature is still there on another page, and puts it back", async ({ page, calls }) => {
    const manager = await calls("manager");
    const url = `/api/v1/properties/${await firstProperty(manager)}`;
    const isOn = async () => (await (await manager.get(url)).json()).custom_codes_enabled;
    const before = await isOn();
    await signIn(page, "manager");
    await page.goto("/");
    try {
      const feature = page.getByRole("region", { name: "Custom access codes" });
      await feature.getByRole("switch").setChecked(!before, { force: true });
      await feature.getByRole("button", { name: "Save" }).click();
      const message = messages(page).getByText(before ? "Custom codes are off." : "Custom codes are on.");
      await expect(message).toBeVisible();
      expect(await isOn()).toBe(!before);

      const nav = page.getByRole("navigation", { name: "Main" });
      await nav.getByRole("link", { name: "Doors" }).click();
      await expect(page.getByRole("heading", { level: 1, name: "Doors" })).toBeVisible();
      await expect(message).toBeVisible();
      await axe(page);
      await messages(page).getByRole("button", { name: "Undo" }).click();
      await expect(messages(page).getByText("As it was before.")).toBeVisible();
      await expect(message).toHaveCount(0);
      expect(await isOn()).toBe(before);

      await nav.getByRole("link", { name: "Overview" }).click();
      await expect(feature.getByRole("switch")).toBeChecked({ checked: before });
      await expect(feature).toContainText(before ? "Turned on by you" : "Turned off by you");
    } finally {
      const now = await manager.get(url);
      if ((await now.json()).custom_codes_enabled !== before) {
        const headers = { "If-Match": now.headers().etag ?? "" };
        await manager.patch(url, { data: { custom_codes_enabled: before }, headers });
      }
    }
  });
});

test.describe("copying", () => {
  test.use({ permissions: ["clipboard-read", "clipboard-write"] });

  const pasted = (page: Page) => page.evaluate(() => navigator.clipboard.readText());

  /** All that the browser keeps of the page, or shows of it in its history. */
  const kept = (page: Page) =>
    page.evaluate(async () => {
      const { cookie, referrer, title } = document;
      const databases = (await indexedDB.databases()).map(({ name }) => name);
      const stored = [{ ...localStorage }, { ...sessionStorage }, databases];
      return JSON.stringify([location.href, history.state, cookie, referrer, title, window.name, stored]);
    });

  test("R30 R32: puts the code that was just issued into the clipboard, and nowhere else", async ({ page, calls }) => {
    const resident = await calls("resident");
    const guest = someGuest();
    await signIn(page, "resident");
    try {
      const issued = await issueByForm(page, guest);
      const digits = await digitsIn(issued);
      await issued.getByRole("button", { name: "Copy code" }).click();
      await expect(messages(page).getByText("Code copied.")).toBeVisible();
      expect(await pasted(page)).toBe(digits);
      expect(await kept(page)).not.toContain(digits);
      await expect(messages(page)).not.toContainText(digits);
      await axe(page);

      await issued.getByRole("button", { name: "Hide", exact: true }).click();
      await expect(issued.getByText("hidden digits")).toBeAttached();
      await expect(page.locator("body")).not.toContainText(digits);
      await expect(page.getByRole("button", { name: "Copy code" }), "what isn't shown isn't copied").toHaveCount(0);
      expect(await kept(page)).not.toContain(digits);
    } finally {
      await revokeOf(resident, guest);
    }
  });

  test("R32: puts the link of a pass into the clipboard, without digits", async ({ page, calls }) => {
    const resident = await calls("resident");
    const guest = someGuest();
    const { id, code } = await issue(resident, guest);
    await signIn(page, "resident");
    try {
      await page.goto(`/guest-codes/${id}`);
      await page.getByRole("button", { name: "Make a link" }).click();
      const dialog = page.getByRole("dialog", { name: "Link for the guest" });
      const link = await dialog.getByRole("textbox", { name: "Link" }).inputValue();
      await dialog.getByRole("button", { name: "Copy link" }).click();
      await expect(messages(page).getByText("Link copied.")).toBeVisible();
      expect(await pasted(page)).toBe(link);
      expect(link).not.toContain(code);
      const secret = new URL(link).hash.slice(1);
      expect(secret).not.toBe("");
      expect(await kept(page)).not.toContain(secret);

      await dialog.getByRole("button", { name: "Done" }).click();
      await expect(dialog).toBeHidden();
      expect(await page.content(), "with its dialog it is gone").not.toContain(secret);
    } finally {
      await revokeOf(resident, guest);
    }
  });

  test("that the browser refuses is said, with what to do instead", async ({ page, calls }) => {
    const resident = await calls("resident");
    const guest = someGuest();
    await signIn(page, "resident");
    await page.addInitScript(() => {
      navigator.clipboard.writeText = () => Promise.reject(new DOMException("Not allowed", "NotAllowedError"));
    });
    try {
      const issued = await issueByForm(page, guest);
      await issued.getByRole("button", { name: "Copy code" }).click();
      await expect(messages(page)).toContainText("Select the text and copy it by hand.");
      await expect(messages(page).getByText("Code copied.")).toHaveCount(0);
    } finally {
      await revokeOf(resident, guest);
    }
  });
});

test.describe("what one chose", () => {
  const account = (page: Page) => page.getByRole("banner").getByRole("button", { name: /^(Account|Cuenta)/ });

  test("the language is remembered, in another tab too, and can be set back", async ({ page, context }) => {
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

  test("the theme is remembered, and there before anything is painted", async ({ page, context }) => {
    // Nothing is painted before there is a body.
    await context.addInitScript(() => {
      new MutationObserver((_, observer) => {
        if (document.body) {
          observer.disconnect();
          Object.assign(globalThis, { first: document.documentElement.dataset.theme ?? "none" });
        }
      }).observe(document, { childList: true, subtree: true });
    });
    const atFirst = (page: Page) => page.evaluate(() => (globalThis as unknown as { first: string }).first);
    const paper = (page: Page) => page.locator("body").evaluate((body) => getComputedStyle(body).backgroundColor);
    const theme = (page: Page) => page.getByRole("group", { name: "Theme" });
    const html = page.locator("html");

    await page.emulateMedia({ colorScheme: "light" });
    await signIn(page, "resident");
    await page.goto("/help");
    await account(page).click();
    await expect(theme(page).getByRole("radio", { name: "System" })).toBeChecked();
    expect(await atFirst(page)).toBe("none");
    const light = await paper(page);
    await theme(page).getByRole("radio", { name: "Dark" }).check();
    await expect(html).toHaveAttribute("data-theme", "dark");
    expect(await paper(page)).not.toBe(light);

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
    expect(await paper(tab), "whatever the system has").toBe(light);
    await choice.getByRole("radio", { name: "System" }).check();
    await expect(tab.locator("html")).not.toHaveAttribute("data-theme");
    await tab.reload();
    expect(await atFirst(tab)).toBe("none");
    expect(await paper(tab)).not.toBe(light);
  });
});
