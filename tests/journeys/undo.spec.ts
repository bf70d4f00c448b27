import { axe, expect, firstProperty, messages, signIn, test } from "./journey";

test.describe("undo", () => {
  test("of switching a feature stays available on other pages, and switches it back", async ({ page, calls }) => {
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
      await expect(messages(page).getByText("Change undone.")).toBeVisible();
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

  test("can be pressed over a dialog, where the message also is when it opens and when it closes", async ({ page }) => {
    await signIn(page, "manager");
    await page.goto("/");
    const feature = page.getByRole("region", { name: "Custom access codes" });
    const on = feature.getByRole("switch");
    await expect(on).toBeVisible();
    const before = await on.isChecked();
    await on.setChecked(!before, { force: true });
    await feature.getByRole("button", { name: "Save" }).click();
    const message = messages(page).getByText(before ? "Custom codes are off." : "Custom codes are on.");
    await expect(message).toBeVisible();

    await page.keyboard.press("Control+k");
    const palette = page.getByRole("dialog");
    await expect(palette).toBeVisible();
    await expect(message).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(palette).toBeHidden();
    await expect(message, "back on the page").toBeVisible();

    await page.keyboard.press("Control+k");
    await expect(palette).toBeVisible();
    await messages(page).getByRole("button", { name: "Undo" }).click();
    await expect(messages(page).getByText("Change undone.")).toBeVisible();
    await expect(palette, "the dialog stays").toBeVisible();
    await axe(page);
    await page.keyboard.press("Escape");
    await expect(on).toBeChecked({ checked: before });
  });

  for (const ends of ["somebody signs out", "the session ends"]) {
    test(`goes, with every message, when ${ends}`, async ({ page, calls }) => {
      const manager = await calls("manager");
      const url = `/api/v1/properties/${await firstProperty(manager)}`;
      const read = async () => {
        const answer = await manager.get(url);
        return { on: (await answer.json()).custom_codes_enabled as boolean, headers: { "If-Match": answer.headers().etag ?? "" } };
      };
      const before = await read();
      await signIn(page, "manager");
      await page.goto("/");
      try {
        const feature = page.getByRole("region", { name: "Custom access codes" });
        await feature.getByRole("switch").setChecked(!before.on, { force: true });
        await feature.getByRole("button", { name: "Save" }).click();
        const message = page.getByText(before.on ? "Custom codes are off." : "Custom codes are on.", { exact: true });
        await expect(message.last()).toBeVisible();
        if (ends === "somebody signs out") {
          await page.getByRole("button", { name: /^Account/ }).click();
          await page.getByRole("button", { name: "Sign out" }).click();
          await expect(page.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
        } else {
          // The page is told of it, and nobody has to touch anything.
          await page.evaluate(() => fetch("/api/v1/session", { method: "DELETE" }));
          await expect(page.getByRole("dialog", { name: "Your session has ended" })).toBeVisible();
        }
        // Not only after the half minute that it is shown.
        await expect(message, "neither shown nor announced").toHaveCount(0, { timeout: 5_000 });
      } finally {
        const { on, headers } = await read();
        if (on !== before.on) {
          await manager.patch(url, { data: { custom_codes_enabled: before.on }, headers });
        }
      }
    });
  }
});
