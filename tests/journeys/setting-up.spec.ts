import { resolve } from "node:path";
import type { Page } from "@playwright/test";
import { beAdministrator, type House, NEW_PASSWORD, startHouse } from "./house";
import { axe, expect, test } from "./journey";

// From an empty folder to people who sign in (R34–R37): a server of this journey's own, without the demonstration.
let house: House;
let origin: string;

test.beforeEach(async () => {
  house = await startHouse();
  origin = house.origin;
});

test.afterEach(() => house.end());

/** Makes a picture for docs/setting-up.md; `cargo xtask pictures` takes it over. */
async function picture(page: Page, name: string): Promise<void> {
  const path = resolve("../../target/pictures", `${name}.png`);
  await page.screenshot({ path, animations: "disabled", caret: "hide", scale: "css" });
}

const saysIn = (page: Page, name: string) => page.getByRole("heading", { name, level: 1 });

/** The link in the dialog that is open; closes it. */
async function linkIn(page: Page): Promise<string> {
  const dialog = page.getByRole("dialog");
  const link = await dialog.getByText("/invitation#").innerText();
  await dialog.getByRole("button", { name: "Close" }).click();
  await expect(dialog).toBeHidden();
  return link;
}

/** Somebody opens their invitation in a browser of their own, and is signed in. */
async function comesIn(page: Page, link: string, name: string): Promise<Page> {
  const context = await page.context().browser()!.newContext({ locale: "en-US" });
  const own = await context.newPage();
  await own.goto(link);
  await expect(saysIn(own, `Welcome, ${name}`)).toBeVisible();
  await own.getByLabel("New password").fill("too short");
  await own.getByRole("button", { name: "Set password and sign in" }).click();
  await expect(own.getByText("Use at least 12 characters.").first()).toBeVisible();
  await own.getByLabel("New password").fill(NEW_PASSWORD);
  await own.getByRole("button", { name: "Set password and sign in" }).click();
  return own;
}

