import type { APIRequestContext, BrowserContext, Page } from "@playwright/test";
import { axe, expect, PASSWORD, PEOPLE, type Person, test, uniqueWord } from "./journey";
import { press, tabTo, write } from "./keys";
import { digitsIn, expectNoOverflow } from "./appearance";

// Each person's work by keyboard alone, in Spanish, on the narrowest phone, in the dark theme, with one network outage.
test.use({ colorScheme: "dark", viewport: { width: 320, height: 800 } });

let page: Page;
let context: BrowserContext;

test.beforeEach(async ({ page: opened, context: within }) => {
  test.slow();
  page = opened;
  context = within;
  await page.addInitScript(() => localStorage.setItem("latchkey.language", "es"));
});

async function signInAs(person: Person): Promise<void> {
  await page.goto("/sign-in");
  await write(page, page.getByLabel("Correo electrónico"), PEOPLE[person]);
  await write(page, page.getByLabel("Contraseña"), PASSWORD);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("navigation", { name: "Principal" })).toBeVisible();
}

/** The attempt reports that there is no network; with one again, the same press succeeds and nothing was lost. */
async function acrossNetworkOutage(attempt: () => Promise<void>): Promise<void> {
  await context.setOffline(true);
  await attempt();
  await expect(page.getByText("No podemos acceder al servidor.").first()).toBeVisible();
  await axe(page);
  await expectNoOverflow(page);
  await context.setOffline(false);
  await attempt();
}

async function issuedTo(api: APIRequestContext, guest: string): Promise<{ id: string; state: string }[]> {
  const { items } = await (await api.get("/api/v1/guest-codes?limit=200")).json();
  return items.filter((each: { guest_name: string }) => each.guest_name === guest);
}

test("a resident sees their code and why it isn’t made here, and issues a guest code", async ({ calls }) => {
  const api = await calls("resident");
  const guest = `Visita ${uniqueWord().slice(0, 8)}`;
  await signInAs("resident");
  const bar = page.getByRole("region", { name: "Mi acceso" });
  await press(page, bar.getByRole("button", { name: "Mostrar" }));
  await digitsIn(bar);
  await expect(page.getByRole("heading", { name: "¿Por qué no aquí?" })).toBeVisible();

  await press(page, page.getByRole("link", { name: "Emitir un código de invitado" }));
  await expect(page.getByRole("heading", { level: 1, name: "Emitir un código de invitado" })).toBeVisible();
  await expect(page.getByRole("main"), "the focus moves to the new page").toBeFocused();
  await tabTo(page, page.getByRole("radio", { name: "Temporal" }));
  for (let step = 0; step < 3; step += 1) {
    await page.keyboard.press("ArrowDown");
  }
  await expect(page.getByRole("radio", { name: "Permanente" })).toBeChecked();
  await press(page, page.getByRole("checkbox", { name: "Main gate" }), "Space");
  await write(page, page.getByLabel("Invitado", { exact: true }), guest);
  await acrossNetworkOutage(() => press(page, page.getByRole("button", { name: "Emitir código" })));
  await digitsIn(page.getByRole("region", { name: `Para ${guest}` }));
  await axe(page);
  expect(await issuedTo(api, guest), "one code, however often it was requested").toHaveLength(1);
});

