import type { APIRequestContext } from "@playwright/test";
import { axe, expect, firstProperty, messages, signIn, test } from "./journey";

let api: APIRequestContext;
let property: string;

test.beforeEach(async ({ page, calls }) => {
  api = await calls("manager");
  property = await firstProperty(api);
  await signIn(page, "manager");
});

test.describe("a door", () => {
  test("shows its lock, what is in its slots, and what happened there", async ({ page }) => {
    await page.goto(`/properties/${property}/doors?q=Unit+111`);
    await page.getByRole("link", { name: "Unit 111 front door" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Unit 111 front door" })).toBeVisible();
    await expect(page.getByRole("definition").filter({ hasText: "Online" })).toBeVisible();
    const slots = page.getByRole("table", { name: "Codes on the lock" });
    await expect(slots.getByRole("row").nth(1)).toContainText("Working");
    await expect(page.getByRole("heading", { name: "What happened here" })).toBeVisible();
    await axe(page);
  });

  test("leads to issuing a code for it", async ({ page }) => {
    await page.goto(`/properties/${property}/doors?q=Unit+111`);
    await page.getByRole("link", { name: "Unit 111 front door" }).click();
    await page.getByRole("link", { name: "Issue a guest code for this door" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Issue a guest code" })).toBeVisible();
    await expect(page.getByRole("checkbox", { name: /Unit 111 front door/ })).toBeChecked();
  });
});

test.describe("the hubs", () => {
  test("say whether they answer when they are tested", async ({ page }) => {
    await page.goto(`/properties/${property}/hubs`);
    const table = page.getByRole("table", { name: "Hubs" });
    const row = table.getByRole("row").filter({ hasText: "North wing hub" });
    await expect(row).toContainText("Simulated");
    await row.getByRole("button", { name: "Test North wing hub" }).click();
    const dialog = page.getByRole("dialog", { name: "Test of North wing hub" });
    await expect(dialog).toContainText("The hub answered");
    await axe(page);
    await dialog.getByRole("button", { name: "Close" }).click();
    await row.getByRole("button", { name: "Remove North wing hub" }).click();
    const remove = page.getByRole("dialog", { name: "Remove North wing hub?" });
    await remove.getByRole("button", { name: "Remove" }).click();
    await expect(remove.getByRole("alert")).toContainText("Unlink them first");
  });

  test("that can’t be added say why at the field", async ({ page }) => {
    await page.goto(`/properties/${property}/hubs`);
    await page.getByRole("textbox", { name: "Name" }).fill("Attic hub");
    await page.getByRole("textbox", { name: "Address" }).fill("ws://hub.example.com:3000");
    await page.getByRole("button", { name: "Add and test" }).click();
    await expect(page.getByRole("textbox", { name: "Address" })).toHaveAccessibleDescription(/unencrypted/);
    await axe(page);
  });

  test("have locks, of which one is exchanged for another", async ({ page }) => {
    test.slow();
    await page.goto(`/properties/${property}/doors?q=Unit+119`);
    await page.getByRole("link", { name: "Unit 119 front door" }).click();
    const here = page.getByRole("table", { name: "Codes on the lock" });
    await expect(here).toContainText("Working");
    const before = await here.getByRole("row").count();
    await page.getByRole("link", { name: "Exchange the lock" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Hubs" })).toBeVisible();
    await page.getByRole("link", { name: "North wing hub" }).click();
    const spare = page.getByRole("table", { name: "Locks of a hub" }).getByRole("row").filter({ hasText: "Spare-lock" });
    await spare.getByRole("button", { name: /^Link to a door/ }).click();
    const dialog = page.getByRole("dialog", { name: /^Link Spare-lock/ });
    await expect(dialog).toContainText("This exchanges the door’s lock");
    await axe(page);
    await dialog.getByRole("button", { name: "Link", exact: true }).click();
    await expect(messages(page)).toContainText("Unit 119 front door has this lock now");
    await spare.getByRole("link", { name: "Unit 119 front door" }).click();
    const slots = page.getByRole("table", { name: "Codes on the lock" });
    await expect(slots.getByRole("row")).toHaveCount(before);
    await expect(slots).toContainText("Working");
    await expect(page.getByRole("heading", { name: "Former lock" })).toHaveCount(0);
  });
});
