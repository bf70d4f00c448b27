import { randomUUID } from "node:crypto";
import type { APIRequestContext } from "@playwright/test";
import { expect, firstProperty, signIn, test, uniqueWord } from "./journey";
import { checkAppearance } from "./appearance";

interface Door {
  id: string;
  name: string;
  unit?: string;
  lock: { online: boolean };
}

let api: APIRequestContext;
let property: string;

test.beforeEach(async ({ page, calls }) => {
  api = await calls("manager");
  property = await firstProperty(api);
  await signIn(page, "manager");
});

async function doors(): Promise<Door[]> {
  return (await (await api.get(`/api/v1/properties/${property}/doors?limit=200`)).json()).items;
}

/** Imports a roster with one more resident of a unit, as if somebody else did. */
async function moveIn(unit: string, name: string): Promise<string> {
  const email = `${randomUUID()}@example.com`;
  const answer = await api.post(`/api/v1/properties/${property}/roster`, {
    data: `unit,name,email,move_in,move_out\n${unit},${name},${email},2026-01-01,\n`,
    headers: { "Content-Type": "text/csv", "Idempotency-Key": randomUUID() },
  });
  expect(answer.status(), await answer.text()).toBe(200);
  expect((await answer.json()).created, await answer.text()).toBe(1);
  const found = await api.get(`/api/v1/properties/${property}/residents?q=${encodeURIComponent(name)}`);
  const { items } = await found.json();
  expect(items).toHaveLength(1);
  return items[0].id;
}

/** How many residents the property has, as the header of their list says it. */
async function residentCount(): Promise<string> {
  const { counts } = await (await api.get(`/api/v1/properties/${property}`)).json();
  return `${counts.residents} people in`;
}

async function setLock(door: Door, online: boolean): Promise<void> {
  const answer = await api.post(`/api/v1/simulator/doors/${door.id}/lock`, { data: { online } });
  expect(answer.ok(), "the simulator's lock").toBe(true);
}

test.describe("the doors", () => {
  test("show whether each lock is online, how full it is and its battery level", async ({ page }) => {
    test.slow();
    await page.goto(`/properties/${property}/doors?q=Unit+10`);
    const table = page.getByRole("table", { name: "Doors and their locks" });
    const row = table.getByRole("row").filter({ hasText: "Unit 102 front door" });
    await expect(row).toContainText("Online");
    await expect(row).toContainText("North wing hub");
    await expect(row).toContainText(/\d+ %/);
    await expect(row).toContainText(/\d+ of 30/);
    await checkAppearance(page);

    await row.getByRole("link", { name: "Residents of 102" }).click();
    await expect(page).toHaveURL(`/properties/${property}/residents?unit=102`);
  });

  test("have their search and filters in the address", async ({ page }) => {
    await page.goto(`/properties/${property}/doors`);
    const rows = page.getByRole("table", { name: "Doors and their locks" }).getByRole("rowheader");
    await page.getByLabel("Kind").selectOption("Amenity");
    await expect(page).toHaveURL(/kind=amenity/);
    await expect(rows.filter({ hasText: "Gym" })).toBeVisible();
    await expect(rows.filter({ hasText: "Unit" })).toHaveCount(0);

    await page.getByLabel("Door or unit").fill("no such door");
    await expect(page.getByRole("heading", { name: "No doors found" })).toBeVisible();
    await page.getByRole("button", { name: "Clear filters" }).last().click();
    await expect(page).toHaveURL(`/properties/${property}/doors`);
    await expect(rows.filter({ hasText: "Unit 101" })).toBeVisible();
  });

  test("that are offline are found, and say since when", async ({ page }) => {
    const door = (await doors()).find((door) => door.unit === "110");
    expect(door).toBeDefined();
    await setLock(door!, false);
    await page.goto(`/properties/${property}/doors?state=offline&q=110`);
    await expect(page.getByRole("row").filter({ hasText: "Unit 110" })).toContainText("Offline since");
    await setLock(door!, true);
  });
});

