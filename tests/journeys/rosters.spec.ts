import { readFileSync } from "node:fs";
import path from "node:path";
import type { Page } from "@playwright/test";
import { axe, expect, signIn, test } from "./journey";

/** Files as people have them; what is right for each is beside them in the server's tests. */
const kept = (name: string) => readFileSync(path.join(import.meta.dirname, "../../crates/server/tests/api/rosters", name));

let property: string;

test.beforeEach(async ({ page, calls }) => {
  await signIn(page, "manager");
  const api = await calls("manager");
  const { items } = await (await api.get("/api/v1/properties")).json();
  property = items.find((item: { name: string }) => item.name === "Juniper Flats").id;
  await page.goto(`/properties/${property}/roster`);
});

const choose = async (page: Page, name: string, buffer: Buffer) =>
  page.getByLabel("File").setInputFiles({ name, mimeType: "", buffer });

const status = (page: Page) => page.getByRole("status").filter({ hasText: /\d rows?/ });

test("a workbook is read, its spelling of a unit is confirmed, and its import is undone", async ({ page }) => {
  test.slow();
  await choose(page, "workbook.xlsx", kept("workbook.xlsx"));
  await expect(status(page)).toContainText("1 row to decide");
  const reading = page.locator(".card", { has: page.getByRole("heading", { name: "How the file was read" }) });
  await expect(reading).toContainText("Residents (not read: Notes)");
  await expect(reading).toContainText("Lease start → First day");
  await reading.getByText("2 rows set aside").click();
  await expect(reading).toContainText("Line 5 · total: Total · 2");
  await expect(page.getByRole("button", { name: "Import these residents" })).toHaveCount(0);
  await axe(page);

  await expect(page.getByText("The file says “0305”.")).toBeVisible();
  await page.getByRole("button", { name: "Accept all of these" }).click();
  await expect(page.getByRole("radio", { name: "It is unit 305" })).toBeChecked();
  await expect(status(page)).toContainText("Ready to import");
  const comes = page.getByRole("table", { name: "2 new residents" });
  await expect(comes.getByRole("row").filter({ hasText: "Ida Berg" })).toContainText("Written as “Berg, Ida”.");
  await page.getByRole("button", { name: "Import these residents" }).click();
  await expect(status(page)).toContainText("Imported");
  await axe(page);

  await page.getByRole("button", { name: "Undo this import" }).first().click();
  await expect(page.getByText("2 rows are as they were before.")).toBeVisible();
  await expect(page.getByText("This import was undone.").first()).toBeVisible();
});

test("somebody else’s address is decided with both names side by side", async ({ page }) => {
  test.slow();
  const family = `${crypto.randomUUID()}@family.test`;
  const file = (rows: string[]) => Buffer.from(["unit,name,email,move_in,move_out", ...rows].join("\n"));
  await choose(page, "couple.csv", file([`407,Ann Roe,${family},2026-01-01,`, `407,Ben Roe,${family},2026-01-01,`]));
  await expect(page.getByRole("heading", { name: "1 address is in the file twice" })).toBeVisible();
  await page.getByRole("radio", { name: "Somebody else: import Ben Roe without the address" }).check();
  await page.getByRole("button", { name: "Import these residents" }).click();
  await expect(status(page)).toContainText("2 new");

  await choose(page, "other.csv", file([`407,Benedict Roe,${family},2026-01-01,`]));
  const group = page.getByRole("group", { name: /^Line 2: Benedict Roe/ });
  await expect(group).toContainText("Ann Roe");
  await axe(page);
  await group.getByRole("radio", { name: "The same person: keep Ann Roe" }).check();
  await expect(status(page)).toContainText("1 unchanged");
  await group.getByRole("radio", { name: "The same person: call them Benedict Roe" }).check();
  await expect(status(page)).toContainText("1 would change");
});

test("the order of dates and the columns are asked for where the file doesn’t say", async ({ page }) => {
  test.slow();
  await choose(page, "ambiguous-dates.csv", kept("ambiguous-dates.csv"));
  await expect(page.getByRole("heading", { name: "Day or month first?" })).toBeVisible();
  await axe(page);
  await page.getByRole("button", { name: /^Day first/ }).click();
  await expect(status(page)).toContainText("Ready to import");
  await expect(page.getByText("Day first: 3/4/2026 →")).toBeVisible();

  await choose(page, "odd.csv", Buffer.from("Where,Who,Since,Box\n203,Olga Prieto,2026-01-01,olga@two.test\n"));
  await expect(page.getByRole("heading", { name: "Which column is which?" })).toBeVisible();
  await axe(page);
  await page.getByLabel("Unit", { exact: true }).selectOption("Where (203)");
  await page.getByLabel("Name", { exact: true }).selectOption({ index: 2 });
  await page.getByLabel("Email address").selectOption({ index: 4 });
  await page.getByRole("button", { name: "Read it this way" }).click();
  await expect(status(page)).toContainText("Ready to import");

  await choose(page, "open-quote.csv", kept("open-quote.csv"));
  await expect(page.getByText("The quoted cell that begins in line 2 runs over other rows.").first()).toBeVisible();
});
