import { randomUUID } from "node:crypto";
import type { APIRequestContext, Locator, Page } from "@playwright/test";
import { expect, type Person, signIn, test, uniqueWord } from "./journey";

// What those hear who don't see the page: roles, names, states, what is told, and where the focus is.

/** What leads to the person's pages, and nothing else. */
const PLACES: Record<Person, string[]> = {
  manager: ["Overview", "Residents", "Guest codes", "Doors", "Activity"],
  resident: ["My Access", "Guests", "Check a code"],
  support: ["Overview", "Audit log", "Troubleshoot"],
};

const ROLES: Record<Person, string> = { manager: "Manager", resident: "Resident", support: "Support" };

const main = (page: Page) => page.getByRole("main");
const nav = (page: Page) => page.getByRole("banner").getByRole("navigation", { name: "Main" });

/** The landmarks around a page, and where one is among the person's pages; `here` is left out on pages beside them. */
async function framed(page: Page, person: Person, here?: string): Promise<void> {
  const links = PLACES[person].map((name) => `
          - listitem:
            - link "${name}"`);
  await expect(page.locator("body")).toMatchAriaSnapshot(`
    - link "Skip to content"
    - banner:
      - link "Latchkey"
      - navigation "Main":
        - list:
          - /children: equal${links.join("")}
      - 'button /^Account: .+ · ${ROLES[person]}$/'
    - main
    - status
    - region "Messages"
  `);
  await onlyOne(page);
  for (const name of PLACES[person]) {
    const link = nav(page).getByRole("link", { name, exact: true });
    await (name === here ? expect(link) : expect(link).not).toHaveAttribute("aria-current", "page");
  }
}

/** One `<main>`, with one heading of the first level. */
async function onlyOne(page: Page): Promise<void> {
  await expect(main(page)).toHaveCount(1);
  await expect(page.getByRole("heading", { level: 1 })).toHaveCount(1);
}

/** A page for whoever isn't signed in: nothing around it. */
async function bare(page: Page): Promise<void> {
  await expect(page.getByRole("banner")).toHaveCount(0);
  await expect(page.getByRole("navigation")).toHaveCount(0);
  await onlyOne(page);
}

/**
 * Listens as a screen reader does, to what changes in the live regions that are there by now. Gives a way to wait until
 * something was told.
 */
async function listen(page: Page): Promise<(words: string | RegExp, times?: number) => Promise<void>> {
  const said = await page.evaluateHandle(() => {
    const said: string[] = [];
    for (const region of document.querySelectorAll("[role=status], [role=alert]")) {
      const note = () => said.push(region.textContent?.replaceAll(/\s+/g, " ").trim() ?? "");
      new MutationObserver(note).observe(region, { subtree: true, childList: true, characterData: true });
    }
    return said;
  });
  return async (words, times = 1) => {
    const fits = (text: string) => (typeof words === "string" ? text === words : words.test(text));
    await expect.poll(async () => (await said.jsonValue()).filter(fits).length, `told: ${words}`).toBe(times);
  };
}

/** The page has come up: its heading is there, and so is what it reads first. */
async function arrived(page: Page, heading: string | RegExp): Promise<void> {
  await expect(page.getByRole("heading", { level: 1, name: heading })).toBeVisible();
  await expect(page.getByText("Loading", { exact: true })).toHaveCount(0);
}

type Calls = (person: Person) => Promise<APIRequestContext>;

async function first(api: APIRequestContext, path: string): Promise<{ id: string; name: string }> {
  const { items } = await (await api.get(`/api/v1/${path}`)).json();
  expect(items.length, path).toBeGreaterThan(0);
  return items[0];
}

const propertyOf = (api: APIRequestContext) => first(api, "properties");

/** Ada Brandt's tenancy, and the property it is in. */
async function ada(calls: Calls): Promise<{ property: string; resident: string }> {
  const manager = await calls("manager");
  const { id: property } = await propertyOf(manager);
  return { property, resident: (await first(manager, `properties/${property}/residents?q=brandt`)).id };
}

/** Guest codes that a journey has issued, which go with it. */
const issued: { api: APIRequestContext; id: string }[] = [];

test.afterEach(async () => {
  for (const { api, id } of issued.splice(0)) {
    await api.post(`/api/v1/guest-codes/${id}/revoke`, { headers: { "Idempotency-Key": randomUUID() } });
  }
});

const someGuest = () => `Guest ${uniqueWord().slice(0, 8)}`;

/** A code for a guest that no other journey has: of the resident for their unit, of a manager for the gym. */
async function issue(api: APIRequestContext, by: "manager" | "resident"): Promise<{ id: string; guest: string; door: string }> {
  const guest = someGuest();
  const doors: { id: string; name: string }[] = by === "resident"
    ? (await (await api.get("/api/v1/me/access")).json()).doors
    : (await (await api.get(`/api/v1/properties/${(await propertyOf(api)).id}/doors?limit=200`)).json()).items;
  const door = by === "resident" ? doors[0] : doors.find(({ name }) => name === "Gym");
  const answer = await api.post("/api/v1/guest-codes", {
    data: { kind: "permanent", door_ids: [door?.id], guest_name: guest },
    headers: { "Idempotency-Key": randomUUID() },
  });
  expect(answer.status(), await answer.text()).toBe(201);
  const { id } = await answer.json();
  issued.push({ api, id });
  return { id, guest, door: door?.name ?? "" };
}

