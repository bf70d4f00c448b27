import type { Locator, Page } from "@playwright/test";
import { ada, arrived, type Calls, first, framed, issue, listen, main, nav, PLACES, propertyOf, revokeIssued } from "./hearing";
import { expect, type Person, signIn, test } from "./journey";

// Where the focus is after a change of page, and after a dialog.

test.afterEach(revokeIssued);


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
