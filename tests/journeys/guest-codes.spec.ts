import type { APIRequestContext, Page } from "@playwright/test";
import { axe, expect, firstProperty, messages, signIn, test, uniqueWord } from "./journey";
import { digitsIn, checkAppearance, loadsMore } from "./appearance";

// The manager's device is in another zone: times are in the property's zone all the same (R22).
test.use({ timezoneId: "Europe/Berlin" });

interface Door {
  id: string;
  name: string;
}

let manager: APIRequestContext;
let property: string;

async function door(name: string): Promise<Door> {
  const { items } = await (await manager.get(`/api/v1/properties/${property}/doors?limit=200`)).json();
  const found = items.find((each: Door) => each.name === name);
  expect(found, name).toBeTruthy();
  return found;
}

/** Takes a lock off the network, or brings it back. */
async function setOnline({ id }: Door, online: boolean): Promise<void> {
  const answer = await manager.post(`/api/v1/simulator/doors/${id}/lock`, { data: { online } });
  expect(answer.status()).toBe(204);
}

/** A guest of this journey's own. */
function someGuest(what: string): string {
  return `${what} ${uniqueWord().slice(0, 8)}`;
}

async function issue(at: Door, guest: string): Promise<{ id: string; code: string }> {
  const answer = await manager.post("/api/v1/guest-codes", {
    data: { kind: "permanent", door_ids: [at.id], guest_name: guest },
    headers: { "Idempotency-Key": crypto.randomUUID() },
  });
  expect(answer.status()).toBe(201);
  return answer.json();
}

async function revoke(id: string): Promise<void> {
  await manager.post(`/api/v1/guest-codes/${id}/revoke`, { headers: { "Idempotency-Key": crypto.randomUUID() } });
}

/** The guest codes of that name on the server. */
async function issuedTo(guest: string): Promise<{ id: string; next_windows: { starts_at: string; ends_at: string }[] }[]> {
  const { items } = await (await manager.get(`/api/v1/guest-codes?property=${property}`)).json();
  return items.filter((each: { guest_name: string }) => each.guest_name === guest);
}

/** The next Saturday before the clocks go forward in Denver: the day before March's second Sunday. */
function saturdayBeforeSummerTime(): string {
  const today = new Date();
  for (let year = today.getUTCFullYear(); ; year += 1) {
    const firstSunday = (7 - new Date(Date.UTC(year, 2, 1)).getUTCDay()) % 7;
    const saturday = new Date(Date.UTC(year, 2, 1 + firstSunday + 6));
    if (saturday > today) {
      return saturday.toISOString().slice(0, 10);
    }
  }
}

test.beforeEach(async ({ page, calls }) => {
  manager = await calls("manager");
  property = await firstProperty(manager);
  await signIn(page, "manager");
});

test("R20 R22: a recurring code keeps its local hours across the change to summer time, as previewed in Denver time", async ({
  page,
}) => {
  test.slow();
  const guest = someGuest("Night nurse");
  await page.goto(`/properties/${property}/guest-codes/new`);
  await page.getByLabel("Recurring").check();
  await expect(page.getByText("240 unit doors. Type a unit to find one.")).toBeVisible();
  await page.getByLabel("Find a door").fill("unit 214");
  await page.getByLabel("Unit 214 front door").check();
  await page.getByLabel("Find a door").fill("");
  await page.getByLabel("Main gate").check();
  await expect(page.getByText("Opens Main gate, Unit 214 front door.")).toBeVisible();
  await page.getByLabel("Guest", { exact: true }).fill(guest);
  await page.getByLabel("Sat", { exact: true }).check();
  await page.getByLabel("Sun", { exact: true }).check();
  await page.getByLabel("From", { exact: true }).fill("22:00");
  await page.getByLabel("To", { exact: true }).fill("06:00");
  await expect(page.getByText("The next day.", { exact: false })).toBeVisible();
  const saturday = saturdayBeforeSummerTime();
  await page.getByLabel("First day").fill(saturday);
  await page.getByLabel("Last day").fill(new Date(Date.parse(saturday) + 30 * 86_400_000).toISOString().slice(0, 10));

  const opens = page.getByRole("region", { name: "When it opens" });
  await expect(opens).toContainText("Denver time");
  await expect(opens.getByRole("listitem")).toHaveText(Array(5).fill(/10:00 PM – .* 6:00 AM$/));
  await expect(opens).toContainText("And so on.");
  // The week is drawn, and said to whoever can't see it.
  await expect(opens.getByRole("img", { name: /^Sat, Sun, 10:00 PM – 6:00 AM the next day$/ })).toBeVisible();
  const shown = await opens.getByRole("listitem").allTextContents();
  await checkAppearance(page);

  await page.getByRole("button", { name: "Issue code" }).click();
  const issued = page.getByRole("region", { name: `For ${guest}` });
  await digitsIn(issued);
  await expect(issued.getByRole("listitem"), "the same windows as before issuing").toHaveText(shown);
  await expect(page.getByText("It’s sent to the locks in time for its next window", { exact: false })).toBeVisible();
  await checkAppearance(page);

  const [made] = await issuedTo(guest);
  const [first] = made.next_windows;
  expect((Date.parse(first.ends_at) - Date.parse(first.starts_at)) / 3_600_000, "that night is an hour shorter").toBe(7);
  await revoke(made.id);
});