test.describe("the tree", () => {
  test("of the sign-in page has a named form and nothing to go to", async ({ page }) => {
    await page.goto("/sign-in");
    await expect(main(page)).toMatchAriaSnapshot(`
      - heading "Sign in" [level=1]
      - textbox "Email"
      - textbox "Password"
      - button "Sign in"
      - group "Theme":
        - radio "System" [checked]
        - radio "Light" [checked=false]
        - radio "Dark" [checked=false]
      - group "Language":
        - radio "English" [checked]
        - radio "Español" [checked=false]
    `);
    await bare(page);
    await expect(page).toHaveTitle("Sign in · Latchkey");
    await expect(page.getByRole("radio", { name: "Español" }).locator("xpath=..")).toHaveAttribute("lang", "es");
  });

  test("of a manager's overview has the switch, how the house is, and what needs somebody", async ({ page, calls }) => {
    const { id, name } = await propertyOf(await calls("manager"));
    await signIn(page, "manager");
    await page.goto(`/properties/${id}`);
    await framed(page, "manager", "Overview");
    await expect(main(page)).toMatchAriaSnapshot(`
      - heading "${name}" [level=1]
      - paragraph: /^Times are .+ · [\\d,]+ residents · [\\d,]+ guest codes? live$/
      - region "Custom access codes":
        - heading "Custom access codes" [level=2]
        - switch "Custom access codes"
        - paragraph
        - paragraph: /^Codes people already have|custom code/
        - paragraph:
          - time
          - link "see in activity"
      - heading "Doors in order" [level=2]
      - heading "Hubs online" [level=2]
      - heading "Guest codes live" [level=2]
      - paragraph:
        - link "See guest codes"
      - region "Needs you":
        - heading "Needs you" [level=2]
        - paragraph: /^[\\d,]+ things?$/
        - table "What needs you, worst first":
          - rowgroup:
            - row:
              - /children: equal
              - columnheader "Door"
              - columnheader "What"
              - columnheader "On the lock"
              - columnheader "Since"
          - rowgroup:
            - row:
              - rowheader
              - cell:
                - link /code/
              - cell /Being removed|Failed|Waiting/
              - cell:
                - time
    `);
    const on = page.getByRole("switch", { name: "Custom access codes" });
    await expect(on).toHaveAccessibleDescription(/^Residents may pick their own 4- or 6-digit code/);
  });

  test("of the residents is a search, a table whose heads sort it, and codes by their owners", async ({ page, calls }) => {
    const { id } = await propertyOf(await calls("manager"));
    await signIn(page, "manager");
    await page.goto(`/properties/${id}/residents`);
    await framed(page, "manager", "Residents");
    await expect(main(page)).toMatchAriaSnapshot(`
      - heading "Residents" [level=1]
      - paragraph: /people in .+ · Times are/
      - link "Import or export"
      - search:
        - searchbox "Name or unit"
        - combobox "Origin":
          - option "Any origin" [selected]
          - option "Custom"
          - option "Random"
        - combobox "Status":
          - option "Any status" [selected]
          - option "Working"
          - option "Sending to lock"
          - 'option "Waiting: lock offline"'
          - option "Failed"
          - 'option "Being removed: still opens the door"'
      - table "Residents and their codes":
        - rowgroup:
          - row:
            - /children: equal
            - columnheader "Name":
              - button "Name"
            - columnheader "Unit":
              - button "Unit"
            - columnheader "Code"
            - columnheader "Origin"
            - columnheader "On the lock"
            - columnheader "Changed":
              - button "Changed"
        - rowgroup:
          - row /^Ada Brandt 101 /:
            - /children: equal
            - rowheader "Ada Brandt":
              - link "Ada Brandt"
            - cell "101"
            - cell:
              - text: /^[46] hidden digits$/
              - button "Show Ada Brandt’s code"
            - cell /^(Random|Custom)$/
            - cell
            - cell:
              - time
    `);

    const head = (name: string) => page.getByRole("columnheader", { name });
    const sorted = async (name: string, unit: string) => {
      await expect(head("Name")).toHaveAttribute("aria-sort", name);
      await expect(head("Unit")).toHaveAttribute("aria-sort", unit);
    };
    await sorted("ascending", "none");
    await expect(head("Code"), "can't be sorted by").not.toHaveAttribute("aria-sort");
    await head("Unit").getByRole("button").press("Enter");
    await sorted("none", "ascending");
    await head("Unit").getByRole("button").press("Enter");
    await sorted("none", "descending");
    await expect(head("Unit").getByRole("button")).toBeFocused();

    await page.getByLabel("Name or unit").fill("brandt");
    await expect(page.getByRole("search").getByRole("button", { name: "Clear filters" })).toBeVisible();

    await page.getByRole("button", { name: "Show Ada Brandt’s code" }).click();
    const dialog = page.getByRole("dialog", { name: "Show Ada Brandt’s code?" });
    await expect(dialog).toMatchAriaSnapshot(`
      - heading "Show Ada Brandt’s code?" [level=2]
      - paragraph: /^The resident sees that you looked/
      - textbox "Reason"
      - button "Cancel"
      - button "Show code"
    `);
    await expect(dialog.getByLabel("Reason")).toHaveAccessibleDescription(/^For example/);
    await expect(dialog.getByLabel("Reason"), "what one came for").toBeFocused();
  });

  test("of the form for a guest code has groups of choices, and says when it would open", async ({ page, calls }) => {
    const { id } = await propertyOf(await calls("manager"));
    await signIn(page, "manager");
    await page.goto(`/properties/${id}/guest-codes/new`);
    await framed(page, "manager", "Guest codes");
    await expect(main(page)).toMatchAriaSnapshot(`
      - paragraph:
        - link "All guest codes"
      - heading "Issue a guest code" [level=1]
      - paragraph: /^Times are/
      - group "Kind":
        - radio /^Temporary Works from a start/ [checked]
        - radio /^Recurring Works on chosen weekdays/ [checked=false]
        - radio /^Delivery Works once/ [checked=false]
        - radio /^Permanent Works until/ [checked=false]
      - group "Doors":
        - searchbox "Find a door"
        - group "Unit doors"
        - group "Property doors":
          - checkbox "Main gate" [checked=false]
        - group "Amenities":
          - checkbox "Gym" [checked=false]
        - status: No door chosen yet.
      - textbox "Guest"
      - textbox "Starts": /^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d$/
      - textbox "Ends": /^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d$/
      - group "Length":
        - radio "6 digits" [checked]
        - radio "4 digits" [checked=false]
      - region "When it opens":
        - heading "When it opens" [level=2]
        - status:
          - list:
            - listitem
      - button "Issue code"
    `);
    await expect(page.getByLabel("Guest", { exact: true })).toHaveAccessibleDescription(/^Whom it is for/);
    await expect(page.getByLabel("Guest", { exact: true })).toHaveAttribute("aria-required", "true");
    await expect(page.getByLabel("Starts", { exact: true })).toHaveAccessibleDescription(/time/);
    await expect(page.getByRole("group", { name: "Length" })).toHaveAccessibleDescription("The digits are always random.");

    await page.getByRole("radio", { name: /^Delivery/ }).check();
    await expect(page.getByRole("group", { name: "Doors", exact: true })).toMatchAriaSnapshot(`
      - group "Property doors":
        - checkbox "Main gate" [disabled=false]
      - group "Amenities":
        - checkbox "Gym" [disabled]
    `);
    await expect(page.getByRole("checkbox", { name: "Gym" })).toHaveAccessibleDescription("Delivery codes never open amenities.");
    await expect(page.getByLabel("Starts (optional)")).not.toHaveAttribute("aria-required");

    await page.getByRole("radio", { name: /^Recurring/ }).check();
    await expect(main(page)).toMatchAriaSnapshot(`
      - group "Days of the week":
        - checkbox "Mon" [checked=false]
        - checkbox "Sun" [checked=false]
      - textbox "From"
      - textbox "To"
      - textbox "First day"
      - textbox "Last day"
    `);
  });

  test("of a guest code has its facts in pairs, and what each lock says", async ({ page, calls }) => {
    const manager = await calls("manager");
    const code = await issue(manager, "manager");
    await signIn(page, "manager");
    await page.goto(`/guest-codes/${code.id}`);
    await framed(page, "manager");
    await expect(main(page)).toMatchAriaSnapshot(`
      - paragraph:
        - link "All guest codes"
      - heading "${code.guest}" [level=1]
      - paragraph: /^Permanent guest code · Times are/
      - button "Revoke"
      - heading "Code" [level=2]
      - text: /^[46] hidden digits$/
      - button "Show the code of ${code.guest}"
      - term: State
      - definition: Live
      - term: Opens
      - definition: ${code.door}
      - term: When
      - definition: /^From/
      - term: Kind
      - definition: Permanent. Works until somebody revokes it.
      - term: Issued
      - definition:
        - time
        - text: /^by /
      - term: Length
      - definition: /^[46] digits, random$/
      - heading "Share with the guest" [level=2]
      - paragraph:
        - button "Make a link"
      - heading "On the locks" [level=2]
      - status
      - list:
        - listitem:
          - paragraph: ${code.door}
    `);

    await page.getByRole("button", { name: "Revoke" }).click();
    await expect(page.getByRole("dialog", { name: `Revoke the code of ${code.guest}?` })).toMatchAriaSnapshot(`
      - heading "Revoke the code of ${code.guest}?" [level=2]
      - paragraph
      - button "Cancel"
      - button "Revoke"
    `);
  });

  test("of My Access begins with the code's bar, and says each condition in words", async ({ page }) => {
    await signIn(page, "resident");
    await page.goto("/my-access");
    await framed(page, "resident", "My Access");
    await expect(main(page)).toMatchAriaSnapshot(`
      - region "My Access":
        - heading "My Access" [level=1]
        - text: /^[46] hidden digits$/
        - button "Show your code"
        - paragraph: /Unit 101 front door/
      - region "On the lock":
        - status
        - paragraph: /^(Random|Your own choice), [46] digits, since/
        - paragraph: /^Times are/
      - heading "Want another code?" [level=2]
      - list:
        - /children: equal
        - listitem: Access
        - listitem: My Access
        - listitem: Pick a Code
        - listitem: Custom Code
      - heading "Why not here?" [level=3]
      - heading "Do I have to change it?" [level=3]
      - heading "Can I pick my own code?" [level=2]
      - list:
        - listitem:
          - paragraph: /^Not met. This is the web/
        - listitem:
          - paragraph: /^(Met|Not met|Not checked). /
      - heading "Who has seen my code" [level=2]
      - heading "Somebody coming over?" [level=2]
      - link "Issue a guest code"
      - link "All guest codes"
    `);
  });

  test("of a resident's guest codes is a table with each guest's state in words", async ({ page, calls }) => {
    const resident = await calls("resident");
    const code = await issue(resident, "resident");
    await signIn(page, "resident");
    await page.goto("/my-access/guest-codes");
    await framed(page, "resident", "Guests");
    await expect(main(page)).toMatchAriaSnapshot(`
      - heading "Guest codes" [level=1]
      - paragraph: /^Times are/
      - link "Issue a guest code"
      - search:
        - combobox "Kind":
          - option "Any kind" [selected]
        - combobox "State":
          - option "Any state" [selected]
        - combobox "Door":
          - option "Any door" [selected]
          - option "${code.door}"
      - table "Guest codes, newest first":
        - rowgroup:
          - row:
            - /children: equal
            - columnheader "Guest"
            - columnheader "Kind"
            - columnheader "Opens"
            - columnheader "When"
            - columnheader "State"
            - columnheader "On the lock"
        - rowgroup:
          - row:
            - /children: equal
            - rowheader "${code.guest}":
              - link "${code.guest}"
            - cell "Permanent"
            - cell "${code.door}"
            - cell /^From/
            - cell "Live"
            - cell /Sending|Working|Waiting/
    `);
  });

  test("of the audit log is a search, a table, and buttons that open events", async ({ page }) => {
    await signIn(page, "support");
    await page.goto("/audit");
    await framed(page, "support", "Audit log");
    await expect(main(page)).toMatchAriaSnapshot(`
      - heading "Audit log" [level=1]
      - paragraph: Times are UTC
      - button "Verify chain"
      - link "Export CSV"
      - link "Export NDJSON"
      - search:
        - searchbox "Search words"
        - combobox "Action":
          - option "Any action" [selected]
        - combobox "Outcome":
          - option "Any outcome" [selected]
          - option "Done"
          - option "Refused"
          - option "Failed"
        - combobox "Time":
          - option "Any time" [selected]
        - combobox "Time zone":
          - option "UTC" [selected]
        - button "Live" [pressed]
      - table "Events, newest first":
        - rowgroup:
          - row:
            - /children: equal
            - columnheader "Time"
            - columnheader "Action"
            - columnheader "Who"
            - columnheader "What"
            - columnheader "Detail"
            - columnheader "Outcome"
        - rowgroup:
          - row:
            - /children: equal
            - rowheader:
              - time
            - cell:
              - button /^\\w+(\\.\\w+)+$/
            - cell
            - cell
            - cell
            - cell /^(done|refused|failed)$/
    `);
    const opener = page.getByRole("cell").getByRole("button").first();
    await expect(opener).toHaveAttribute("aria-haspopup", "dialog");
    await page.getByRole("button", { name: "Live" }).click();
    await expect(page.getByRole("search")).toMatchAriaSnapshot(`
      - button "Live" [pressed=false]
    `);
  });

  test("of an event is a dialog with its facts in pairs, and the conditions as they were", async ({ page, calls }) => {
    const { id: event } = await first(await calls("support"), "audit?action=code.custom.refused&limit=1");
    await signIn(page, "support");
    await page.goto(`/audit?paused=1&event=${event}`);
    await expect(page.getByRole("dialog", { name: "Event" })).toMatchAriaSnapshot(`
      - heading "Event" [level=2]
      - paragraph:
        - code: code.custom.refused
        - text: refused
      - term: When
      - definition:
        - time
      - term: Exactly
      - definition:
        - code
      - term: Who
      - definition:
        - link "all their actions"
      - term: From
      - definition: /^(iOS|Android|app)/
      - term: What
      - definition: /· \\w+$/
      - term: Reason
      - definition:
        - code
      - term: Event
      - definition:
        - code: ${event}
      - term: Hash
      - definition:
        - code: /^[0-9a-f]{64}$/
      - heading "The conditions as they were then" [level=3]
      - list:
        - listitem:
          - paragraph: /^(Met|Not met|Not checked). /
      - button "Close"
    `);
    await expect(page.getByRole("dialog").getByRole("listitem").filter({ hasText: /^Not met:/ }).first()).toBeVisible();
  });

  test("of a diagnosis has the resident, each condition in words, and what their locks say", async ({ page, calls }) => {
    const { resident } = await ada(calls);
    await signIn(page, "support");
    await page.goto(`/troubleshoot?resident=${resident}`);
    await framed(page, "support", "Troubleshoot");
    await expect(main(page)).toMatchAriaSnapshot(`
      - heading "Troubleshoot" [level=1]
      - search:
        - searchbox "Name, unit or email"
      - heading "Ada Brandt" [level=2]
      - paragraph: /^Unit 101 · .+ · Times are/
      - heading "Can they pick their own code?" [level=2]
      - paragraph:
        - strong: "Tell them:"
      - list:
        - listitem:
          - paragraph: /^(Met|Not met|Not checked). /
        - listitem:
          - paragraph: /^(Met|Not met|Not checked). /
      - heading "Their code on the lock" [level=2]
      - paragraph:
        - time
      - list:
        - listitem:
          - paragraph: Unit 101 front door
          - paragraph:
            - time
          - paragraph: /attempts?/
      - heading "Their doors" [level=2]
      - list:
        - listitem:
          - strong: Unit 101 front door
      - heading "What happened" [level=2]
      - list:
        - listitem:
          - paragraph:
            - code
          - paragraph:
            - time
      - paragraph:
        - link "All events"
    `);
  });

  test("of the settings names each place that one is signed in at, and each choice", async ({ page, calls }) => {
    await calls("resident");
    await signIn(page, "resident");
    await page.goto("/settings");
    await framed(page, "resident");
    await expect(main(page)).toMatchAriaSnapshot(`
      - heading "Settings" [level=1]
      - paragraph: /^Times are/
      - heading "Where you are signed in" [level=2]
      - list:
        - listitem:
          - paragraph:
            - strong
            - text: This one
          - paragraph:
            - text: Since
            - time
            - text: · last used
            - time
          - 'button /^Sign out here : .+/'
        - listitem:
          - 'button /^Sign out : .+/'
      - paragraph:
        - button "Sign out everywhere else"
      - heading "On this device" [level=2]
      - group "Theme":
        - radio "System" [checked]
        - radio "Light" [checked=false]
        - radio "Dark" [checked=false]
      - group "Language":
        - radio "English" [checked]
        - radio "Español" [checked=false]
      - checkbox /^Single-key shortcuts/ [checked]
    `);
  });

  test("of the help is questions under headings, each of which opens", async ({ page }) => {
    await signIn(page, "resident");
    await page.goto("/help");
    await framed(page, "resident");
    await expect(main(page)).toMatchAriaSnapshot(`
      - heading "Help" [level=1]
      - heading "Your own code" [level=2]
      - group: How do I pick my own code?
      - group: Why can’t I do it here?
      - group: Why don’t I see the option in the app?
      - group: Which digits may I choose?
      - group: The app says there is an error with my code. What now?
      - group: Do I have to change the code I have?
      - group: Could somebody else have the same code?
      - group: Where do I find my code again?
      - heading "Guests and other doors" [level=2]
      - group: Can a guest have a code of their own choice?
      - group: Can I pick a code for the gym or the gate?
      - group: I revoked a code. Is it off the door?
      - heading "Ask somebody" [level=2]
    `);
    await page.getByText("Which digits may I choose?").press("Enter");
    await expect(main(page)).toMatchAriaSnapshot(`
      - group:
        - text: Which digits may I choose?
        - paragraph: /^4 or 6 digits/
        - paragraph:
          - link "Check a code"
    `);
  });

  test("of a guest's pass stands alone, with the code's region, when it opens and what", async ({ page, calls }) => {
    const resident = await calls("resident");
    const code = await issue(resident, "resident");
    const { url } = await (await resident.post(`/api/v1/guest-codes/${code.id}/share`)).json();
    await page.goto(url);
    await expect(main(page)).toMatchAriaSnapshot(`
      - heading /^Your code for .+/ [level=1]
      - paragraph: /^For ${code.guest} · Times are/
      - region "Your code":
        - text: /^[46] hidden digits$/
        - button "Show the code"
      - alert
      - heading "When it opens" [level=2]
      - list:
        - listitem: /^From .+, until it is revoked$/
      - heading "What it opens" [level=2]
      - list:
        - listitem:
          - strong: ${code.door}
          - text: /^(Ready|Not on the lock now)$/
      - group "Language":
        - radio "English" [checked]
        - radio "Español" [checked=false]
    `);
    await bare(page);
    await expect(page).toHaveTitle("Your code · Latchkey");
  });
});