test("R34 R36 R37: from an empty folder to a house with people who sign in", async ({ page }) => {
  test.setTimeout(240_000);
  await beAdministrator(page, house);
  await picture(page, "set-up");
  await page.getByRole("button", { name: "Become administrator" }).click();

  // The property, with the browser's zone as the first guess.
  await expect(saysIn(page, "Add a property")).toBeVisible();
  await expect(page.getByLabel("Time zone")).toHaveValue("America/Denver");
  await page.getByLabel("Name").fill("Willow Court");
  await picture(page, "property");
  await page.getByRole("button", { name: "Add property" }).click();

  // Six units by number, and a gate.
  await expect(saysIn(page, "Buildings, units and doors")).toBeVisible();
  await page.getByLabel("Last floor").fill("2");
  await page.getByLabel("Units a floor").fill("3");
  const numbers = page.getByRole("region", { name: "Units by number" }).or(page.locator(".card", { hasText: "Units by number" }));
  await numbers.getByRole("button", { name: "Check" }).click();
  await expect(page.getByText("6 units · 6 doors")).toBeVisible();
  await picture(page, "layout");
  await page.getByRole("button", { name: "Add them" }).click();
  await expect(page.getByText("Added", { exact: true })).toBeVisible();
  await page.getByLabel("Door’s name").fill("Gate");
  await page.locator(".card", { hasText: "One more door" }).getByRole("button", { name: "Check" }).click();
  await expect(page.getByText("0 units · 1 door")).toBeVisible();
  await page.getByRole("button", { name: "Add them" }).click();
  await expect(page.getByText("Added", { exact: true })).toBeVisible();

  // A resident by the roster, who is invited.
  await page.getByRole("link", { name: "Next: import the residents" }).click();
  const csv = "unit,name,email,move_in,move_out\r\n101,Noa Weiss,noa@example.com,2026-01-01,\r\n203,Noa Weiss,noa@example.com,2026-02-01,\r\n";
  const roster = { name: "roster.csv", mimeType: "text/csv", buffer: Buffer.from(csv) };
  await page.locator("input[type=file]").setInputFiles(roster);
  await expect(page.getByRole("button", { name: "Import" })).toBeVisible();
  await picture(page, "roster");
  await page.getByRole("button", { name: "Import" }).click();
  await page.getByRole("link", { name: "See the residents" }).click();
  await page.getByRole("link", { name: "Noa Weiss" }).first().click();
  // R38: who hasn't signed in yet has a mistyped address corrected; the invitation that went there is over.
  await page.getByRole("button", { name: "Invite" }).click();
  const mistyped = await linkIn(page);
  await page.getByRole("button", { name: "Correct email address" }).click();
  const address = page.getByRole("dialog", { name: "Email address of Noa Weiss" });
  await expect(address.getByLabel("Email")).toHaveValue("noa@example.com");
  await address.getByLabel("Email").fill("nobody");
  await address.getByRole("button", { name: "Save" }).click();
  await expect(address.getByText(/Enter .*address/).first()).toBeVisible();
  await axe(page);
  await address.getByLabel("Email").fill("noa.weiss@example.com");
  await address.getByRole("button", { name: "Save" }).click();
  await expect(address).toBeHidden();
  await expect(page.getByText("The email address is noa.weiss@example.com now.").first()).toBeVisible();
  const old = await (await page.context().browser()!.newContext({ locale: "en-US" })).newPage();
  await old.goto(mistyped);
  await expect(saysIn(old, "This invitation doesn’t work any more")).toBeVisible();
  await page.getByRole("button", { name: "Invite" }).click();
  const resident = await comesIn(page, await linkIn(page), "Noa Weiss");
  await expect(saysIn(resident, "My access")).toBeVisible();
  // R35: no door holds a code before it has a lock.
  await expect(resident.getByText("no lock linked").first()).toBeVisible();

  // R39: somebody with two homes sees both, each with its own code, and the address keeps the choice.
  const homes = resident.getByRole("navigation", { name: "Your homes" });
  await expect(homes.getByRole("link")).toHaveText(["Willow Court · 203", "Willow Court · 101"]);
  await expect(homes.locator("[aria-current=page]")).toHaveText("Willow Court · 203");
  await homes.getByRole("link", { name: "Willow Court · 101" }).click();
  await expect(homes.locator("[aria-current=page]")).toHaveText("Willow Court · 101");
  await expect(resident.getByText("Willow Court · 101", { exact: true }).last()).toBeVisible();
  await resident.reload();
  await expect(homes.locator("[aria-current=page]")).toHaveText("Willow Court · 101");

  // What is set for the property: wrong first, then whom residents turn to. It says what is missing until then.
  await page.goto(`${origin}/properties`);
  await page.getByRole("link", { name: "Willow Court" }).first().click();
  const missing = page.getByRole("region", { name: "Still to do" });
  await expect(missing.getByRole("listitem")).toHaveText([
    "Say whom residents turn to",
    "Add a hub, and link its locks: 7 doors have no lock yet, so their codes wait",
  ]);
  await expect(missing.getByText("3 of 5 done")).toBeVisible();
  await page.getByRole("link", { name: "Settings", exact: true }).first().click();
  await expect(page.getByLabel("Guest codes for each unit")).toHaveValue("20");
  await page.getByLabel("Guest codes for each unit").fill("many");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Enter a whole number from 0 to 1000.").first()).toBeVisible();
  await page.getByLabel("Guest codes for each unit").fill("3");
  await page.getByLabel("Support phone").fill("+1 303 555 0100");
  await expect(page.getByLabel("Mailed at")).toHaveValue("08:00");
  await expect(page.getByText("This server sends no mail yet, so nobody gets it.")).toBeVisible();
  await page.getByLabel("Mailed at").fill("21:30");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Saved.").first()).toBeVisible();
  await page.reload();
  await expect(page.getByLabel("Guest codes for each unit")).toHaveValue("3");
  await expect(page.getByLabel("Mailed at")).toHaveValue("21:30");
  await resident.goto(`${origin}/help`);
  await expect(resident.getByRole("link", { name: "+1 303 555 0100" })).toHaveAttribute("href", "tel:+13035550100");

  // The staff.
  await page.getByRole("link", { name: "People" }).click();
  await expect(saysIn(page, "People")).toBeVisible();
  for (const [name, email, role] of [
    ["Morgan Reyes", "morgan@example.com", "Manager of Willow Court"],
    ["Noor Haddad", "noor@example.com", "Support"],
  ] as const) {
    await page.getByLabel("Name").fill(name);
    await page.getByLabel("Email").fill(email);
    await page.getByLabel("Role", { exact: true }).selectOption(role);
    await page.getByRole("button", { name: "Add and invite" }).click();
    const invitation = await linkIn(page);
    const own = await comesIn(page, invitation, name);
    await expect(saysIn(own, role === "Support" ? "Audit log" : "Willow Court")).toBeVisible();
    // The link works once.
    await own.goto("about:blank");
    await own.goto(invitation);
    await expect(saysIn(own, "This invitation doesn’t work any more")).toBeVisible();
    if (role === "Support") {
      continue;
    }
    // The daily summary is each manager's own choice.
    await own.goto(`${origin}/properties`);
    await own.getByRole("link", { name: "Willow Court" }).first().click();
    await own.getByRole("link", { name: "Settings", exact: true }).first().click();
    await expect(own.getByLabel("Send me the daily summary")).toBeChecked();
    await own.getByLabel("Send me the daily summary").uncheck();
    await expect(own.getByText("Saved.").first()).toBeVisible();
    await own.reload();
    await expect(own.getByLabel("Send me the daily summary")).not.toBeChecked();
    // Their roles are changed, and the last one can't be taken.
    await page.reload();
    const staff = page.getByRole("row", { name: /Morgan Reyes/ });
    await staff.getByRole("button", { name: "Change roles" }).click();
    const roles = page.getByRole("dialog", { name: "Roles of Morgan Reyes" });
    await expect(roles.getByLabel("Manager of Willow Court")).toBeChecked();
    await roles.getByLabel("Manager of Willow Court").uncheck();
    await roles.getByRole("button", { name: "Save" }).click();
    await expect(roles.getByText("Choose at least one role, or disable the person.").first()).toBeVisible();
    await axe(page);
    await roles.getByLabel("Manager of Willow Court").check();
    await roles.getByLabel("Support").check();
    await roles.getByRole("button", { name: "Save" }).click();
    await expect(roles).toBeHidden();
    await expect(staff.getByText("Manager of Willow Court, Support")).toBeVisible();
    await page.evaluate(() => scrollTo(0, 0));
    await picture(page, "people");
    // A manager who is disabled is out at once.
    await own.goto(`${origin}/properties`);
    await expect(own.getByRole("link", { name: "Willow Court" }).first()).toBeVisible();
    await page.reload();
    const row = page.getByRole("row", { name: /Morgan Reyes/ });
    await row.getByRole("button", { name: "Disable" }).click();
    await page.getByRole("dialog", { name: "Disable Morgan Reyes?" }).getByRole("button", { name: "Disable" }).click();
    await expect(row.getByText("Disabled", { exact: true })).toBeVisible();
    // They needn't touch anything.
    await expect(own.getByRole("button", { name: "Sign in" })).toBeVisible();
  }

  // The printed link has done its work.
  const other = await (await page.context().browser()!.newContext({ locale: "en-US" })).newPage();
  await other.goto(house.setUpLink);
  await other.getByLabel("Name").fill("Eve");
  await other.getByLabel("Email").fill("eve@example.com");
  await other.getByLabel("Password").fill(NEW_PASSWORD);
  await other.getByRole("button", { name: "Become administrator" }).click();
  await expect(other.getByText("Latchkey has an administrator already.").first()).toBeVisible();
});
