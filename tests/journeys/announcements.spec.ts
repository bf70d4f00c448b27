import { pageLoaded, issued, watchLiveRegions, propertyOf, revokeIssued, someGuest } from "./screen-reader";
import { expect, signIn, test, uniqueWord } from "./journey";

// Changes within a page are announced in a live region.

test.afterEach(revokeIssued);

test.describe("a change within a page is announced:", () => {
  test("saving the switch, and undoing it", async ({ page, calls }) => {
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
      const announced = await watchLiveRegions(page);
      await on.press("Space");
      await page.getByRole("button", { name: "Save" }).press("Enter");
      const words = `Custom codes are ${before ? "off" : "on"}.`;
      await announced(words);
      await expect(page.getByRole("status").filter({ hasText: words })).toHaveCount(1);
      await expect(page.getByRole("region", { name: "Messages" })).toMatchAriaSnapshot(`
        - text: ${words}
        - button "Undo"
        - button "Dismiss"
      `);
      await page.getByRole("button", { name: "Undo" }).press("Enter");
      await announced("Change undone.");
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

  test("errors in a form, by an alert that takes the focus and links to the fields", async ({ page, calls }) => {
    const { id } = await propertyOf(await calls("manager"));
    await signIn(page, "manager");
    await page.goto(`/properties/${id}/guest-codes/new`);
    await page.getByRole("button", { name: "Issue code" }).press("Enter");
    const alert = page.getByRole("alert");
    await expect(alert).toBeFocused();
    await expect(alert).toMatchAriaSnapshot(`
      - alert:
        - paragraph:
          - strong: Some fields need attention.
        - list:
          - /children: equal
          - listitem:
            - link "Choose at least one door."
          - listitem:
            - link "Say who the code is for."
    `);
    const guest = page.getByLabel("Guest", { exact: true });
    await expect(guest).toHaveAttribute("aria-invalid", "true");
    await expect(guest).toHaveAccessibleDescription(/Say who the code is for\.$/);
    const doors = page.getByRole("group", { name: "Doors", exact: true });
    await expect(doors).toHaveAccessibleDescription("Choose at least one door.");

    await alert.getByRole("link", { name: "Say who" }).press("Enter");
    await expect(guest).toBeFocused();
    await alert.getByRole("link", { name: "Choose" }).press("Enter");
    await expect(doors).toBeFocused();
  });

  test("missing fields and a wrong password at sign-in, by an alert", async ({ page }) => {
    await page.goto("/sign-in");
    await page.getByRole("button", { name: "Sign in" }).press("Enter");
    await expect(page.getByRole("alert")).toBeFocused();
    await expect(page.getByRole("alert").getByRole("link")).toHaveText([/email address/, /password/]);
    await page.getByLabel("Email").fill(`${uniqueWord()}@demo.test`);
    await page.getByLabel("Password").fill("wrong");
    await page.getByLabel("Password").press("Enter");
    await expect(page.getByRole("alert")).toContainText("The email address or password is wrong.");
    await expect(page.getByRole("alert")).toBeFocused();
  });

  test("which doors a guest code would open, and when", async ({ page, calls }) => {
    const { id } = await propertyOf(await calls("manager"));
    await signIn(page, "manager");
    await page.goto(`/properties/${id}/guest-codes/new`);
    await expect(page.getByRole("region", { name: "When it opens" }).getByRole("listitem")).toHaveCount(1);
    const announced = await watchLiveRegions(page);
    await page.getByLabel("Gym").press("Space");
    await announced("Opens Gym.");
    await page.getByRole("radio", { name: /^Permanent/ }).check();
    await announced(/^From .+ until revoked$/);
  });

  test("that a code is shown and for how long, but not every second; and that it is hidden", async ({ page }) => {
    await page.clock.install();
    await signIn(page, "resident");
    await page.goto("/my-access");
    const code = page.getByRole("region", { name: "My Access" });
    await expect(code).toContainText("hidden digits");
    const announced = await watchLiveRegions(page);
    await code.getByRole("button", { name: "Show your code" }).press("Enter");
    await announced("The code is shown. It hides in 30 seconds.");
    await expect(code).toMatchAriaSnapshot(`
      - region "My Access":
        - heading "My Access" [level=1]
        - text: /^\\d( \\d){3,5}$/
        - button "Hide your code"
        - text: /hides in \\d+ s/
    `);
    await page.clock.runFor(5_000);
    await expect(code).toContainText(/hides in 2\d s/);
    await announced(/hides in 2\d s/, 0);
    const button = code.getByRole("button", { name: "Hide your code" });
    await button.press("Enter");
    await announced("The code is hidden.");
    await expect(code.getByRole("button", { name: "Show your code" }), "the same button").toBeFocused();
  });

  test("that the server can’t be reached, until it can again", async ({ page, context }) => {
    await signIn(page, "resident");
    await page.goto("/my-access");
    await pageLoaded(page, "My Access");
    const banner = page.getByRole("status").filter({ hasText: "We can’t reach the server." });
    const announced = await watchLiveRegions(page);
    await context.setOffline(true);
    await announced(/^We can’t reach the server\./);
    await expect(banner).toBeVisible();
    await context.setOffline(false);
    await expect(banner).toHaveCount(0);
  });

  test("the result of verifying the audit log", async ({ page }) => {
    await signIn(page, "support");
    await page.goto("/audit?paused=1");
    await pageLoaded(page, "Audit log");
    const announced = await watchLiveRegions(page);
    await page.getByRole("button", { name: "Verify chain" }).press("Enter");
    await expect(page.getByRole("dialog", { name: "Verify the chain" })).toContainText("Chain intact");
    await announced("The chain is intact.");
  });

  test("how many results the command palette has found", async ({ page }) => {
    await signIn(page, "resident");
    await page.goto("/my-access");
    await pageLoaded(page, "My Access");
    await page.keyboard.press("Control+k");
    const palette = page.getByRole("dialog", { name: "Search or jump to…" });
    const words = palette.getByRole("combobox", { name: "Page, action or name" });
    await expect(words).toBeFocused();
    const announced = await watchLiveRegions(page);
    await words.fill("check");
    await announced("1 result");
    await expect(palette).toMatchAriaSnapshot(`
      - combobox "Page, action or name" [expanded]
      - listbox "Search or jump to…":
        - option /Check a code/ [selected]
      - status: 1 result
    `);
    await words.fill("zzz");
    await announced("Nothing found. Try other words.");
  });

  test("that a guest code is issued; the code then has the focus", async ({ page, calls }) => {
    const guest = someGuest();
    const resident = await calls("resident");
    await signIn(page, "resident");
    await page.goto("/my-access/guest-codes/new");
    await page.getByRole("radio", { name: /^Permanent/ }).check();
    await page.getByLabel("Guest", { exact: true }).fill(guest);
    const announced = await watchLiveRegions(page);
    await page.getByRole("button", { name: "Issue code" }).press("Enter");
    await announced("Guest code issued. Its digits are shown.");
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
    await pageLoaded(page, guest);
    issued.push({ api: resident, id: page.url().split("/").at(-1) ?? "" });
  });

  test("how many residents match the filters, and that nobody does", async ({ page, calls }) => {
    const { id } = await propertyOf(await calls("manager"));
    await signIn(page, "manager");
    await page.goto(`/properties/${id}/residents`);
    await pageLoaded(page, "Residents");
    const announced = await watchLiveRegions(page);
    await page.getByLabel("Name or unit").fill("brandt");
    await expect(page.getByRole("rowheader")).toHaveCount(1);
    await announced(/\b1\b/);
    await page.getByLabel("Name or unit").fill("nobodyiscalledso");
    await expect(page.getByRole("heading", { name: "Nobody found" })).toBeVisible();
    await announced(/^(Nobody|Nothing|None)/);
  });

  test("that a code hid itself, and that it is shown again", async ({ page }) => {
    await page.clock.install();
    await signIn(page, "resident");
    await page.goto("/my-access");
    const code = page.getByRole("region", { name: "My Access" });
    await expect(code).toContainText("hidden digits");
    const announced = await watchLiveRegions(page);
    await code.getByRole("button", { name: "Show your code" }).press("Enter");
    await announced("The code is shown. It hides in 30 seconds.");
    await page.clock.runFor(31_000);
    await expect(code).toContainText("hidden digits");
    await code.getByRole("button", { name: "Show your code" }).press("Enter");
    await expect(code).not.toContainText("hidden digits");
    await announced("The code is shown. It hides in 30 seconds.", 2);
    await announced("The code is hidden.");
  });
});
