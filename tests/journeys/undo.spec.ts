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
});
