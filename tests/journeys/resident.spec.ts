import type { APIRequestContext, Page } from "@playwright/test";
import { axe, expect, firstProperty, PASSWORD, PEOPLE, signIn, test, uniqueWord } from "./journey";
import { digitsIn, checkAppearance } from "./appearance";

/** Six random digits that pass R7 and R8. */
function someCode(): string {
  const tail = Math.floor(Math.random() * 10_000).toString().padStart(4, "0");
  return `29${tail}`;
}

/** What the app sends when the resident picks a code. */
async function pick(app: APIRequestContext, code: string) {
  return app.put("/api/v1/me/code", {
    data: { mode: "custom", code },
    headers: { "Idempotency-Key": crypto.randomUUID() },
  });
}

/** Signs the resident's app in with that version. */
async function appOf(page: Page, version: string): Promise<Record<string, string>> {
  const answer = await page.request.post("/api/v1/mobile/token", {
    data: { email: PEOPLE.resident, password: PASSWORD, platform: "android", app_version: version },
    // Without the browser's session: a request with both is refused.
    headers: { Cookie: "" },
  });
  expect(answer.status(), `the app ${version} signs in`).toBe(200);
  return { Authorization: `Bearer ${(await answer.json()).token}` };
}

/** Makes sure that custom codes are on, whatever other journeys did. */
async function enableCustomCodes(manager: APIRequestContext): Promise<void> {
  const url = `/api/v1/properties/${await firstProperty(manager)}`;
  const read = await manager.get(url);
  if (!(await read.json()).custom_codes_enabled) {
    const answer = await manager.patch(url, {
      data: { custom_codes_enabled: true },
      headers: { "If-Match": read.headers().etag ?? "" },
    });
    expect(answer.status()).toBe(200);
  }
}

const bar = (page: Page) => page.getByRole("region", { name: "My Access" });

test.beforeEach(async ({ page }) => {
  await signIn(page, "resident");
});

test("R15 R30: the resident's own code is masked until revealed, and hides itself again", async ({ page }) => {
  await page.clock.install();
  await page.goto("/my-access");
  await expect(bar(page).getByText("hidden digits")).toBeAttached();
  await expect(bar(page)).toContainText("Unit 101 front door");

  await bar(page).getByRole("button", { name: "Show your code" }).click();
  const digits = await digitsIn(bar(page));
  expect(page.url(), "no digits in the address (R32)").not.toContain(digits);
  await page.clock.runFor(31_000);
  await expect(bar(page).getByText("hidden digits")).toBeAttached();

  await bar(page).getByRole("button", { name: "Show your code" }).click();
  await digitsIn(bar(page));
  await page.evaluate(() => window.dispatchEvent(new Event("blur")));
  await expect(bar(page).getByText("hidden digits"), "hidden when the window loses the focus").toBeAttached();
});

test("R1 R4 R15 R26: a code picked in the app is shown as the resident's own choice, and opens the door", async ({
  page,
  phone,
  calls,
}) => {
  const manager = await calls("manager");
  await enableCustomCodes(manager);
  const code = someCode();
  const picked = await pick(phone, code);
  expect(picked.status(), await picked.text()).toBe(200);

  await page.goto("/my-access");
  const facts = page.getByRole("region", { name: "On the lock" });
  await expect(facts).toContainText("Your own choice, 6 digits, since");
  await expect(facts).toContainText("Working");
  await expect(facts).toContainText("on the lock");
  await expect(facts).toContainText("Denver time");
  await bar(page).getByRole("button", { name: "Show your code" }).click();
  expect(await digitsIn(bar(page))).toBe(code);

  const { doors } = await (await phone.get("/api/v1/me/access")).json();
  const pressed = await manager.post(`/api/v1/simulator/doors/${doors[0].id}/keypad`, { data: { digits: code } });
  expect((await pressed.json()).opened, "the lock knows it").toBe(true);
});