test("R43: a code’s times are moved with the keyboard, after its next windows are shown; its digits stay", async ({ page }) => {
  const guest = someGuest("Mover");
  const gym = await door("Gym");
  const answer = await manager.post("/api/v1/guest-codes", {
    data: {
      kind: "temporary",
      door_ids: [gym.id],
      guest_name: guest,
      starts_at: "2030-05-01T15:00:00Z",
      ends_at: "2030-05-01T21:00:00Z",
    },
    headers: { "Idempotency-Key": crypto.randomUUID() },
  });
  const { id, code } = await answer.json();
  await page.goto(`/guest-codes/${id}`);
  await expect(page.getByRole("heading", { name: guest })).toBeVisible();
  await page.getByRole("link", { name: "Change times" }).press("Enter");
  await expect(page.getByRole("heading", { name: "Change times" })).toBeVisible();
  await expect(page.getByLabel("Starts")).toHaveValue("2030-05-01T09:00");
  const opens = page.getByRole("region", { name: "When it will open" });
  await expect(opens.getByRole("listitem")).toHaveText(/9:00 AM – 3:00 PM/);
  await checkAppearance(page);

  // What is wrong is said at its field, and nothing is changed.
  await page.getByLabel("Ends").fill("2030-05-01T08:00");
  await page.getByLabel("Ends").press("Enter");
  await expect(page.getByRole("alert")).toBeFocused();
  await expect(page.getByRole("alert")).toContainText("The end must be after the start.");

  await page.getByLabel("Ends").fill("2030-05-02T08:00");
  await expect(opens.getByRole("listitem")).toContainText("8:00 AM");
  await page.getByLabel("Reference").fill("WO-48213");
  // Somebody else is first: what was typed stays, and is saved the second time.
  const other = await manager.get(`/api/v1/guest-codes/${id}`);
  const first = await manager.patch(`/api/v1/guest-codes/${id}`, {
    data: { reference: "WO-1" },
    headers: { "If-Match": other.headers().etag },
  });
  expect(first.status()).toBe(200);
  const save = page.getByRole("button", { name: "Save changes" });
  await save.press("Enter");
  await expect(page.getByRole("alert")).toContainText("changed");
  await expect(page.getByLabel("Ends")).toHaveValue("2030-05-02T08:00");
  await save.press("Enter");
  await expect(page.getByRole("heading", { name: guest })).toBeVisible();
  await expect(messages(page)).toContainText("Guest code changed.");
  await expect(page.getByText("WO-48213")).toBeVisible();
  const now = await (await manager.get(`/api/v1/guest-codes/${id}`)).json();
  expect([now.starts_at, now.ends_at, now.reference]).toEqual(["2030-05-01T15:00:00Z", "2030-05-02T14:00:00Z", "WO-48213"]);
  const revealed = await (await manager.post(`/api/v1/codes/${id}/reveal`, { data: {} })).json();
  expect(revealed.code === code, "the same digits").toBe(true);

  // Revoked meanwhile: the form says so instead.
  await page.goto(`/guest-codes/${id}/change`);
  await expect(page.getByLabel("Ends")).toBeVisible();
  await revoke(id);
  await expect(page.getByRole("heading", { name: "This guest code is over" })).toBeVisible();
});

