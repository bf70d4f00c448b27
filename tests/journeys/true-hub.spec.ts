import { beAdministrator, type House, startHouse } from "./house";
import { axe, expect, messages, test } from "./journey";
import { hubIsInstalled, TrueHub } from "./true-hub";

// What docs/hubs.md leads through, on the true Z-Wave JS over a mock radio, with a server of this journey's own that has no
// demonstration.
test.skip(!hubIsInstalled, "Z-Wave JS is not installed");

let house: House;
let hub: TrueHub;

test.beforeEach(async () => {
  [house, hub] = await Promise.all([startHouse(), TrueHub.start()]);
});

test.afterEach(async () => {
  await house.end();
  await hub.end();
});

test("R24 R35: a code is on a real lock, and opens it until the lock has confirmed its removal", async ({ page }) => {
  test.setTimeout(240_000);
  await beAdministrator(page, house);
  await page.getByRole("button", { name: "Become administrator" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Add a property" })).toBeVisible();
  await page.getByLabel("Name").fill("Willow Court");
  await page.getByLabel("I manage this property").check();
  await page.getByRole("button", { name: "Add property" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Buildings, units and doors" })).toBeVisible();
  await page.getByLabel("Door’s name").fill("Gate");
  await page.locator(".card", { hasText: "One more door" }).getByRole("button", { name: "Check" }).click();
  await page.getByRole("button", { name: "Add them" }).click();
  await expect(page.getByText("Added", { exact: true })).toBeVisible();

  // A code for a door without a lock says so.
  await page.getByRole("link", { name: "Guest codes" }).first().click();
  await page.getByRole("link", { name: "Issue a guest code" }).first().click();
  await expect(page.getByRole("heading", { level: 1, name: "Issue a guest code" })).toBeVisible();
  await page.getByLabel("Permanent").check();
  await page.getByLabel("Guest", { exact: true }).fill("Rosa Diaz");
  await page.getByRole("checkbox", { name: /Gate/ }).check();
  await page.getByRole("button", { name: "Issue code" }).click();
  const issued = page.getByRole("region", { name: "For Rosa Diaz" });
  await expect(issued).toBeVisible();
  await expect(page.getByText("no lock linked").first()).toBeVisible();

  // The hub is added and tested, and its lock linked.
  await page.getByRole("link", { name: "Doors", exact: true }).first().click();
  await page.getByRole("link", { name: "Hubs" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Hubs" })).toBeVisible();
  await page.getByRole("textbox", { name: "Name" }).fill("Cellar");
  await page.getByRole("textbox", { name: "Address" }).fill(`ws://127.0.0.1:${hub.port}`);
  await page.getByRole("button", { name: "Add and test" }).click();
  const tested = page.getByRole("dialog", { name: "Test of Cellar" });
  await expect(tested).toContainText("The hub answered");
  await expect(tested).toContainText("It has 5 locks.");
  await tested.getByRole("button", { name: "Close" }).click();
  await page.getByRole("link", { name: "Cellar" }).click();
  const lock = page.getByRole("table", { name: "Locks of a hub" }).getByRole("row").filter({ hasText: "30 slots" }).first();
  await lock.getByRole("button", { name: /^Link to a door/ }).click();
  const link = page.getByRole("dialog");
  await link.getByLabel("Door", { exact: true }).selectOption("Gate");
  await axe(page);
  await link.getByRole("button", { name: "Link", exact: true }).click();
  await expect(messages(page)).toContainText("Gate has this lock now");

  // From here on no page is loaded again: each shows what happens as it does.
  await lock.getByRole("link", { name: "Gate" }).click();
  const slots = page.getByRole("table", { name: "Codes on the lock" });
  await expect(slots).toContainText("Rosa Diaz");
  await expect(slots).toContainText("Working");
  expect((await hub.order({ do: "held", lock: "old", slot: 1 })).digits).toMatch(/^\d{4,6}$/);
  await axe(page);

  await hub.order({ do: "offline", lock: "old" });
  await slots.getByRole("link", { name: "Rosa Diaz" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Rosa Diaz" })).toBeVisible();
  await expect(page.getByText("Working", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Revoke", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await expect(page.getByText("Being removed: still opens the door").first()).toBeVisible();
  await expect(page.getByText("Check the lock’s batteries.", { exact: false })).toBeVisible();
  expect((await hub.order({ do: "held", lock: "old", slot: 1 })).digits, "it is so").not.toBeNull();
  await axe(page);

  await hub.order({ do: "online", lock: "old" });
  await expect(page.getByText("Removed", { exact: true }).first()).toBeVisible({ timeout: 90_000 });
  expect((await hub.order({ do: "held", lock: "old", slot: 1 })).digits).toBeNull();
});