test("R4 R14: an app older than 2.8.0 is refused with the whole checklist, and the page says what to do", async ({
  page,
  calls,
  playwright,
  baseURL,
}) => {
  test.slow();
  await enableCustomCodes(await calls("manager"));
  const app = await playwright.request.newContext({ baseURL });
  const old = await appOf(page, "2.7.9");
  const refused = await app.put("/api/v1/me/code", {
    data: { mode: "custom", code: someCode() },
    headers: { ...old, "Idempotency-Key": crypto.randomUUID() },
  });
  expect(refused.status()).toBe(403);
  const problem = await refused.json();
  expect(problem.code).toBe("app_too_old");
  expect(problem.checklist.length).toBeGreaterThan(5);

  await page.goto("/my-access");
  const card = page.locator("section.card").filter({ hasText: "Can I pick my own code?" });
  await expect(card).toContainText("Not now: one condition isn’t met.");
  await expect(card).toContainText("2.7.9");
  await expect(card).toContainText("Update the app to version 2.8.0 or newer.");
  await checkAppearance(page);

  await appOf(page, "2.8.0");
  await page.reload();
  await expect(card).toContainText("Yes, in the app.");
  await app.dispose();
});

test("R5: the web session is refused, whatever it claims, and the code stays as it was", async ({ page }) => {
  await page.goto("/my-access");
  const facts = page.getByRole("region", { name: "On the lock" });
  await expect(facts).toContainText("digits, since");
  const before = await facts.innerText();

  const answer = await page.evaluate(async () => {
    const response = await fetch("/api/v1/me/code", {
      method: "PUT",
      headers: {
        "content-type": "application/json",
        "idempotency-key": crypto.randomUUID(),
        "x-app-version": "2.8.0",
        "x-platform": "ios",
      },
      body: JSON.stringify({ mode: "custom", code: "290174" }),
    });
    return { status: response.status, code: (await response.json()).code };
  });
  expect(answer).toEqual({ status: 403, code: "not_on_web" });

  await page.reload();
  await expect(facts).toContainText("digits, since");
  expect(await facts.innerText()).toBe(before);
});

test("R5 R12 R15: the page says how to change the code in the app and why not here, and has no form for it", async ({
  page,
}) => {
  test.slow();
  await page.goto("/my-access");
  await expect(page.getByRole("heading", { name: "Want another code?" })).toBeVisible();
  const steps = page.getByRole("list").filter({ hasText: /^AccessMy Access/ }).getByRole("listitem");
  await expect(steps).toHaveText(["Access", "My Access", "Pick a Code", "Custom Code"]);
  await expect(page.getByText("The web only shows your code.")).toBeVisible();
  await expect(page.getByText("No, that’s up to you.")).toBeVisible();
  await checkAppearance(page);

  for (const address of ["/my-access", "/my-access/guest-codes"]) {
    await page.goto(address);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(page.getByRole("textbox"), `nothing to type a code into on ${address}`).toHaveCount(0);
    await expect(page.locator("main form")).toHaveCount(0);
  }
  await page.goto("/my-access/guest-codes/new");
  await expect(page.getByLabel("Guest", { exact: true })).toBeVisible();
  const names = await page.locator("main :is(input, select, textarea)").evaluateAll((fields) => [
    ...new Set(fields.map((field) => field.getAttribute("name"))),
  ]);
  expect(names.sort()).toEqual(["door_ids", "ends_at", "guest_name", "kind", "length", "reference", "starts_at"]);
});

test("R14: each condition is met, not met or not checked, in words", async ({ page, phone, calls }) => {
  await enableCustomCodes(await calls("manager"));
  // The app was seen with 2.8.0 by signing in.
  expect((await phone.get("/api/v1/me/access")).status()).toBe(200);
  await page.goto("/my-access");
  const list = page.getByRole("list").filter({ hasText: "Your property allows custom codes" });
  await expect(list.getByRole("listitem")).toHaveCount(11);
  await expect(list).toContainText("Met: Your property allows custom codes");
  await expect(list).toContainText("Not met: You pick a code in the app, not on the web");
  await expect(list).toContainText("Not checked: 4 or 6 digits");
  await expect(list).toContainText("The lock is online");
});

test("R30: the resident sees who revealed their code, when and why", async ({ page, phone, calls }) => {
  const manager = await calls("manager");
  const { code } = await (await phone.get("/api/v1/me/access")).json();
  const reason = `called, locked out ${uniqueWord()}`;
  const answer = await manager.post(`/api/v1/codes/${code.id}/reveal`, { data: { reason } });
  expect(answer.status()).toBe(200);

  await page.goto("/my-access");
  const entry = page.getByRole("listitem").filter({ hasText: reason });
  await expect(entry).toContainText("Morgan Reyes, manager");
  await expect(entry.getByRole("time")).toBeVisible();

  await bar(page).getByRole("button", { name: "Show your code" }).click();
  await expect(page.getByRole("listitem").filter({ hasText: "You" }).first(), "their own reveal too").toBeVisible();
});

