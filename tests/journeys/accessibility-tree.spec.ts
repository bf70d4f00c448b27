import { adaBrandt, expectNoPageFrame, first, expectPageFrame, issue, main, propertyOf, revokeIssued } from "./screen-reader";
import { expect, signIn, test } from "./journey";

// The tree of roles, names and states that each page gives a screen reader.

test.afterEach(revokeIssued);

test.describe("the accessibility tree", () => {
  test("of the sign-in page has named fields and no navigation", async ({ page }) => {
    await page.goto("/sign-in");
    await expect(main(page)).toMatchAriaSnapshot(`
      - heading "Sign in" [level=1]
      - textbox "Email"
      - textbox "Password"
      - button "Sign in"
      - paragraph:
        - link "Forgot your password?"
      - group "Theme":
        - radio "System" [checked]
        - radio "Light" [checked=false]
        - radio "Dark" [checked=false]
      - group "Language":
        - radio "English" [checked]
        - radio "Español" [checked=false]
    `);
    await expectNoPageFrame(page);
    await expect(page).toHaveTitle("Sign in · Latchkey");
    await expect(page.getByRole("radio", { name: "Español" }).locator("xpath=..")).toHaveAttribute("lang", "es");
  });

  test("of a manager's overview has what needs attention, the state of the property, and the switch", async ({ page, calls }) => {
    const { id, name } = await propertyOf(await calls("manager"));
    await signIn(page, "manager");
    await page.goto(`/properties/${id}`);
    await expectPageFrame(page, "manager", "Overview");
    await expect(main(page)).toMatchAriaSnapshot(`
      - heading "${name}" [level=1]
      - paragraph: /^Times are .+/
      - region "Needs attention":
        - heading "Needs attention" [level=2]
        - paragraph: /^[\\d,]+ things?$/
        - list:
          - listitem:
            - link /\\d+ doors/
            - link /guest codes? still opens?/
        - table "Codes that need attention, worst first":
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
      - heading "Doors working" [level=2]
      - paragraph:
        - link /\\d+/
        - link /of \\d+/
      - heading "Hubs online" [level=2]
      - heading "Guest codes live" [level=2]
      - paragraph:
        - link /\\d+/
      - heading "Residents" [level=2]
      - paragraph:
        - link /\\d+/
      - region "Custom access codes":
        - heading "Custom access codes" [level=2]
        - switch "Custom access codes"
        - paragraph:
          - link /residents can pick their own code in the app/
        - paragraph:
          - time
          - link "see in activity"
    `);
    const on = page.getByRole("switch", { name: "Custom access codes" });
    await expect(on).toHaveAccessibleDescription(/residents can pick their own code in the app/);
  });

  test("of the residents has a search, a sortable table, and codes named after their owners", async ({ page, calls }) => {
    const { id } = await propertyOf(await calls("manager"));
    await signIn(page, "manager");
    await page.goto(`/properties/${id}/residents`);
    await expectPageFrame(page, "manager", "Residents");
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
        - combobox "Tenancy":
          - option "Residents" [selected]
          - option "Living there now"
          - option "Moving in later"
          - option "Former residents"
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
              - img /^[46] hidden digits$/
              - button "Show Ada Brandt’s code"
            - cell /^(Random|Custom)$/
            - cell
            - cell:
              - time
    `);

    const header = (name: string) => page.getByRole("columnheader", { name });
    const sorted = async (name: string, unit: string) => {
      await expect(header("Name")).toHaveAttribute("aria-sort", name);
      await expect(header("Unit")).toHaveAttribute("aria-sort", unit);
    };
    await sorted("ascending", "none");
    await expect(header("Code"), "not sortable").not.toHaveAttribute("aria-sort");
    await header("Unit").getByRole("button").press("Enter");
    await sorted("none", "ascending");
    await header("Unit").getByRole("button").press("Enter");
    await sorted("none", "descending");
    await expect(header("Unit").getByRole("button")).toBeFocused();

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
    await expect(dialog.getByLabel("Reason"), "the field to fill in").toBeFocused();
  });

  test("of the guest code form has groups of options, and says when the code would open", async ({ page, calls }) => {
    const { id } = await propertyOf(await calls("manager"));
    await signIn(page, "manager");
    await page.goto(`/properties/${id}/guest-codes/new`);
    await expectPageFrame(page, "manager", "Guest codes");
    await expect(main(page)).toMatchAriaSnapshot(`
      - paragraph:
        - link "All guest codes"
      - heading "Issue a guest code" [level=1]
      - paragraph: /^Times are/
      - group "Kind":
        - radio /^Temporary Works from one time to another/ [checked]
        - radio /^Recurring Works at set hours/ [checked=false]
        - radio /^Delivery Works once/ [checked=false]
        - radio /^Permanent Works until/ [checked=false]
      - group "Doors":
        - searchbox "Find a door"
        - group "Unit doors"
        - group "Property doors":
          - checkbox "Main gate" [checked=false]
        - group "Amenities":
          - checkbox "Gym" [checked=false]
        - status: No doors chosen yet.
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
    await expect(page.getByLabel("Guest", { exact: true })).toHaveAccessibleDescription(/^Shown in your list of guest codes/);
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

  test("of a guest code has its facts as terms and definitions, and the status on each lock", async ({ page, calls }) => {
    const manager = await calls("manager");
    const code = await issue(manager, "manager");
    await signIn(page, "manager");
    await page.goto(`/guest-codes/${code.id}`);
    await expectPageFrame(page, "manager");
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
      - definition: Permanent. Works until someone revokes it.
      - term: Issued
      - definition:
        - time
        - text: /^by /
      - term: Length
      - definition: /^[46] digits, random$/
      - heading "Share with the guest" [level=2]
      - paragraph:
        - button "Create a link"
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

  test("of My Access starts with the bar for the code, and has every condition in words", async ({ page }) => {
    await signIn(page, "resident");
    await page.goto("/my-access");
    await expectPageFrame(page, "resident", "My Access");
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
          - paragraph: /^Not met. You pick a code in the app/
        - listitem:
          - paragraph: /^(Met|Not met|Not checked). /
      - heading "Who has seen my code" [level=2]
      - heading "Expecting someone?" [level=2]
      - link "Issue a guest code"
      - link "All guest codes"
    `);
  });

  test("of a resident's guest codes has a table with each state in words", async ({ page, calls }) => {
    const resident = await calls("resident");
    const code = await issue(resident, "resident");
    await signIn(page, "resident");
    await page.goto("/my-access/guest-codes");
    await expectPageFrame(page, "resident", "Guests");
    await expect(main(page)).toMatchAriaSnapshot(`
      - heading "Guest codes" [level=1]
      - paragraph: /^Times are/
      - link "Issue a guest code"
      - search:
        - searchbox "Guest’s name"
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
              - checkbox "Select the code of ${code.guest}" [checked=false]
              - link "${code.guest}"
            - cell "Permanent"
            - cell "${code.door}"
            - cell /^From/
            - cell "Live"
            - cell /Sending|Working|Waiting/
    `);
  });

  test("of the audit log has a search, a table, and buttons that open events", async ({ page }) => {
    await signIn(page, "support");
    await page.goto("/audit");
    await expectPageFrame(page, "support", "Audit log");
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
              - button /^[^._]+$/
            - cell
            - cell
            - cell
            - cell /^(done|waiting|refused|failed)$/
    `);
    const opener = page.getByRole("cell").getByRole("button").first();
    await expect(opener).toHaveAttribute("aria-haspopup", "dialog");
    await page.getByRole("button", { name: "Live", exact: true }).click();
    await expect(page.getByRole("search")).toMatchAriaSnapshot(`
      - button "Live" [pressed=false]
    `);
  });

  test("of an event is a dialog with its facts as terms and definitions, and the conditions as they were", async ({ page, calls }) => {
    const { id: event } = await first(await calls("support"), "audit?action=code.custom.refused&limit=1");
    await signIn(page, "support");
    await page.goto(`/audit?paused=1&event=${event}`);
    await expect(page.getByRole("dialog", { name: "Event" })).toMatchAriaSnapshot(`
      - heading "Event" [level=2]
      - paragraph:
        - strong: Custom code refused
        - text: refused
      - term: Action
      - definition:
        - code: code.custom.refused
      - term: When
      - definition:
        - time
      - term: Exact time
      - definition:
        - code
      - term: Who
      - definition:
        - link "see all their actions"
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
      - heading "Conditions at the time" [level=3]
      - list:
        - listitem:
          - paragraph: /^(Met|Not met|Not checked). /
      - button "Close"
    `);
    await expect(page.getByRole("dialog").getByRole("listitem").filter({ hasText: /^Not met:/ }).first()).toBeVisible();
  });

  test("of a diagnosis has the resident, every condition in words, and the status on their locks", async ({ page, calls }) => {
    const { resident } = await adaBrandt(calls);
    await signIn(page, "support");
    await page.goto(`/troubleshoot?resident=${resident}`);
    await expectPageFrame(page, "support", "Troubleshoot");
    await expect(main(page)).toMatchAriaSnapshot(`
      - heading "Troubleshoot" [level=1]
      - search:
        - searchbox "Name, unit, email or guest"
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
          - paragraph
          - paragraph:
            - time
      - paragraph:
        - link "All events"
    `);
  });

  test("of the settings has a named entry for each session, and each preference", async ({ page, calls }) => {
    await calls("resident");
    await signIn(page, "resident");
    await page.goto("/settings");
    await expectPageFrame(page, "resident");
    await expect(main(page)).toMatchAriaSnapshot(`
      - heading "Settings" [level=1]
      - paragraph: /^Times are/
      - heading "Where you’re signed in" [level=2]
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
      - heading "Passkeys" [level=2]
      - paragraph: /^With a passkey you sign in/
      - paragraph: You have none yet.
      - paragraph: Passkeys don’t work at this address, or in this browser.
      - heading "Email address" [level=2]
      - paragraph: /^You sign in with/
      - textbox "New email address"
      - textbox "Your password"
      - button "Change address"
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

  test("of the help has expandable questions under headings", async ({ page }) => {
    await signIn(page, "resident");
    await page.goto("/help");
    await expectPageFrame(page, "resident");
    await expect(main(page)).toMatchAriaSnapshot(`
      - heading "Help" [level=1]
      - heading "Your own code" [level=2]
      - group: How do I pick my own code?
      - group: Why can’t I do it here?
      - group: Why don’t I see the option in the app?
      - group: Which digits may I choose?
      - group: The app says there is an error with my code. What now?
      - group: Do I have to change the code I have?
      - group: Could someone else have the same code?
      - group: Where do I find my code again?
      - heading "Guests and other doors" [level=2]
      - group: Can a guest choose their own code?
      - group: Can I pick a code for the gym or the gate?
      - group: I revoked a code. Does it still open the door?
      - heading "Who to ask" [level=2]
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

  test("of a guest's pass has the code, when it opens and what, and no page frame", async ({ page, calls }) => {
    const resident = await calls("resident");
    const code = await issue(resident, "resident");
    const { url } = await (await resident.post(`/api/v1/guest-codes/${code.id}/share`)).json();
    await page.goto(url);
    await expect(main(page)).toMatchAriaSnapshot(`
      - heading /^Your code for .+/ [level=1]
      - paragraph: /^For ${code.guest} · Times are/
      - status:
        - strong: /\\.$/
      - region "Your code":
        - text: /^[46] hidden digits$/
        - button "Show the code"
      - alert
      - heading "When it opens" [level=2]
      - list:
        - listitem: /^From .+ until revoked$/
      - heading "What it opens" [level=2]
      - list:
        - listitem:
          - strong: ${code.door}
          - text: /^(Ready|Not on the lock now)$/
      - paragraph: /^If something doesn’t work, ask .+, who shared it with you\\.$/
      - group "Language":
        - radio "English" [checked]
        - radio "Español" [checked=false]
    `);
    await expectNoPageFrame(page);
    await expect(page).toHaveTitle("Your code · Latchkey");
  });
});