test.describe("a resident's page", () => {
  test("has their code, its status on the lock, their guest codes and what happened", async ({ page }) => {
    test.slow();
    await page.goto(`/properties/${property}/residents?q=Ada`);
    await page.getByRole("link", { name: "Ada Brandt" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Ada Brandt" })).toBeVisible();
    for (const heading of ["Code", "On the lock", "Their guest codes", "What happened"]) {
      await expect(page.getByRole("heading", { name: heading, exact: true })).toBeVisible();
    }
    await expect(page.getByText("Unit 101 · resident@demo.test")).toBeVisible();
    await expect(page.getByText("hidden digits")).toBeAttached();
    await expect(page.getByRole("link", { name: "All events" })).toHaveAttribute("href", /\/audit\?resident=/);
    await checkAppearance(page);
  });

  test("of nobody, or of another property's resident, says that it isn't found and no more (R33)", async ({ page }) => {
    await page.goto(`/properties/${property}/residents/${randomUUID()}`);
    await expect(page.getByRole("alert")).toContainText("Not found");
  });
});

test.describe("moving out", () => {
  test("R24: revokes, and shows each door until its lock has confirmed", async ({ page }) => {
    test.slow();
    const name = `Moving ${uniqueWord().slice(0, 8)}`;
    const resident = await moveIn("211", name);
    const door = (await doors()).find((door) => door.unit === "211")!;
    await expect
      .poll(async () => (await (await api.get(`/api/v1/properties/${property}/residents/${resident}`)).json()).code.status)
      .toBe("working");
    await setLock(door, false);

    await page.goto(`/properties/${property}/residents/${resident}`);
    await page.getByRole("button", { name: "Move out" }).click();
    const dialog = page.getByRole("dialog", { name: `Move ${name} out?` });
    await expect(dialog).toContainText("still opens its door until the lock confirms");
    await checkAppearance(page);
    await dialog.getByRole("button", { name: "Move out" }).click();

    await expect(page.getByText("Doors still open to them")).toBeVisible();
    await expect(page.getByText("0 of 1 removals confirmed by their locks.")).toBeVisible();
    await expect(page.getByText("Unit 211 front door").first()).toBeVisible();
    await expect(page.getByRole("button", { name: "Move out" })).toHaveCount(0);
    await checkAppearance(page);

    // Which code, and until when they lived here, are said at once.
    await expect(page.getByText("The resident’s code", { exact: true })).toBeVisible();
    await expect(page.getByText(/^Former resident · Unit 211/)).toBeVisible();
    await expect(page.getByRole("definition").last()).toContainText(/ to /);

    await page.getByRole("link", { name: "All residents" }).click();
    await expect(page.getByText(await residentCount())).toBeVisible();

    // Nobody disappears while their code opens a door: one click from the overview.
    await page.goto(`/properties/${property}`);
    const needs = page.getByRole("region", { name: "Needs attention" });
    await expect(needs.getByRole("link", { name: /former resident/ }).first()).toHaveAttribute("href", /tenancy=former/);
    await needs.getByRole("link", { name: `${name} moved out: the code still opens` }).click();
    await expect(page.getByText("Doors still open to them")).toBeVisible();
    await page.goto(`/properties/${property}/residents`);
    await page.getByLabel("Tenancy").selectOption("Former residents");
    await expect(page).toHaveURL(/tenancy=former/);
    await page.getByLabel("Name or unit").fill(name);
    const former = page.getByRole("row").filter({ has: page.getByRole("rowheader", { name }) });
    await expect(former).toContainText("Moved out");
    await expect(former).toContainText("still opens the door");
    await expect(former.getByRole("button")).toHaveCount(0);
    await checkAppearance(page);
    await former.getByRole("link", { name }).click();

    await setLock(door, true);
    await expect(page.getByText("All doors confirmed")).toBeVisible({ timeout: 60_000 });
    await expect(page.getByText("1 of 1 removals confirmed by their locks.")).toBeVisible();
    await expect(page.getByText("Doors still open to them")).toHaveCount(0);

    await page.reload();
    await expect(page.getByText("All doors confirmed")).toBeVisible();
  });
});

test.describe("the roster", () => {
  const file = (text: string) => ({ name: "roster.csv", mimeType: "text/csv", buffer: Buffer.from(text) });

  test("shows every bad row of a file and imports none of it", async ({ page }) => {
    test.slow();
    await page.goto(`/properties/${property}/residents`);
    await page.getByRole("link", { name: "Import or export" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Roster" })).toBeVisible();
    await page.getByLabel("File").setInputFiles(
      file("unit,name,email,move_in,move_out\r\n212,Fine One,fine@example.com,2026-12-01,\r\n9999,Bad One,no address,2026-13-01,\r\n"),
    );
    await expect(page.getByRole("status").filter({ hasText: "3 problems" })).toContainText("then choose the file again");
    const bad = page.getByRole("table", { name: "Problems in the file" });
    await expect(bad.getByRole("row").filter({ hasText: "email" }).first()).toContainText("3");
    // What the file has there is beside what is wrong with it.
    await expect(bad.getByRole("row").filter({ hasText: "no address" })).toContainText("Enter an email address");
    await expect(page.getByRole("button", { name: "Import these residents" })).toHaveCount(0);
    await checkAppearance(page);
    const { items } = await (await api.get(`/api/v1/properties/${property}/residents?q=Fine+One`)).json();
    expect(items).toEqual([]);
  });

  test("takes a file of the same name again once it is corrected", async ({ page }) => {
    await page.goto(`/properties/${property}/roster`);
    const field = page.getByLabel("File");
    // A browser tells nobody when the file is chosen that is chosen already.
    const choose = async (text: string) => {
      await field.setInputFiles(file(text));
      await expect(page.getByText("roster.csv")).toBeVisible();
      await expect(field, "nothing is chosen any more").toHaveValue("");
    };
    await choose("unit,name,email,move_in,move_out\r\n9999,Bad One,no address,2026-12-01,\r\n");
    await expect(page.getByRole("status").filter({ hasText: "then choose the file again" })).toBeVisible();
    await choose(`unit,name,email,move_in,move_out\r\n212,Fine Two,${randomUUID()}@example.com,2026-12-01,\r\n`);
    await expect(page.getByRole("status").filter({ hasText: "Ready to import" })).toBeVisible();
  });

  test("of a good file is previewed first, then imported once", async ({ page }) => {
    await page.goto(`/properties/${property}/roster`);
    const email = `${randomUUID()}@example.com`;
    await page.getByLabel("File").setInputFiles(
      file(`\uFEFFunit,name,email,move_in,move_out\r\n213,"Łovelace, Ada",${email},2026-01-01,\r\n`),
    );
    const status = page.getByRole("status").filter({ hasText: "1 row" });
    await expect(status).toContainText("Ready to import");
    await expect(status).toContainText("1 would be new");
    await page.getByRole("button", { name: "Import these residents" }).click();
    await expect(status).toContainText("Imported");
    await expect(status).toContainText("1 new");
    await page.getByRole("link", { name: "See the residents" }).click();
    await expect(page.getByText(await residentCount())).toBeVisible();
    await page.getByLabel("Name or unit").fill("Łovelace");
    await expect(page.getByRole("link", { name: "Ada Łovelace" })).toBeVisible();
  });

  test("moves nobody out because of a last day in the past, unless that is confirmed for this file", async ({ page }) => {
    test.slow();
    const name = `Gone ${uniqueWord()}`;
    const resident = `/api/v1/properties/${property}/residents/${await moveIn("216", name)}`;
    const now = async () => (await api.get(resident)).json();
    const { email } = await now();
    const past = file(`unit,name,email,move_in,move_out\r\n216,${name},${email},2026-01-01,2026-02-01\r\n`);
    await page.goto(`/properties/${property}/roster`);
    await page.getByLabel("File").setInputFiles(past);
    const status = page.getByRole("status").filter({ hasText: "1 row" });
    const out = page.getByRole("radio", { name: "Move them out now" });
    const leave = page.getByRole("radio", { name: "Leave this row out" });
    const importButton = page.getByRole("button", { name: /^Import/ });
    const undecided = async () => {
      await expect(status).toContainText("1 row to decide");
      await expect(page.getByRole("heading", { name: "1 resident would be moved out now" })).toBeVisible();
      await expect(page.getByText("Their codes and their guests’ codes stop working now.")).toBeVisible();
      await expect(out).not.toBeChecked();
      await expect(leave).not.toBeChecked();
      await expect(importButton).toHaveCount(0);
    };
    await undecided();
    await checkAppearance(page);

    await out.check();
    await expect(status).toContainText("Ready to import");
    await expect(status).toContainText("1 would change");
    await expect(importButton).toHaveText("Import, and move out 1 resident");
    await checkAppearance(page);

    // However quickly it is decided anew, what is shown is what was decided last.
    await leave.check();
    await out.check();
    await leave.check();
    await expect(status).toContainText("1 left out");
    await expect(importButton).toHaveCount(0);
    await out.check();
    await expect(importButton).toHaveText("Import, and move out 1 resident");

    // The decision was for that file, not for the next.
    await page.getByLabel("File").setInputFiles(past);
    await undecided();
    expect((await now()).ended_at, "nothing was imported").toBeUndefined();

    await out.check();
    await importButton.click();
    await expect(status).toContainText("Imported");
    await expect(status).toContainText("1 changed");
    await expect(out).toHaveCount(0);
    const { ended_at, id } = await now();
    expect(ended_at).toMatch(/^20/);
    await page.goto(`/properties/${property}/residents/${id}`);
    await expect(page.getByRole("heading", { name: "Moved out" })).toBeVisible();
  });

  test("is exported in the format in which it is imported", async ({ page }) => {
    await page.goto(`/properties/${property}/roster`);
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Export the roster" }).click(),
    ]);
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) {
      chunks.push(chunk);
    }
    const lines = Buffer.concat(chunks).toString("utf8").replace("\uFEFF", "").split("\r\n");
    expect(lines[0]).toBe("unit,name,email,move_in,move_out");
    expect(lines.some((line) => line.includes("resident@demo.test"))).toBe(true);
  });
});