test("R16 R26: the page follows a change on the lock without reloading", async ({ page, phone, calls }) => {
  await enableCustomCodes(await calls("manager"));
  await page.goto("/my-access");
  const facts = page.getByRole("region", { name: "On the lock" });
  await expect(facts).toContainText("Working");
  const random = await phone.put("/api/v1/me/code", {
    data: { mode: "random", length: 4 },
    headers: { "Idempotency-Key": crypto.randomUUID() },
  });
  expect(random.status(), await random.text()).toBe(200);

  await expect(facts).toContainText("Random, 4 digits, since");
  await expect(facts).toContainText("Working");
});

interface Kind {
  kind: string;
  fill: (page: Page) => Promise<void>;
  preview: RegExp[];
}

const KINDS: Kind[] = [
  {
    kind: "Temporary",
    fill: async (page) => {
      await page.getByLabel("Main gate").check();
    },
    preview: [/ – /],
  },
  {
    kind: "Recurring",
    fill: async (page) => {
      for (const day of ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]) {
        await page.getByLabel(day, { exact: true }).check();
      }
      await page.getByLabel("From", { exact: true }).fill("08:15");
      await page.getByLabel("To", { exact: true }).fill("17:45");
    },
    preview: Array(5).fill(/ 8:15 AM – 5:45 PM/),
  },
  {
    kind: "Delivery",
    fill: async (page) => {
      const own = page.getByLabel("Unit 101 front door");
      await expect(own).toHaveAttribute("aria-disabled", "true");
      await expect(page.getByText("Delivery codes open only property doors here.")).toBeVisible();
      await own.click({ force: true });
      await expect(own, "R20: a delivery code doesn't open the unit's door").not.toBeChecked();
      await page.getByLabel("Main gate").check();
    },
    preview: [/ – /],
  },
  { kind: "Permanent", fill: async () => {}, preview: [/^From .* until revoked$/] },
];

