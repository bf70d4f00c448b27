import type { Page } from "@playwright/test";
import { axe, expect, firstProperty, signIn, test, uniqueWord } from "./journey";
import { issue, revokeOf, someGuest } from "./guests";

/** Switches to Spanish, from the next page on. */
async function inSpanish(page: Page): Promise<void> {
  await page.addInitScript(() => localStorage.setItem("latchkey.language", "es"));
}

test.describe("what happened is said in people’s words", () => {
  test("in Spanish, the audit log’s rows and its filter are Spanish, and a detail has the machine’s name", async ({ page, calls }) => {
    const resident = await calls("resident");
    const guest = someGuest();
    await issue(resident, guest);
    try {
      await signIn(page, "support");
      await inSpanish(page);
      await page.goto(`/audit?${new URLSearchParams({ q: guest, action: "guest_code.issued" })}`);
      const row = page.getByRole("row").filter({ hasText: guest });
      await expect(row.getByRole("button")).toHaveText("Código de invitado emitido");
      await expect(row).toContainText(`Código de invitado para ${guest}, unidad`);
      await expect(row).toContainText(/Permanente, [46] dígitos: /);
      await expect(row).toContainText("hecho");
      await expect(row.locator("[lang=en]")).toHaveCount(0);
      await expect(page.getByLabel("Acción")).toHaveValue("guest_code.issued");
      await expect(page.getByLabel("Acción").getByRole("option", { name: "Código puesto en la cerradura" })).toBeAttached();
      await row.getByRole("button").click();
      const event = page.getByRole("dialog", { name: "Evento" });
      await expect(event.getByText("guest_code.issued", { exact: true })).toBeVisible();
      await axe(page);
    } finally {
      await revokeOf(resident, guest);
    }
  });

  test("each choice of the filter finds what it says; nothing is filtered by a name that no action has", async ({ page }) => {
    await signIn(page, "support");
    await page.goto("/audit");
    const choices = page.getByLabel("Action").getByRole("option");
    await expect(choices.filter({ hasText: "Any action" })).toBeAttached();
    const values = await choices.evaluateAll((all) => all.map((choice) => (choice as HTMLOptionElement).value));
    expect(values).not.toContain("audit.");
    expect(values).toContain("placement.waiting");
  });

  test("a code’s issue and what its lock said are one entry in the resident’s history, which can be opened", async ({ page, calls }) => {
    const [resident, manager] = [await calls("resident"), await calls("manager")];
    const property = await firstProperty(manager);
    const found = await (await manager.get(`/api/v1/properties/${property}/residents?q=brandt`)).json();
    const ada = found.items.find((item: { email: string }) => item.email === "resident@demo.test");
    const guest = someGuest();
    const { id } = await issue(resident, guest);
    try {
      await expect.poll(async () => {
        const code = await (await resident.get(`/api/v1/guest-codes/${id}`)).json();
        return code.placements[0].status;
      }).toBe("working");
      await signIn(page, "manager");
      await page.goto(`/properties/${property}/residents/${ada.id}`);
      const history = page.locator("section").filter({ has: page.getByRole("heading", { name: "What happened" }) });
      const entry = history.locator(".history > li").filter({ hasText: "Guest code issued" }).first();
      await expect(entry).toContainText("1 more, latest: Code put on the lock");
      const placed = entry.getByRole("listitem");
      await expect(placed).toHaveCount(0);
      await entry.getByText("1 more, latest").click();
      await expect(placed).toContainText("read back from the lock");
      await axe(page);
    } finally {
      await revokeOf(resident, guest);
    }
  });

  test("a form’s heading is in the language of its field errors", async ({ page, calls }) => {
    const manager = await calls("manager");
    const property = await firstProperty(manager);
    await signIn(page, "manager");
    await inSpanish(page);
    await page.goto(`/properties/${property}/residents?q=brandt`);
    await page.getByRole("button", { name: /Ada Brandt/ }).first().click();
    const dialog = page.getByRole("dialog");
    // With a character that can’t be seen.
    await dialog.getByRole("textbox").fill(`${uniqueWord()}\u200b${uniqueWord()}`);
    await dialog.getByRole("button", { name: "Mostrar código" }).click();
    const summary = dialog.getByRole("alert");
    await expect(summary).toContainText("Hay algo aquí que no es válido.");
    await expect(summary).not.toContainText("can’t be seen");
  });
});

test.describe("doors", () => {
  test("whose slots are all used are full, not nearly full", async ({ page, calls }) => {
    const property = await firstProperty(await calls("manager"));
    await page.route("**/doors?*", async (route) => {
      const answer = await (await route.fetch()).json();
      answer.items[0].lock.slots_used = answer.items[0].lock.slots_total;
      answer.items[1].lock.slots_used = answer.items[1].lock.slots_total - 1;
      await route.fulfill({ json: answer });
    });
    await signIn(page, "manager");
    await page.goto(`/properties/${property}/doors`);
    const rows = page.getByRole("table").getByRole("row");
    await expect(rows.nth(1)).toContainText(/(\d+) of \1 · full/);
    await expect(rows.nth(2)).toContainText("· nearly full");
  });
});

test.describe("troubleshooting", () => {
  test("R26: a guest code is found by the guest’s name, and says slot, attempts and what happened, without digits", async ({ page, calls }) => {
    const resident = await calls("resident");
    const guest = someGuest();
    const { id, code } = await issue(resident, guest);
    try {
      await expect.poll(async () => {
        const read = await (await resident.get(`/api/v1/guest-codes/${id}`)).json();
        return read.placements[0].status;
      }).toBe("working");
      await signIn(page, "support");
      await page.goto("/troubleshoot");
      await page.getByLabel("Name, unit, email or guest").fill(guest);
      await page.getByRole("link", { name: `Guest code for ${guest}` }).click();
      await expect(page.getByRole("heading", { level: 2, name: `Guest code for ${guest}` })).toBeVisible();
      await expect(page.getByText(/slot \d+ · \d attempt/)).toBeVisible();
      await expect(page.getByText("Guest code issued")).toBeVisible();
      await expect(page.locator("main")).not.toContainText(new RegExp(`(?<![0-9a-f-])${code}(?![0-9a-f-])`));
      await axe(page);
    } finally {
      await revokeOf(resident, guest);
    }
  });
});