test("five clicks, a lost answer and a reload issue one code", async ({ page, context }) => {
  const guest = someGuest("Plumber");
  const keys: string[] = [];
  const fill = async () => {
    await page.goto(`/properties/${property}/guest-codes/new`);
    await page.getByLabel("Permanent").check();
    await page.getByLabel("Gym").check();
    await page.getByLabel("Guest", { exact: true }).fill(guest);
  };
  let arrive = () => {};
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  await page.route("**/api/v1/guest-codes", async (route) => {
    if (route.request().method() !== "POST") {
      return route.continue();
    }
    keys.push(route.request().headers()["idempotency-key"] ?? "");
    if (keys.length > 1) {
      return route.continue();
    }
    // The server acts, but its answer is lost.
    const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
    const answer = await route.fetch({ headers: { ...route.request().headers(), cookie, "sec-fetch-site": "same-origin" } });
    expect(answer.status()).toBe(201);
    arrive();
  });

  await fill();
  await page.getByRole("button", { name: "Issue code" }).evaluate((button: HTMLButtonElement) => {
    for (let click = 0; click < 5; click += 1) {
      button.click();
    }
  });
  await arrived;
  expect(await issuedTo(guest)).toHaveLength(1);
  await fill();
  await page.getByRole("button", { name: "Issue code" }).click();
  await digitsIn(page.getByRole("region", { name: `For ${guest}` }));

  expect(keys).toHaveLength(2);
  expect(keys[1], "the same key after the reload").toBe(keys[0]);
  const made = await issuedTo(guest);
  expect(made).toHaveLength(1);
  await revoke(made[0].id);
});

test("when the server can’t be reached, what was entered stays, and trying again issues one code", async ({ page }) => {
  const guest = someGuest("Painter");
  await page.goto(`/properties/${property}/guest-codes/new`);
  await page.getByLabel("Permanent").check();
  await page.getByLabel("Gym").check();
  await page.getByLabel("Guest", { exact: true }).fill(guest);
  await page.getByLabel("Reference").fill("WO-48213");
  await page.route("**/api/v1/guest-codes", (route) => route.abort());
  await page.getByRole("button", { name: "Issue code" }).click();
  await expect(page.getByRole("alert")).toContainText("We can’t reach the server.");
  await expect(page.getByRole("alert")).toBeFocused();
  await expect(page.getByLabel("Guest", { exact: true })).toHaveValue(guest);

  await page.unroute("**/api/v1/guest-codes");
  await page.getByRole("button", { name: "Issue code" }).click();
  await digitsIn(page.getByRole("region", { name: `For ${guest}` }));
  const made = await issuedTo(guest);
  expect(made).toHaveLength(1);
  // R45: found by its reference, too.
  await page.goto(`/properties/${property}/guest-codes`);
  await page.getByRole("searchbox").fill(`wo 48213 ${guest}`);
  await expect(page.getByRole("row").filter({ hasText: guest })).toContainText("WO-48213");
  await revoke(made[0].id);
});

test("errors are shown at the field and at the top, and nothing entered is lost", async ({ page }) => {
  await page.goto(`/properties/${property}/guest-codes/new`);
  await page.getByLabel("Ends", { exact: true }).fill("");
  await page.getByRole("button", { name: "Issue code" }).click();
  const summary = page.getByRole("alert");
  await expect(summary).toBeFocused();
  await expect(summary.getByRole("link")).toHaveText([
    "Choose at least one door.",
    "Say who the code is for.",
    "Enter a date and a time.",
  ]);
  await axe(page);
  await summary.getByRole("link", { name: "Say who the code is for." }).click();
  await expect(page.getByLabel("Guest", { exact: true })).toBeFocused();

  // The server's own refusals are shown the same way.
  await page.getByLabel("Gym").check();
  await page.getByLabel("Guest", { exact: true }).fill("Ring\u200b twice");
  await page.getByLabel("Starts", { exact: true }).fill("2031-05-05T12:00");
  await page.getByLabel("Ends", { exact: true }).fill("2031-05-05T14:00");
  await page.getByRole("button", { name: "Issue code" }).click();
  await expect(page.getByLabel("Guest", { exact: true })).toHaveAccessibleDescription(/characters that can’t be seen/);
  await expect(page.getByLabel("Guest", { exact: true })).toHaveValue("Ring\u200b twice");

  await page.getByLabel("Guest", { exact: true }).fill("Carpenter");
  await page.getByLabel("Ends", { exact: true }).fill("2031-05-05T11:00");
  const opens = page.getByRole("region", { name: "When it opens" });
  await expect(opens.getByRole("listitem")).toHaveCount(0);
  await page.getByRole("button", { name: "Issue code" }).click();
  await expect(page.getByLabel("Ends", { exact: true })).toHaveAttribute("aria-invalid", "true");
});