for (const { kind, fill, preview } of KINDS) {
  test(`R20 R22 R23 R24: a resident issues a ${kind.toLowerCase()} code, reveals it again and revokes it`, async ({ page }) => {
    const guest = `${kind} guest ${uniqueWord().slice(0, 8)}`;
    await page.goto("/my-access/guest-codes");
    await page.getByRole("link", { name: "Issue a guest code" }).click();
    await page.getByLabel(kind).check();
    await fill(page);
    await page.getByLabel("Guest", { exact: true }).fill(guest);

    const opens = page.getByRole("region", { name: "When it opens" });
    await expect(opens).toContainText("Denver time");
    await expect(opens.getByRole("listitem")).toHaveText(preview);
    await page.getByRole("button", { name: "Issue code" }).click();

    const issued = page.getByRole("region", { name: `For ${guest}` });
    await expect(issued).toBeFocused();
    const digits = await digitsIn(issued);
    expect(digits).toHaveLength(6);
    const kept = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
    expect(kept + page.url(), "no digits are kept (R32)").not.toContain(digits);
    expect(page.url()).not.toContain(encodeURIComponent(guest));
    await axe(page);
    await issued.getByRole("button", { name: "Hide" }).click();
    await expect(issued.getByText("hidden digits")).toBeAttached();

    await page.getByRole("link", { name: "Open this guest code" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(guest);
    await page.getByRole("button", { name: `Show the code of ${guest}` }).click();
    expect(await digitsIn(page.getByRole("main")), "whoever issued it needs no reason").toBe(digits);

    await page.getByRole("button", { name: "Revoke", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: `Revoke the code of ${guest}?` });
    await expect(dialog).toBeVisible();
    await axe(page);
    await dialog.getByRole("button", { name: "Revoke", exact: true }).click();
    await expect(dialog).toBeHidden();
    await expect(page.getByText(/^Removed from every lock\.|^It was never on a lock/)).toBeVisible({ timeout: 15_000 });
    await expect(page.getByText("It was revoked. Its digits are no longer shown.")).toBeVisible();
    await expect(page.getByRole("button", { name: "Revoke", exact: true })).toHaveCount(0);

    await page.getByRole("link", { name: "All guest codes" }).click();
    const row = page.getByRole("row").filter({ hasText: guest });
    await expect(row).toContainText("Revoked");
    await expect(row).toContainText(kind);
  });
}

test("R20: a delivery code that was used says so and is taken off the lock", async ({ page, phone, calls }) => {
  const manager = await calls("manager");
  const { guest_doors: doors } = await (await phone.get("/api/v1/me/access")).json();
  const gate = doors.find((door: { name: string }) => door.name === "Main gate");
  const made = await phone.post("/api/v1/guest-codes", {
    data: { kind: "delivery", door_ids: [gate.id], guest_name: "Courier" },
    headers: { "Idempotency-Key": crypto.randomUUID() },
  });
  const { id, code } = await made.json();
  await page.goto(`/guest-codes/${id}`);
  await expect(page.getByText("Working", { exact: true })).toBeVisible({ timeout: 15_000 });

  const pressed = await manager.post(`/api/v1/simulator/doors/${gate.id}/keypad`, { data: { digits: code } });
  expect((await pressed.json()).opened).toBe(true);
  await page.reload();
  await expect(page.getByText("Delivery codes work once, and this one has been used.", { exact: false })).toBeVisible();
  await expect(page.getByText("Removed from every lock. It no longer opens anything.")).toBeVisible({ timeout: 15_000 });
  const again = await manager.post(`/api/v1/simulator/doors/${gate.id}/keypad`, { data: { digits: code } });
  expect((await again.json()).opened, "not a second time").toBe(false);
});

test("R33: somebody else's guest code isn't found", async ({ page, calls }) => {
  const manager = await calls("manager");
  const { items } = await (await manager.get("/api/v1/guest-codes?kind=permanent&status=live")).json();
  const foreign = items.find((guest: { issued_by: { name: string } }) => guest.issued_by.name !== "Ada Brandt");
  await page.goto(`/guest-codes/${foreign.id}`);
  await expect(page.getByRole("heading", { name: "Not found" })).toBeVisible();
  await expect(page.getByText(foreign.guest_name)).toHaveCount(0);
  await axe(page);
});

test("the guest list and the form fit phones, in both themes", async ({ page }) => {
  test.slow();
  await page.goto("/my-access/guest-codes");
  await expect(page.getByRole("table", { name: "Guest codes, newest first" })).toBeVisible();
  await checkAppearance(page);
  await page.goto("/my-access/guest-codes/new");
  await expect(page.getByRole("region", { name: "When it opens" }).getByRole("listitem")).toHaveCount(1);
  await checkAppearance(page);
});

test.describe("checking a code", () => {
  test("R6 R7 R8 R9: says which rules a code breaks, and sends nothing", async ({ page }) => {
    test.slow();
    await page.goto("/my-access/check");
    const field = page.getByLabel("A code you have in mind");
    const rules = page.getByRole("main").getByRole("list").getByRole("listitem");
    await expect(rules).toHaveCount(3);
    const requested: string[] = [];
    page.on("request", (request) => requested.push(request.url()));
    // What happens at the server is followed on every page, and asks nothing.
    const sent = () => requested.filter((url) => new URL(url).pathname !== "/api/v1/events");

    await field.fill("1234");
    await expect(page.getByRole("status").filter({ hasText: "consecutive digits" })).toBeVisible();
    await expect(rules.nth(2)).toContainText("Broken:");
    await checkAppearance(page);
    await field.fill("7777");
    await expect(rules.nth(1)).toContainText("Broken:");
    await field.fill("12345");
    await expect(rules.nth(0)).toContainText("Broken:");
    await field.fill("0910");
    await expect(page.getByRole("status").filter({ hasText: "This code follows the rules." })).toBeVisible();
    await expect(rules.filter({ hasText: "Followed:" })).toHaveCount(3);

    expect(sent(), "nothing was sent").toEqual([]);
    expect(page.url()).not.toMatch(/\d{4}$/);
    const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
    expect(kept).not.toContain("0910");
    await expect(page.getByText("This page doesn’t create or change any code.")).toBeVisible();
    await expect(page.getByRole("button", { name: /pick|save|set/i })).toHaveCount(0);
  });
});

test("help has questions that open one by one", async ({ page }) => {
  test.slow();
  await page.goto("/my-access");
  await page.getByRole("button", { name: /Account/ }).click();
  await page.getByRole("link", { name: "Help" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Help" })).toBeVisible();
  await page.getByText("Why can’t I do it here?").click();
  await expect(page.getByText("The web only shows your code.")).toBeVisible();
  await checkAppearance(page);
});
