import type { Page } from "@playwright/test";
import { issue, issueByForm, revokeOf, someGuest } from "./guests";
import { axe, expect, messages, signIn, test } from "./journey";
import { digitsIn } from "./appearance";

test.describe("the clipboard", () => {
  test.use({ permissions: ["clipboard-read", "clipboard-write"] });

  const clipboardText = (page: Page) => page.evaluate(() => navigator.clipboard.readText());

  /** Everything that the browser stores for the page or shows in its history. */
  const stored = (page: Page) =>
    page.evaluate(async () => {
      const { cookie, referrer, title } = document;
      const databases = (await indexedDB.databases()).map(({ name }) => name);
      const storage = [{ ...localStorage }, { ...sessionStorage }, databases];
      return JSON.stringify([location.href, history.state, cookie, referrer, title, window.name, storage]);
    });

  test("R30 R32: puts the code that was just issued into the clipboard, and nowhere else", async ({ page, calls }) => {
    const resident = await calls("resident");
    const guest = someGuest();
    await signIn(page, "resident");
    try {
      const issued = await issueByForm(page, guest);
      const digits = await digitsIn(issued);
      await issued.getByRole("button", { name: "Copy code" }).click();
      await expect(messages(page).getByText("Code copied.")).toBeVisible();
      expect(await clipboardText(page)).toBe(digits);
      expect(await stored(page)).not.toContain(digits);
      await expect(messages(page)).not.toContainText(digits);
      await axe(page);

      await issued.getByRole("button", { name: "Hide", exact: true }).click();
      await expect(issued.getByText("hidden digits")).toBeAttached();
      await expect(page.locator("body")).not.toContainText(digits);
      await expect(page.getByRole("button", { name: "Copy code" }), "only shown digits can be copied").toHaveCount(0);
      expect(await stored(page)).not.toContain(digits);
    } finally {
      await revokeOf(resident, guest);
    }
  });

  test("R32: gets the link of a pass, without digits", async ({ page, calls }) => {
    const resident = await calls("resident");
    const guest = someGuest();
    const { id, code } = await issue(resident, guest);
    await signIn(page, "resident");
    try {
      await page.goto(`/guest-codes/${id}`);
      await page.getByRole("button", { name: "Create a link" }).click();
      const dialog = page.getByRole("dialog", { name: "Link for the guest" });
      const link = await dialog.getByRole("textbox", { name: "Link" }).inputValue();
      await dialog.getByRole("button", { name: "Copy link" }).click();
      await expect(messages(page).getByText("Link copied.")).toBeVisible();
      expect(await clipboardText(page)).toBe(link);
      expect(link).not.toContain(code);
      const secret = new URL(link).hash.slice(1);
      expect(secret).not.toBe("");
      expect(await stored(page)).not.toContain(secret);
      await messages(page).getByRole("button", { name: "Dismiss" }).click();
      await expect(messages(page).getByText("Link copied.")).toHaveCount(0);
      await expect(dialog, "the message was over it, and could be pressed").toBeVisible();

      await dialog.getByRole("button", { name: "Done" }).click();
      await expect(dialog).toBeHidden();
      expect(await page.content(), "gone with its dialog").not.toContain(secret);
    } finally {
      await revokeOf(resident, guest);
    }
  });

  test("that the browser refuses is reported, with what to do instead", async ({ page, calls }) => {
    const resident = await calls("resident");
    const guest = someGuest();
    await signIn(page, "resident");
    await page.addInitScript(() => {
      navigator.clipboard.writeText = () => Promise.reject(new DOMException("Not allowed", "NotAllowedError"));
    });
    try {
      const issued = await issueByForm(page, guest);
      await issued.getByRole("button", { name: "Copy code" }).click();
      await expect(messages(page)).toContainText("Select the text and copy it yourself.");
      await expect(messages(page).getByText("Code copied.")).toHaveCount(0);
    } finally {
      await revokeOf(resident, guest);
    }
  });
});