test("R29 R26: a code for a lock that is offline waits, says since when, and works when the lock is back", async ({ page }) => {
  test.slow();
  const pool = await door("Pool");
  const guest = someGuest("Swim teacher");
  await setOnline(pool, false);
  try {
    await page.goto(`/properties/${property}/guest-codes/new`);
    await page.getByLabel("Permanent").check();
    await page.getByLabel("Pool").check();
    await page.getByLabel("Guest", { exact: true }).fill(guest);
    await page.getByRole("button", { name: "Issue code" }).click();
    await digitsIn(page.getByRole("region", { name: `For ${guest}` }));
    await expect(page.getByText(/^Waiting: lock offline since/)).toBeVisible({ timeout: 15_000 });
    await axe(page);
  } finally {
    await setOnline(pool, true);
  }
  await page.getByRole("link", { name: "Open this guest code" }).click();
  // The page updates by itself, and the server polls the lock again within half a minute.
  await expect(page.getByText("Working", { exact: true })).toBeVisible({ timeout: 60_000 });
  const [made] = await issuedTo(guest);
  await revoke(made.id);
});

test("R24: a revoked code still opens the door until the lock confirms, and the page says so", async ({ page }) => {
  test.slow();
  const roof = await door("Roof terrace");
  const guest = someGuest("Roofer");
  const { id, code } = await issue(roof, guest);
  await page.goto(`/guest-codes/${id}`);
  await expect(page.getByText("Working", { exact: true })).toBeVisible({ timeout: 15_000 });
  await checkAppearance(page);

  await setOnline(roof, false);
  try {
    await page.getByRole("button", { name: "Revoke" }).click();
    const dialog = page.getByRole("dialog", { name: `Revoke the code of ${guest}?` });
    await expect(dialog).toContainText("It still opens the door until the lock confirms the removal.");
    await axe(page);
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await expect(page.getByRole("button", { name: "Revoke" }), "cancelling returns the focus").toBeFocused();
    await page.getByRole("button", { name: "Revoke" }).click();
    await dialog.getByRole("button", { name: "Revoke" }).click();
    await expect(dialog).toBeHidden();
    await expect(page.getByText("It still opens the door until the lock confirms the removal.")).toBeVisible();
    await expect(page.getByText("Being removed: still opens the door")).toBeVisible();
    await axe(page);
  } finally {
    await setOnline(roof, true);
  }
  await expect(page.getByText("Removed from every lock. It no longer opens anything.")).toBeVisible({ timeout: 20_000 });
  const pressed = await manager.post(`/api/v1/simulator/doors/${roof.id}/keypad`, { data: { digits: code } });
  expect((await pressed.json()).opened).toBe(false);
});

test("R23 R30: whoever issued a code reveals it; another manager is asked for a reason", async ({ page }) => {
  const guest = someGuest("Florist");
  const { id, code } = await issue(await door("Gym"), guest);
  await page.goto(`/guest-codes/${id}`);
  await page.getByRole("button", { name: `Show the code of ${guest}` }).click();
  expect(await digitsIn(page.getByRole("main"))).toBe(code);
  await revoke(id);

  const { items } = await (
    await manager.get(`/api/v1/guest-codes?property=${property}&status=live&kind=permanent&limit=200`)
  ).json();
  const foreign = items.find((each: { issued_by: { name: string } }) => each.issued_by.name !== "Morgan Reyes");
  await page.goto(`/guest-codes/${foreign.id}`);
  await page.getByRole("button", { name: /^Show the code of/ }).click();
  const dialog = page.getByRole("dialog");
  await axe(page);
  await dialog.getByRole("button", { name: "Show code" }).click();
  await expect(dialog.getByRole("alert")).toContainText("Say why you need to see it.");
  await dialog.getByLabel("Reason").fill("guest is at the gate");
  await dialog.getByRole("button", { name: "Show code" }).click();
  await digitsIn(page.getByRole("main"));
});