test("a manager reveals a resident’s code, switches custom codes and undoes it, issues a code and revokes it", async ({
  calls,
}) => {
  const api = await calls("manager");
  const { items } = await (await api.get("/api/v1/properties")).json();
  const [property] = items;
  const isOn = async () => (await (await api.get(`/api/v1/properties/${property.id}`)).json()).custom_codes_enabled;
  const before = await isOn();
  await signInAs("manager");
  await expect(page.getByRole("heading", { level: 1, name: property.name })).toBeVisible();

  // The switch, and undo.
  await press(page, page.getByRole("switch", { name: "Códigos de acceso personalizados" }), "Space");
  await acrossNetworkOutage(() => press(page, page.getByRole("button", { name: "Guardar" })));
  await expect.poll(isOn, "switched").toBe(!before);
  await press(page, page.getByRole("button", { name: "Deshacer" }));
  await expect.poll(isOn, "undone").toBe(before);

  // A resident's code, for a reason.
  await page.keyboard.press("g");
  await page.keyboard.press("r");
  await expect(page.getByRole("heading", { level: 1, name: "Residentes" })).toBeVisible();
  await write(page, page.getByLabel("Nombre o unidad"), "Ada Brandt");
  const row = page.getByRole("row").filter({ hasText: "Ada Brandt" });
  await expect(page.getByRole("rowheader")).toHaveCount(1);
  await press(page, row.getByRole("button", { name: "Mostrar el código de Ada Brandt" }));
  const dialog = page.getByRole("dialog");
  await write(page, dialog.getByLabel("Motivo"), "llamó desde la puerta");
  await press(page, dialog.getByRole("button", { name: "Mostrar código" }));
  await expect(dialog).toBeHidden();
  await digitsIn(row);
  await expect(page.locator("body"), "the focus was returned").not.toBeFocused();

  // A guest code, issued and revoked.
  const guest = `Plomero ${uniqueWord().slice(0, 8)}`;
  await page.keyboard.press("n");
  await expect(page.getByRole("heading", { level: 1, name: "Emitir un código de invitado" })).toBeVisible();
  await tabTo(page, page.getByRole("radio", { name: "Temporal" }));
  for (let step = 0; step < 3; step += 1) {
    await page.keyboard.press("ArrowDown");
  }
  await press(page, page.getByRole("checkbox", { name: "Gym" }), "Space");
  await write(page, page.getByLabel("Invitado", { exact: true }), guest);
  await press(page, page.getByRole("button", { name: "Emitir código" }));
  await digitsIn(page.getByRole("region", { name: `Para ${guest}` }));
  await press(page, page.getByRole("link", { name: "Abrir este código de invitado" }));
  await press(page, page.getByRole("button", { name: "Revocar", exact: true }));
  await press(page, page.getByRole("dialog").getByRole("button", { name: "Revocar" }));
  await expect(page.getByRole("dialog")).toBeHidden();
  await expect.poll(async () => (await issuedTo(api, guest)).map(({ state }) => state)).toEqual(["revoked"]);
});

test("support filters the audit log, opens an event, verifies the chain, and diagnoses a resident’s access", async () => {
  await signInAs("support");
  await expect(page.getByRole("heading", { level: 1, name: "Registro de auditoría" })).toBeVisible();
  const action = page.getByLabel("Acción");
  await tabTo(page, action);
  for (const chosen of ["code.", "code.revealed", "code.custom.set", "code.custom.refused"]) {
    await page.keyboard.press("ArrowDown");
    await expect(action).toHaveValue(chosen);
  }
  await expect(page).toHaveURL(/action=code\.custom\.refused/);
  await press(page, page.getByRole("button", { name: "Código personalizado rechazado" }).first());
  const event = page.getByRole("dialog", { name: "Evento" });
  await expect(event.getByRole("heading", { name: "Condiciones en ese momento" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(event).toBeHidden();
  await expect(page).not.toHaveURL(/event=/);

  await acrossNetworkOutage(async () => {
    if (await page.getByRole("dialog").isVisible()) {
      await page.keyboard.press("Escape");
    }
    await press(page, page.getByRole("button", { name: "Verificar la cadena" }));
  });
  await expect(page.getByText("Cadena intacta")).toBeVisible();
  await page.keyboard.press("Escape");

  await press(page, page.getByRole("link", { name: "Solución de problemas" }));
  await write(page, page.getByLabel("Nombre, unidad, correo o invitado"), "Ada Brandt");
  await press(page, page.getByRole("link", { name: "Ada Brandt" }));
  await expect(page.getByRole("heading", { name: "¿Puede elegir su propio código?" })).toBeVisible();
  await expect(page.getByText("El concentrador está en línea.")).toBeVisible();
  await axe(page);
  await expectNoOverflow(page);
});