test.describe("what changes without a change of page is told:", () => {
  test("the switch's saving and its undoing", async ({ page, calls }) => {
    const manager = await calls("manager");
    const { id } = await propertyOf(manager);
    const read = async () => {
      const answer = await manager.get(`/api/v1/properties/${id}`);
      return { on: (await answer.json()).custom_codes_enabled as boolean, etag: answer.headers().etag ?? "" };
    };
    const before = (await read()).on;
    try {
      await signIn(page, "manager");
      await page.goto(`/properties/${id}`);
      const on = page.getByRole("switch", { name: "Custom access codes" });
      await expect(on).toBeChecked({ checked: before });
      const told = await listen(page);
      await on.press("Space");
      await page.getByRole("button", { name: "Save" }).press("Enter");
      const words = `Custom codes are ${before ? "off" : "on"}.`;
      await told(words);
      await expect(page.getByRole("status").filter({ hasText: words })).toHaveCount(1);
      await expect(page.getByRole("region", { name: "Messages" })).toMatchAriaSnapshot(`
        - text: ${words}
        - button "Undo"
        - button "Dismiss"
      `);
      await page.getByRole("button", { name: "Undo" }).press("Enter");
      await told("As it was before.");
      await expect(on).toBeChecked({ checked: before });
    } finally {
      const now = await read();
      if (now.on !== before) {
        await manager.patch(`/api/v1/properties/${id}`, {
          data: { custom_codes_enabled: before },
          headers: { "If-Match": now.etag },
        });
      }
    }
  });

  test("what is wrong with a form, by an alert that has the focus and leads to the fields", async ({ page, calls }) => {
    const { id } = await propertyOf(await calls("manager"));
    await signIn(page, "manager");
    await page.goto(`/properties/${id}/guest-codes/new`);
    await page.getByRole("button", { name: "Issue code" }).press("Enter");
    const alert = page.getByRole("alert");
    await expect(alert).toBeFocused();
    await expect(alert).toMatchAriaSnapshot(`
      - alert:
        - paragraph:
          - strong: Some things need your attention.
        - list:
          - /children: equal
          - listitem:
            - link "Choose at least one door."
          - listitem:
            - link "Say whom the code is for."
    `);
    const guest = page.getByLabel("Guest", { exact: true });
    await expect(guest).toHaveAttribute("aria-invalid", "true");
    await expect(guest).toHaveAccessibleDescription(/Say whom the code is for\.$/);
    const doors = page.getByRole("group", { name: "Doors", exact: true });
    await expect(doors).toHaveAccessibleDescription("Choose at least one door.");

    await alert.getByRole("link", { name: "Say whom" }).press("Enter");
    await expect(guest).toBeFocused();
    await alert.getByRole("link", { name: "Choose" }).press("Enter");
    await expect(doors).toBeFocused();
  });

  test("what is missing at sign-in, and that the password was wrong is an alert too", async ({ page }) => {
    await page.goto("/sign-in");
    await page.getByRole("button", { name: "Sign in" }).press("Enter");
    await expect(page.getByRole("alert")).toBeFocused();
    await expect(page.getByRole("alert").getByRole("link")).toHaveText([/email address/, /password/]);
    await page.getByLabel("Email").fill(`${uniqueWord()}@demo.test`);
    await page.getByLabel("Password").fill("wrong");
    await page.getByLabel("Password").press("Enter");
    await expect(page.getByRole("alert")).toContainText("The email address or the password is wrong.");
    await expect(page.getByRole("alert")).toBeFocused();
  });

  test("which doors a guest code would open, and when", async ({ page, calls }) => {
    const { id } = await propertyOf(await calls("manager"));
    await signIn(page, "manager");
    await page.goto(`/properties/${id}/guest-codes/new`);
    await expect(page.getByRole("region", { name: "When it opens" }).getByRole("listitem")).toHaveCount(1);
    const told = await listen(page);
    await page.getByLabel("Gym").press("Space");
    await told("Opens Gym.");
    await page.getByRole("radio", { name: /^Permanent/ }).check();
    await told(/^From .+ until revoked$/);
  });

  test("that a code is shown and for how long, but not each second; and that it is hidden", async ({ page }) => {
    await page.clock.install();
    await signIn(page, "resident");
    await page.goto("/my-access");
    const code = page.getByRole("region", { name: "My Access" });
    await expect(code).toContainText("hidden digits");
    const told = await listen(page);
    await code.getByRole("button", { name: "Show your code" }).press("Enter");
    await told("The code is shown. It hides itself in 30 seconds.");
    await expect(code).toMatchAriaSnapshot(`
      - region "My Access":
        - heading "My Access" [level=1]
        - text: /^\\d( \\d){3,5}$/
        - button "Hide your code"
        - text: /hides in \\d+ s/
    `);
    await page.clock.runFor(5_000);
    await expect(code).toContainText(/hides in 2\d s/);
    await told(/hides in/, 0);
    const button = code.getByRole("button", { name: "Hide your code" });
    await button.press("Enter");
    await told("The code is hidden.");
    await expect(code.getByRole("button", { name: "Show your code" }), "it is the same button").toBeFocused();
  });

  test("that the server can’t be reached, and that it can again", async ({ page, context }) => {
    await signIn(page, "resident");
    await page.goto("/my-access");
    await arrived(page, "My Access");
    const banner = page.getByRole("status").filter({ hasText: "The server can't be reached." });
    const told = await listen(page);
    await context.setOffline(true);
    await told(/^The server can't be reached\./);
    await expect(banner).toBeVisible();
    await context.setOffline(false);
    await expect(banner).toHaveCount(0);
  });

  test("what came of verifying the log", async ({ page }) => {
    await signIn(page, "support");
    await page.goto("/audit?paused=1");
    await arrived(page, "Audit log");
    const told = await listen(page);
    await page.getByRole("button", { name: "Verify chain" }).press("Enter");
    await expect(page.getByRole("dialog", { name: "Verify the chain" })).toContainText("Chain intact");
    await told("The chain is intact.");
  });

  test("how many things the palette has found", async ({ page }) => {
    await signIn(page, "resident");
    await page.goto("/my-access");
    await arrived(page, "My Access");
    await page.keyboard.press("Control+k");
    const palette = page.getByRole("dialog", { name: "Go to or do" });
    const words = palette.getByRole("combobox", { name: "Type a page, an action or a name" });
    await expect(words).toBeFocused();
    const told = await listen(page);
    await words.fill("check");
    await told("1 result");
    await expect(palette).toMatchAriaSnapshot(`
      - combobox "Type a page, an action or a name" [expanded]
      - listbox "Go to or do":
        - option /Check a code/ [selected]
      - status: 1 result
    `);
    await words.fill("zzz");
    await told("Nothing has these words.");
  });

  test("that a guest's code is issued, whose page then has the focus", async ({ page, calls }) => {
    const guest = someGuest();
    const resident = await calls("resident");
    await signIn(page, "resident");
    await page.goto("/my-access/guest-codes/new");
    await page.getByRole("radio", { name: /^Permanent/ }).check();
    await page.getByLabel("Guest", { exact: true }).fill(guest);
    const told = await listen(page);
    await page.getByRole("button", { name: "Issue code" }).press("Enter");
    await told("The guest code is issued and shown.");
    const card = page.getByRole("region", { name: `For ${guest}` });
    await expect(card).toBeFocused();
    await expect(card).toMatchAriaSnapshot(`
      - region "For ${guest}":
        - heading "For ${guest}" [level=2]
        - text: /^\\d( \\d){3,5}$/
        - button "Copy code"
        - button "Print"
        - button "Hide"
        - term: Opens
        - definition
        - term: When
        - definition
    `);
    await page.getByRole("link", { name: "Open this guest code" }).click();
    await arrived(page, guest);
    issued.push({ api: resident, id: page.url().split("/").at(-1) ?? "" });
  });

  // No live region has any of this yet.
  test("how many residents fit the filters, and that nobody does", async ({ page, calls }) => {
    const { id } = await propertyOf(await calls("manager"));
    await signIn(page, "manager");
    await page.goto(`/properties/${id}/residents`);
    await arrived(page, "Residents");
    const told = await listen(page);
    await page.getByLabel("Name or unit").fill("brandt");
    await expect(page.getByRole("rowheader")).toHaveCount(1);
    await told(/\b1\b/);
    await page.getByLabel("Name or unit").fill("nobodyiscalledso");
    await expect(page.getByRole("heading", { name: "Nobody found" })).toBeVisible();
    await told(/^(Nobody|Nothing|None)/);
  });

  test("that a code hid by itself, and that it is shown once more", async ({ page }) => {
    await page.clock.install();
    await signIn(page, "resident");
    await page.goto("/my-access");
    const code = page.getByRole("region", { name: "My Access" });
    await expect(code).toContainText("hidden digits");
    const told = await listen(page);
    await code.getByRole("button", { name: "Show your code" }).press("Enter");
    await told("The code is shown. It hides itself in 30 seconds.");
    await page.clock.runFor(31_000);
    await expect(code).toContainText("hidden digits");
    await code.getByRole("button", { name: "Show your code" }).press("Enter");
    await expect(code).not.toContainText("hidden digits");
    await told("The code is shown. It hides itself in 30 seconds.", 2);
    await told("The code is hidden.");
  });
});

/** A page was gone to: its title says so, it is told, the focus is on it, and its heading says the same or more. */
async function wentTo(page: Page, told: Awaited<ReturnType<typeof listen>>, title: string, heading = title): Promise<void> {
  await expect(page).toHaveTitle(`${title} · Latchkey`);
  await told(title);
  await expect(main(page)).toBeFocused();
  await arrived(page, heading);
}

/** What the pages of the navigation are called, where that isn't what the link says. */
const TITLES: Record<string, string> = { Guests: "Guest codes" };

test.describe("a page that one goes to", () => {
  for (const person of ["manager", "resident", "support"] as const) {
    test(`by the navigation is told, has the focus and its name, for ${person}`, async ({ page, calls }) => {
      const house = person === "resident" ? "" : (await propertyOf(await calls(person))).name;
      await signIn(page, person);
      await page.goto("/help");
      await arrived(page, "Help");
      await expect(page).toHaveTitle("Help · Latchkey");
      for (const name of PLACES[person]) {
        const told = await listen(page);
        await nav(page).getByRole("link", { name, exact: true }).press("Enter");
        const title = TITLES[name] ?? name;
        await wentTo(page, told, title, name === "Overview" ? house : title);
        await framed(page, person, name);
      }
    });
  }

  test("by back and forward is told and has the focus, as by a link", async ({ page }) => {
    await signIn(page, "resident");
    await page.goto("/my-access");
    await arrived(page, "My Access");
    let told = await listen(page);
    await main(page).getByRole("link", { name: "Issue a guest code" }).press("Enter");
    await wentTo(page, told, "Issue a guest code");
    told = await listen(page);
    await main(page).getByRole("link", { name: "All guest codes" }).press("Enter");
    await wentTo(page, told, "Guest codes");
    told = await listen(page);
    await page.goBack();
    await wentTo(page, told, "Issue a guest code");
    told = await listen(page);
    await page.goBack();
    await wentTo(page, told, "My Access");
    told = await listen(page);
    await page.goForward();
    await wentTo(page, told, "Issue a guest code");
  });

  test("by a single key is told and has the focus, and the skip link leads to it", async ({ page }) => {
    await signIn(page, "resident");
    await page.goto("/my-access");
    await arrived(page, "My Access");
    await page.keyboard.press("Tab");
    await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(main(page)).toBeFocused();
    const told = await listen(page);
    await page.keyboard.press("g");
    await page.keyboard.press("c");
    await wentTo(page, told, "Check a code");
  });

  test("is the same when it is filtered: the focus stays, and its name isn't told again", async ({ page, calls }) => {
    const { id } = await propertyOf(await calls("manager"));
    await signIn(page, "manager");
    await page.goto(`/properties/${id}/residents`);
    await arrived(page, "Residents");
    const told = await listen(page);
    await page.getByLabel("Name or unit").fill("brandt");
    await expect(page).toHaveURL(/q=brandt/);
    await expect(page.getByLabel("Name or unit")).toBeFocused();
    await told("Residents", 0);
  });

  test("at first is told by the browser: it has its title, and the focus stays at the start", async ({ page, calls }) => {
    const { id } = await propertyOf(await calls("manager"));
    await signIn(page, "manager");
    await page.goto(`/properties/${id}/residents`);
    await arrived(page, "Residents");
    await expect(page).toHaveTitle("Residents · Latchkey");
    await expect(main(page)).not.toBeFocused();
    await expect(page.getByRole("status").filter({ hasText: "Residents" })).toHaveCount(0);
  });

  // Until it is known who is signed in, it is titled as for a manager, and stays so.
  test("at first is titled as it is headed, also for support", async ({ page }) => {
    await signIn(page, "support");
    await page.goto("/audit?paused=1");
    await arrived(page, "Audit log");
    await expect(page).toHaveTitle("Audit log · Latchkey");
  });

  // The palette is still open, and its dialog modal, when `<main>` would take the focus.
  test("by the palette is told and has the focus", async ({ page }) => {
    await signIn(page, "resident");
    await page.goto("/my-access");
    await arrived(page, "My Access");
    const told = await listen(page);
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Type a page" }).fill("check");
    await page.keyboard.press("Enter");
    await wentTo(page, told, "Check a code");
  });

  test("by the account's menu is told and has the focus, and the menu is closed", async ({ page }) => {
    await signIn(page, "resident");
    await page.goto("/my-access");
    await arrived(page, "My Access");
    const told = await listen(page);
    await page.getByRole("button", { name: /^Account/ }).press("Enter");
    await page.getByRole("link", { name: "Settings" }).press("Enter");
    await wentTo(page, told, "Settings");
    await expect(page.getByRole("link", { name: "Settings" })).toBeHidden();
  });

  // The link is gone with the list it was in, and nothing says what has come in its place.
  test("to see somebody found by support has the focus", async ({ page }) => {
    await signIn(page, "support");
    await page.goto("/troubleshoot?q=brandt");
    await page.getByRole("link", { name: "Ada Brandt" }).press("Enter");
    await expect(page.getByRole("heading", { level: 2, name: "Ada Brandt" })).toBeVisible();
    await expect(page.locator("body")).not.toBeFocused();
  });
});

interface Opened {
  what: string;
  person: Person;
  path: (calls: Calls) => Promise<string>;
  opener: (page: Page) => Locator;
  dialog: string;
  button: string;
}

const OPENED: Opened[] = [
  {
    what: "an event",
    person: "support",
    path: async () => "/audit?paused=1",
    opener: (page) => page.getByRole("cell").getByRole("button").nth(1),
    dialog: "Event",
    button: "Close",
  },
  {
    what: "verifying the log",
    person: "support",
    path: async () => "/audit?paused=1",
    opener: (page) => page.getByRole("button", { name: "Verify chain" }),
    dialog: "Verify the chain",
    button: "Close",
  },
  {
    what: "the reason to see a code",
    person: "manager",
    path: async (calls) => `/properties/${(await ada(calls)).property}/residents?q=brandt`,
    opener: (page) => page.getByRole("button", { name: "Show Ada Brandt’s code" }),
    dialog: "Show Ada Brandt’s code?",
    button: "Cancel",
  },
  {
    what: "moving out",
    person: "manager",
    path: async (calls) => {
      const { property, resident } = await ada(calls);
      return `/properties/${property}/residents/${resident}`;
    },
    opener: (page) => main(page).getByRole("button", { name: "Move out" }).first(),
    dialog: "Move Ada Brandt out?",
    button: "Cancel",
  },
  {
    what: "the link for a guest",
    person: "resident",
    path: async (calls) => `/guest-codes/${(await issue(await calls("resident"), "resident")).id}`,
    opener: (page) => page.getByRole("button", { name: "Make a link" }),
    dialog: "Link for the guest",
    button: "Done",
  },
];

test.describe("a dialog gives the focus back to what opened it:", () => {
  for (const { what, person, path, opener, dialog, button } of OPENED) {
    test(what, async ({ page, calls }) => {
      const address = await path(calls);
      await signIn(page, person);
      await page.goto(address);
      const opened = page.getByRole("dialog", { name: dialog, exact: true });
      const ways = [() => page.keyboard.press("Escape"), () => opened.getByRole("button", { name: button }).press("Enter")];
      for (const close of ways) {
        await opener(page).press("Enter");
        await expect(opened).toBeVisible();
        await expect(opener(page), "it is under the dialog").not.toBeFocused();
        await close();
        await expect(opened).toBeHidden();
        await expect(opener(page)).toBeFocused();
      }
    });
  }

  test("the palette and the sheet of keys, by Escape", async ({ page }) => {
    await signIn(page, "resident");
    await page.goto("/my-access");
    await arrived(page, "My Access");
    const show = page.getByRole("button", { name: "Show your code" });
    await show.focus();
    for (const [keys, name] of [["Control+k", "Go to or do"], ["?", "Keyboard shortcuts"]] as const) {
      await page.keyboard.press(keys);
      await expect(page.getByRole("dialog", { name })).toBeVisible();
      await page.keyboard.press("Escape");
      await expect(page.getByRole("dialog")).toHaveCount(0);
      await expect(show).toBeFocused();
    }
  });

  // It goes with the button when what the dialog asked is done.
  test("revoking, or the page where the button is gone", async ({ page, calls }) => {
    const resident = await calls("resident");
    const code = await issue(resident, "resident");
    await signIn(page, "resident");
    await page.goto(`/guest-codes/${code.id}`);
    await page.getByRole("button", { name: "Revoke" }).press("Enter");
    await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).press("Enter");
    await expect(page.getByText("It was revoked.", { exact: false })).toBeVisible();
    await expect(page.locator("body")).not.toBeFocused();
  });

  // The sheet is taken off the page while it is open: only closing gives the focus back.
  test("the sheet of keys, by its button", async ({ page }) => {
    await signIn(page, "resident");
    await page.goto("/my-access");
    await arrived(page, "My Access");
    const show = page.getByRole("button", { name: "Show your code" });
    await show.focus();
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).getByRole("button", { name: "Done" }).press("Enter");
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await expect(show).toBeFocused();
  });
});