test("the list has its filters in the address, says when nothing matches, and loads more", async ({ page }) => {
  test.slow();
  await page.goto(`/properties/${property}/guest-codes`);
  const table = page.getByRole("table", { name: "Guest codes, newest first" });
  await loadsMore(page, table);

  await page.getByLabel("Kind").selectOption("Delivery");
  await page.getByLabel("State").selectOption("Used");
  await expect(page).toHaveURL(/kind=delivery/);
  await expect(page).toHaveURL(/status=used/);
  await expect(table.getByRole("row").nth(1)).toContainText("Used");
  await expect(table.getByRole("row").filter({ hasText: "Temporary" })).toHaveCount(0);
  await page.reload();
  await expect(page.getByLabel("Kind")).toHaveValue("delivery");
  await expect(table.getByRole("row").nth(1)).toContainText("Delivery");
  await checkAppearance(page);

  await page.getByLabel("Kind").selectOption("Permanent");
  await expect(page.getByRole("heading", { name: "No guest code found" })).toBeVisible();
  await axe(page);
  await page.getByRole("main").getByRole("button", { name: "Clear filters" }).first().click();
  await expect(page).toHaveURL(/guest-codes$/);
  await page.getByLabel("Door").selectOption("Gym");
  await expect(page).toHaveURL(/door=/);
  await expect(table.getByRole("row").nth(1)).toContainText("Gym");
});

/** What page translators do: each text is replaced by a `<font>` in a `<font>` with its translation. */
async function translate(page: Page): Promise<void> {
  await page.evaluate(() => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found: Text[] = [];
    while (texts.nextNode()) {
      if (texts.currentNode.textContent?.trim() && !texts.currentNode.parentElement?.closest("script, [translate=no]")) {
        found.push(texts.currentNode as Text);
      }
    }
    for (const text of found) {
      const [outer, inner] = [document.createElement("font"), document.createElement("font")];
      inner.textContent = text.data;
      outer.append(inner);
      text.replaceWith(outer);
    }
  });
}

test("R24: a page that a translator has rewritten still says when the code is off the lock", async ({ page }) => {
  test.slow();
  const roof = await door("Roof terrace");
  const { id } = await issue(roof, someGuest("Gardener"));
  await page.goto(`/guest-codes/${id}`);
  await expect(page.getByText("Working", { exact: true })).toBeVisible({ timeout: 15_000 });
  await setOnline(roof, false);
  try {
    await revoke(id);
    await expect(page.getByText("It still opens the door until the lock confirms the removal.")).toBeVisible({ timeout: 30_000 });
    await translate(page);
  } finally {
    await setOnline(roof, true);
  }
  await expect(page.getByText("Removed from every lock. It no longer opens anything.")).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText("It still opens the door")).toHaveCount(0);
});

test("R44: a door whose lock is offline says so before a code is issued for it", async ({ page, calls }) => {
  const pool = await door("Pool");
  await setOnline(pool, false);
  try {
    await page.goto(`/properties/${property}/guest-codes/new`);
    const warning = /Offline since .+\. The code is sent once the lock is back online\./;
    await expect(page.getByLabel("Pool")).toHaveAccessibleName(warning);
    await expect(page.getByLabel("Gym"), "online").not.toHaveAccessibleName(warning);
    await page.getByLabel("Pool").check();
    await expect(page.getByRole("status").filter({ hasText: "Opens Pool." })).toContainText(warning);
    await checkAppearance(page);
  } finally {
    await setOnline(pool, true);
  }
  const unit = (await (await (await calls("resident")).get("/api/v1/me/access")).json()).guest_doors[0];
  await setOnline(unit, false);
  try {
    await expect
      .poll(async () => (await (await (await calls("resident")).get("/api/v1/me/access")).json()).guest_doors[0].offline_since)
      .toBeTruthy();
  } finally {
    await setOnline(unit, true);
  }
});

