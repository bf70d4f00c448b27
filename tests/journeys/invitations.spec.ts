import { axe, expect, firstProperty, signIn, test } from "./journey";

// Inviting many residents at once (R37). The demonstration sends no mail, so there are sheets to print and links to copy.

test("R37: a manager invites several residents, prints a sheet for each unit, and a link works", async ({ page, calls, browser }) => {
  const property = await firstProperty(await calls("manager"));
  await signIn(page, "manager");
  await page.goto(`/properties/${property}/residents`);
  await page.getByRole("link", { name: "Invite", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Invite residents", level: 1 })).toBeVisible();
  // Whoever wasn't invited is chosen at first; here nobody, then two.
  const everybody = page.getByRole("checkbox", { name: "Everybody who can be invited" });
  await expect(everybody).toBeChecked();
  await everybody.uncheck();
  await page.getByRole("button", { name: "Choose whom to invite" }).click();
  await expect(page.getByRole("dialog")).toBeHidden();
  const rows = page.getByRole("row").filter({ has: page.getByRole("checkbox") });
  for (const row of [rows.first(), rows.nth(1)]) {
    await row.getByRole("checkbox").check();
  }
  const name = await rows.first().getByRole("rowheader").innerText();
  await page.getByRole("button", { name: "Invite 2 residents" }).click();
  const dialog = page.getByRole("dialog", { name: "Invite 2 residents?" });
  await expect(dialog).toContainText("This server sends no mail.");
  await axe(page);
  await dialog.getByRole("button", { name: "Invite", exact: true }).click();
  await expect(page.getByText(/^2 links are to be handed over\./)).toBeVisible();
  await expect(page.getByRole("button", { name: "Print the sheets" })).toBeVisible();
  await expect(rows.first()).toContainText("Invited until");
  await axe(page);

  // On paper there are the sheets alone, and no code.
  await page.emulateMedia({ media: "print" });
  const sheets = page.locator(".sheet");
  const link = await sheets.first().locator("code").innerText();
  await expect(sheets.first()).toContainText(name);
  await expect(sheets.first().locator("svg")).toBeVisible();
  await expect(page.getByRole("button", { name: "Print the sheets" })).toBeHidden();
  await expect(page.getByRole("table")).toBeHidden();
  await page.pdf({ path: "test-results/sheets.pdf", format: "A4" });
  await page.emulateMedia({ media: "screen" });

  // The links would be lost.
  page.once("dialog", (asked) => void asked.accept());
  await page.getByRole("link", { name: "Residents" }).first().click();
  const own = await (await browser.newContext({ locale: "en-US" })).newPage();
  await own.goto(link);
  await expect(own.getByRole("heading", { name: `Welcome, ${name}`, level: 1 })).toBeVisible();
});
