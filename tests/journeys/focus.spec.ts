import type { Locator, Page } from "@playwright/test";
import { adaBrandt, pageLoaded, type Calls, expectPageFrame, issue, watchLiveRegions, main, nav, PLACES, propertyOf, revokeIssued } from "./screen-reader";
import { expect, type Person, signIn, test } from "./journey";

// Where the focus goes after navigation and after a dialog.

test.afterEach(revokeIssued);

/** After navigation the title names the page, it was announced, it has the focus, and its heading is right. */
async function expectArrival(page: Page, announced: Awaited<ReturnType<typeof watchLiveRegions>>, title: string, heading = title): Promise<void> {
  await expect(page).toHaveTitle(`${title} · Latchkey`);
  await announced(title);
  await expect(main(page)).toBeFocused();
  await pageLoaded(page, heading);
}

/** Titles of pages whose link in the navigation says something else. */
const TITLES: Record<string, string> = { Guests: "Guest codes" };

test.describe("after navigation", () => {
  for (const person of ["manager", "resident", "support"] as const) {
    test(`by the main menu, the page is announced, focused and titled, for ${person}`, async ({ page, calls }) => {
      const house = person === "resident" ? "" : (await propertyOf(await calls(person))).name;
      await signIn(page, person);
      await page.goto("/help");
      await pageLoaded(page, "Help");
      await expect(page).toHaveTitle("Help · Latchkey");
      for (const name of PLACES[person]) {
        const announced = await watchLiveRegions(page);
        await nav(page).getByRole("link", { name, exact: true }).press("Enter");
        const title = TITLES[name] ?? name;
        await expectArrival(page, announced, title, name === "Overview" ? house : title);
        await expectPageFrame(page, person, name);
      }
    });
  }

  test("by back and forward, the page is announced, and the link that it was left by is focused", async ({ page }) => {
    await signIn(page, "resident");
    await page.goto("/my-access");
    await pageLoaded(page, "My Access");
    const issue = main(page).getByRole("link", { name: "Issue a guest code" });
    const all = main(page).getByRole("link", { name: "All guest codes" });
    let announced = await watchLiveRegions(page);
    await issue.press("Enter");
    await expectArrival(page, announced, "Issue a guest code");
    announced = await watchLiveRegions(page);
    await all.press("Enter");
    await expectArrival(page, announced, "Guest codes");
    announced = await watchLiveRegions(page);
    await page.goBack();
    await announced("Issue a guest code");
    await expect(all).toBeFocused();
    announced = await watchLiveRegions(page);
    await page.goBack();
    await announced("My Access");
    await expect(issue).toBeFocused();
    announced = await watchLiveRegions(page);
    await page.goForward();
    await announced("Issue a guest code");
    await expect(all).toBeFocused();
  });

  test("by a single key, the page is announced and focused; the skip link leads to its content", async ({ page }) => {
    await signIn(page, "resident");
    await page.goto("/my-access");
    await pageLoaded(page, "My Access");
    await page.keyboard.press("Tab");
    await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(main(page)).toBeFocused();
    const announced = await watchLiveRegions(page);
    await page.keyboard.press("g");
    await page.keyboard.press("c");
    await expectArrival(page, announced, "Check a code");
  });

  test("within a page, filtering keeps the focus and doesn't announce the page again", async ({ page, calls }) => {
    const { id } = await propertyOf(await calls("manager"));
    await signIn(page, "manager");
    await page.goto(`/properties/${id}/residents`);
    await pageLoaded(page, "Residents");
    const announced = await watchLiveRegions(page);
    await page.getByLabel("Name or unit").fill("brandt");
    await expect(page.getByRole("rowheader").first()).toContainText(/brandt/i);
    await expect(page.getByLabel("Name or unit")).toBeFocused();
    await announced("Residents", 0);
  });

  test("on the first page, the browser announces the title, and the focus stays at the start", async ({ page, calls }) => {
    const { id } = await propertyOf(await calls("manager"));
    await signIn(page, "manager");
    await page.goto(`/properties/${id}/residents`);
    await pageLoaded(page, "Residents");
    await expect(page).toHaveTitle("Residents · Latchkey");
    await expect(main(page)).not.toBeFocused();
    await expect(page.getByRole("status").filter({ hasText: "Residents" })).toHaveCount(0);
  });

  // The title for a manager, used until the session is known, must not stay.
  test("on the first page, the title matches the heading for support too", async ({ page }) => {
    await signIn(page, "support");
    await page.goto("/audit?paused=1");
    await pageLoaded(page, "Audit log");
    await expect(page).toHaveTitle("Audit log · Latchkey");
  });

  // The palette's modal dialog is still open when `<main>` should take the focus.
  test("by the command palette, the page is announced and focused", async ({ page }) => {
    await signIn(page, "resident");
    await page.goto("/my-access");
    await pageLoaded(page, "My Access");
    const announced = await watchLiveRegions(page);
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Page, action" }).fill("check");
    await page.keyboard.press("Enter");
    await expectArrival(page, announced, "Check a code");
  });

  test("by the account menu, the page is announced and focused, and the menu closes", async ({ page }) => {
    await signIn(page, "resident");
    await page.goto("/my-access");
    await pageLoaded(page, "My Access");
    const announced = await watchLiveRegions(page);
    await page.getByRole("button", { name: /^Account/ }).press("Enter");
    await page.getByRole("link", { name: "Settings" }).press("Enter");
    await expectArrival(page, announced, "Settings");
    await expect(page.getByRole("link", { name: "Settings" })).toBeHidden();
  });

  // The link goes away with its list, and nothing else would announce what replaced it.
  test("to a resident whom support found, the focus stays on the page", async ({ page }) => {
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
    what: "verifying the audit log",
    person: "support",
    path: async () => "/audit?paused=1",
    opener: (page) => page.getByRole("button", { name: "Verify chain" }),
    dialog: "Verify the chain",
    button: "Close",
  },
  {
    what: "the reason to see a code",
    person: "manager",
    path: async (calls) => `/properties/${(await adaBrandt(calls)).property}/residents?q=brandt`,
    opener: (page) => page.getByRole("button", { name: "Show Ada Brandt’s code" }),
    dialog: "Show Ada Brandt’s code?",
    button: "Cancel",
  },
  {
    what: "moving out",
    person: "manager",
    path: async (calls) => {
      const { property, resident } = await adaBrandt(calls);
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
    opener: (page) => page.getByRole("button", { name: "Create a link" }),
    dialog: "Link for the guest",
    button: "Done",
  },
];

test.describe("closing a dialog returns the focus to what opened it:", () => {
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
        await expect(opener(page), "the dialog covers it").not.toBeFocused();
        await close();
        await expect(opened).toBeHidden();
        await expect(opener(page)).toBeFocused();
      }
    });
  }

  test("the command palette and the list of shortcuts, by Escape", async ({ page }) => {
    await signIn(page, "resident");
    await page.goto("/my-access");
    await pageLoaded(page, "My Access");
    const show = page.getByRole("button", { name: "Show your code" });
    await show.focus();
    for (const [keys, name] of [["Control+k", "Search or jump to…"], ["?", "Keyboard shortcuts"]] as const) {
      await page.keyboard.press(keys);
      await expect(page.getByRole("dialog", { name })).toBeVisible();
      await page.keyboard.press("Escape");
      await expect(page.getByRole("dialog")).toHaveCount(0);
      await expect(show).toBeFocused();
    }
  });

  // The button is gone once the code is revoked.
  test("revoking, or to the page when that button is gone", async ({ page, calls }) => {
    const resident = await calls("resident");
    const code = await issue(resident, "resident");
    await signIn(page, "resident");
    await page.goto(`/guest-codes/${code.id}`);
    await page.getByRole("button", { name: "Revoke" }).press("Enter");
    await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).press("Enter");
    await expect(page.getByText("It was revoked.", { exact: false })).toBeVisible();
    await expect(page.locator("body")).not.toBeFocused();
  });

  // The dialog is removed from the page while open; only closing it first returns the focus.
  test("the list of shortcuts, by its button", async ({ page }) => {
    await signIn(page, "resident");
    await page.goto("/my-access");
    await pageLoaded(page, "My Access");
    const show = page.getByRole("button", { name: "Show your code" });
    await show.focus();
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).getByRole("button", { name: "Done" }).press("Enter");
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await expect(show).toBeFocused();
  });
});