test("a guest code is issued again with its fields, and no name is in the address", async ({ page }) => {
  const guest = someGuest("Tuner");
  const gym = await door("Gym");
  const answer = await manager.post("/api/v1/guest-codes", {
    data: {
      kind: "recurring",
      door_ids: [gym.id],
      guest_name: guest,
      length: 4,
      recurrence: { weekdays: ["tue", "thu"], from: "07:30", to: "08:15", first_day: "2031-03-04", last_day: "2031-05-29" },
    },
    headers: { "Idempotency-Key": crypto.randomUUID() },
  });
  const { id } = await answer.json();
  await revoke(id);
  await page.goto(`/guest-codes/${id}`);
  await page.getByRole("link", { name: "Issue again" }).click();
  await expect(page.getByLabel("Guest", { exact: true })).toHaveValue(guest);
  await expect(page).toHaveURL(new RegExp(`/guest-codes/new\\?again=${id}$`));
  for (const checked of ["Recurring", "Gym", "Tue", "Thu", "4 digits"]) {
    await expect(page.locator("form").getByRole("group").getByLabel(checked)).toBeChecked();
  }
  await expect(page.getByLabel("Wed")).not.toBeChecked();
  for (const [label, value] of [["From", "07:30"], ["To", "08:15"], ["First day", "2031-03-04"], ["Last day", "2031-05-29"]] as const) {
    await expect(page.getByLabel(label, { exact: true })).toHaveValue(value);
  }
  await page.getByRole("button", { name: "Issue code" }).click();
  await digitsIn(page.getByRole("region", { name: `For ${guest}` }));
  const made = (await issuedTo(guest)).filter((each) => each.id !== id);
  expect(made).toHaveLength(1);
  await revoke(made[0].id);
  await page.getByRole("button", { name: "Issue another" }).click();
  await expect(page.getByLabel("Guest", { exact: true }), "the next one is a new one").toHaveValue("");
});

test("R33: guest codes are found by the guest’s name, which is in no address, and revoked together", async ({ page }) => {
  test.slow();
  const word = uniqueWord().slice(0, 8);
  const gym = await door("Gym");
  const made = [];
  for (const first of ["José", "Zoë", "Ann"]) {
    made.push(await issue(gym, `${first} ${word}`));
  }
  const requested: string[] = [];
  page.on("request", (request) => requested.push(request.url()));
  await page.goto(`/properties/${property}/guest-codes`);
  const table = page.getByRole("table", { name: "Guest codes, newest first" });
  const names = table.getByRole("rowheader");
  const search = page.getByRole("searchbox", { name: "Guest’s name" });
  await search.fill(word);
  await expect(names).toHaveText([/^Ann/, /^Zoë/, /^José/]);
  await search.fill(`${word} jose`);
  await expect(names).toHaveText([/^José/]);
  await search.fill(word);
  await expect(names).toHaveCount(3);
  await expect(page.getByRole("status").filter({ hasText: /^3 shown/ }), "the count is of those found").toBeAttached();
  expect(requested.filter((url) => url.includes(word))).toEqual([]);
  await expect(page).toHaveURL(/guest-codes$/);

  await table.getByRole("checkbox", { name: `Select the code of Ann ${word}` }).check();
  await table.getByRole("checkbox", { name: `Select the code of Zoë ${word}` }).check();
  await checkAppearance(page);
  await page.getByRole("button", { name: "Revoke 2" }).click();
  const dialog = page.getByRole("dialog", { name: "Revoke 2 guest codes?" });
  await axe(page);
  await dialog.getByRole("button", { name: "Revoke", exact: true }).click();
  await expect(messages(page).getByText("2 guest codes revoked.")).toBeVisible();
  await expect(dialog).toBeHidden();
  await expect(names).toHaveCount(3);
  await expect(table.getByRole("row").filter({ hasText: "Revoked" })).toHaveCount(2);
  await expect(table.getByRole("checkbox"), "what is over can't be revoked").toHaveCount(1);
  await expect(page.getByRole("button", { name: /^Revoke \d/ })).toHaveCount(0);
  const { items } = await (await manager.get(`/api/v1/audit?action=guest_code.revoked&property=${property}&limit=20`)).json();
  const ours = items.filter((event: { subject: { name: string } }) => event.subject.name.includes(word));
  expect(ours, "each is an event of its own").toHaveLength(2);

  await search.fill("");
  await page.getByLabel("Kind").selectOption("Permanent");
  await expect(page).toHaveURL(/kind=permanent$/);
  await revoke(made[0].id);
});
