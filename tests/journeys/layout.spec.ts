import { randomUUID } from "node:crypto";
import { axe, expect, signIn, test, uniqueWord } from "./journey";
import { someGuest } from "./guests";

// A property's buildings, units and doors are renamed, moved, retired and brought back (R36).
test("R36: a door is renamed, retired with what that does, and brought back", async ({ page, calls }) => {
  await signIn(page, "manager");
  const manager = await calls("manager");
  const { items: properties } = await (await manager.get("/api/v1/properties")).json();
  const property = properties[0].id;
  await page.goto(`/properties/${property}/layout`);
  await expect(page.getByRole("heading", { name: "Buildings, units and doors", level: 1 })).toBeVisible();

  // A door of this journey’s own.
  const name = `Side ${uniqueWord().slice(0, 8)}`;
  const card = page.locator(".card", { hasText: "One more door" });
  await card.getByLabel("Door’s name").fill(name);
  await card.getByRole("button", { name: "Check" }).click();
  await page.getByRole("button", { name: "Add them" }).click();
  await expect(page.getByText("Added", { exact: true })).toBeVisible();

  // It is found, renamed, and the renaming undone.
  await page.getByRole("link", { name: "Rename, move or retire" }).click();
  await expect(page.getByRole("heading", { name: "Rename, move or retire", level: 1 })).toBeVisible();
  await page.getByRole("searchbox", { name: "Name, unit or building" }).fill(name);
  const row = page.getByRole("row", { name: new RegExp(name) });
  await row.getByRole("button", { name: `Change ${name}` }).click();
  const change = page.getByRole("dialog", { name: `Change ${name}` });
  await axe(page);
  await change.getByLabel("Name").fill(" ");
  await change.getByRole("button", { name: "Save" }).click();
  await expect(change.getByText("Enter the name.").first()).toBeVisible();
  await change.getByLabel("Name").fill(`${name} of the yard`);
  await change.getByRole("button", { name: "Save" }).click();
  await expect(change).toBeHidden();
  await expect(page.getByRole("row", { name: `${name} of the yard` })).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText("It’s as it was.").first()).toBeVisible();
  await expect(page.getByRole("row", { name: `${name} of the yard` })).toBeHidden();

  // Retiring it says how many codes stop working before it happens.
  const doors = await (await manager.get(`/api/v1/properties/${property}/layout?kind=door&q=${name}`)).json();
  const door = doors.items[0].id;
  const issued = await manager.post("/api/v1/guest-codes", {
    data: { kind: "permanent", door_ids: [door], guest_name: someGuest() },
    headers: { "Idempotency-Key": randomUUID() },
  });
  expect(issued.status(), await issued.text()).toBe(201);
  await row.getByRole("button", { name: `Retire ${name}` }).click();
  const retire = page.getByRole("dialog", { name: `Retire ${name}?` });
  await expect(retire.getByText("1 code stops working there:")).toBeVisible();
  await expect(retire.getByText("1 guest code that opens nothing else: it’s revoked")).toBeVisible();
  await axe(page);
  await retire.getByRole("button", { name: "Cancel" }).click();
  await expect(retire).toBeHidden();
  await row.getByRole("button", { name: `Retire ${name}` }).click();
  await retire.getByRole("button", { name: "Retire" }).click();
  await expect(page.getByText(`${name} is retired.`).first()).toBeVisible();
  await expect(page.getByRole("heading", { name: "Nothing found" })).toBeVisible();
  const { id } = await issued.json();
  expect((await (await manager.get(`/api/v1/guest-codes/${id}`)).json()).state).toBe("revoked");

  // It leaves what can be chosen, and is brought back.
  await page.goto(`/properties/${property}/guest-codes/new`);
  await expect(page.getByRole("heading", { name: "Issue a guest code" })).toBeVisible();
  await expect(page.getByText(name)).toBeHidden();
  await page.goto(`/properties/${property}/layout/parts?q=${encodeURIComponent(name)}&retired=true`);
  await page.getByRole("button", { name: `Bring back ${name}` }).click();
  await expect(page.getByText(`${name} is in use again.`).first()).toBeVisible();

  // It has no lock, which the overview would say in other journeys.
  await page.goto(`/properties/${property}/layout/parts?q=${encodeURIComponent(name)}`);
  await page.getByRole("button", { name: `Retire ${name}` }).click();
  await page.getByRole("dialog", { name: `Retire ${name}?` }).getByRole("button", { name: "Retire" }).click();
  await expect(page.getByText(`${name} is retired.`).first()).toBeVisible();
});

test("R36: a unit in which somebody lives isn’t retired, and says why", async ({ page, calls }) => {
  await signIn(page, "manager");
  const manager = await calls("manager");
  const { items: properties } = await (await manager.get("/api/v1/properties")).json();
  const { items: residents } = await (
    await manager.get(`/api/v1/properties/${properties[0].id}/residents?tenancy=current&limit=1`)
  ).json();
  const unit = residents[0].unit;
  await page.goto(`/properties/${properties[0].id}/layout/parts?kind=unit&q=${unit}`);
  await page.getByRole("button", { name: `Retire ${unit}`, exact: true }).click();
  await expect(page.getByText(/lives? in this unit, or will/).first()).toBeVisible();
  await expect(page.getByRole("dialog", { name: `Retire ${unit}?` })).toBeHidden();
});
