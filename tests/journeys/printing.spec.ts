import { inflateSync } from "node:zlib";
import type { Page } from "@playwright/test";
import { issue, issueByForm, revokeOf, someGuest } from "./guests";
import { expect, firstProperty, messages, signIn, test } from "./journey";
import { digitsIn } from "./appearance";

// Printed pages have no controls, and digits only where somebody revealed them.

test.describe("printed", () => {
  /** The digits of a code, in the text for screen readers. */
  const digits = (page: Page) => page.getByText(/^(\d ){3,5}\d ?$/);

  /** The printed page has no controls, fits the sheet and has enough contrast. */
  async function expectPrintable(page: Page): Promise<void> {
    await page.emulateMedia({ media: "print" });
    for (const role of ["navigation", "search", "radio", "textbox", "combobox", "dialog"] as const) {
      await expect(page.getByRole(role), role).toHaveCount(0);
    }
    // Sortable headers are buttons; on paper they are plain names.
    await expect(page.locator("button:not(th *):visible, .button:visible")).toHaveCount(0);
    await expect(messages(page)).toHaveCount(0);
    await expect(page.getByRole("link", { name: "Skip to content" })).toHaveCount(0);
    const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(beyond, "pixels beyond the sheet").toBeLessThanOrEqual(0);
    expect(await textsTooPale(page), "too pale for white paper").toEqual([]);
  }

  /** Texts with too little contrast on white: browsers print colours, but no backgrounds. */
  async function textsTooPale(page: Page): Promise<string[]> {
    return page.evaluate(() => {
      const dot = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
      const contrast = (colour: string) => {
        if (!dot) {
          return 0;
        }
        for (const fill of ["white", colour]) {
          dot.fillStyle = fill;
          dot.fillRect(0, 0, 1, 1);
        }
        const [red = 0, green = 0, blue = 0] = [...dot.getImageData(0, 0, 1, 1).data].map((value) => {
          const part = value / 255;
          return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
        });
        return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05);
      };
      const found: string[] = [];
      const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      while (texts.nextNode()) {
        const { parentElement: place, textContent: words } = texts.currentNode;
        if (place?.checkVisibility({ visibilityProperty: true }) && words?.trim()) {
          const { color, printColorAdjust } = getComputedStyle(place);
          if (printColorAdjust !== "exact" && contrast(color) < 4.5) {
            found.push(`${words}: ${color}`);
          }
        }
      }
      return found;
    });
  }

  /** The number of sheets, none of which may be empty. */
  async function countSheets(page: Page): Promise<number> {
    const pdf = (await page.pdf()).toString("latin1");
    expect(pdf).toMatch(/^%PDF-/);
    const pages = [...pdf.matchAll(/\/Type \/Page\b.*?\/Contents (\d+) 0 R/gs)].map(([, contents]) => {
      const object = new RegExp(`\n${contents} 0 obj\n<<.*?>> ?stream\n(.*?)\nendstream`, "s");
      const [, drawing = ""] = pdf.match(object) ?? [];
      return drawing && inflateSync(Buffer.from(drawing, "latin1")).toString("latin1");
    });
    expect(pages.length).toBeGreaterThan(0);
    expect(pages.map((drawing) => /\bT[jJ]\b/.test(drawing)), "sheets with text").toEqual(pages.map(() => true));
    return pages.length;
  }

  test("R30: a guest code has its facts, and its digits stay hidden", async ({ page, calls }) => {
    const resident = await calls("resident");
    const guest = someGuest();
    const { id } = await issue(resident, guest);
    await signIn(page, "resident");
    try {
      await page.goto(`/guest-codes/${id}`);
      await page.getByRole("button", { name: "Create a link" }).click();
      await page.getByRole("button", { name: "Done" }).click();
      await page.getByRole("button", { name: "Revoke link" }).click();
      await expect(messages(page).getByText("The link no longer works.")).toBeVisible();

      await expectPrintable(page);
      await expect(page.getByRole("heading", { level: 1, name: guest })).toBeVisible();
      await expect(page.getByText("Permanent guest code · Times are Denver time")).toBeVisible();
      await expect(page.getByRole("main")).toContainText("Unit 101 front door");
      await expect(page.getByText("hidden digits")).toBeAttached();
      await expect(digits(page)).toHaveCount(0);
      await expect(page.getByRole("heading", { name: "Share with the guest" })).toHaveCount(0);
      expect(await countSheets(page)).toBe(1);
    } finally {
      await revokeOf(resident, guest);
    }
  });

  test("R23: the code that was just issued has its digits", async ({ page, calls }) => {
    const resident = await calls("resident");
    const guest = someGuest();
    await signIn(page, "resident");
    try {
      const issued = await issueByForm(page, guest);
      const shown = await digitsIn(issued);
      await expect(issued.getByRole("img", { name: "QR code of the link" }).locator("svg")).toBeVisible();
      await expectPrintable(page);
      // Where, what, when, and whom to call.
      await expect(issued).toContainText("Juniper Flats");
      await expect(issued).toContainText("ContactAda Brandt");
      await expect(issued).toContainText("Denver time");
      await expect(issued.getByRole("img", { name: "QR code of the link" }).locator("svg")).toBeVisible();
      await expect(page.getByRole("heading", { name: "On the locks" })).toBeHidden();
      await expect(page.getByRole("heading", { name: `For ${guest}` })).toBeVisible();
      await expect(issued.locator(".digit-pair")).toHaveText(shown.match(/../g) ?? []);
      await expect(issued.locator(".digits")).toBeVisible();
      await expect(issued).toContainText("Unit 101 front door");
      expect(await countSheets(page)).toBe(1);
    } finally {
      await revokeOf(resident, guest);
    }
  });

  test("R30: a guest’s pass says when it opens what, and its digits stay hidden", async ({ page, calls }) => {
    const resident = await calls("resident");
    const guest = someGuest();
    const { id } = await issue(resident, guest);
    try {
      const { url } = await (await resident.post(`/api/v1/guest-codes/${id}/share`)).json();
      await page.goto(url);
      await expect(page.getByRole("heading", { level: 1, name: /^Your code for/ })).toBeVisible();
      await expectPrintable(page);
      await expect(page.getByText(`For ${guest}`)).toBeVisible();
      await expect(page.getByRole("heading", { name: "When it opens" })).toBeVisible();
      await expect(page.getByText("Unit 101 front door")).toBeVisible();
      await expect(page.getByText("hidden digits")).toBeAttached();
      await expect(digits(page)).toHaveCount(0);
      expect(await countSheets(page)).toBe(1);
    } finally {
      await revokeOf(resident, guest);
    }
  });

  test("R30: the residents have a row each, all that were loaded, and no digits", async ({ page, calls }) => {
    const property = await firstProperty(await calls("manager"));
    await signIn(page, "manager");
    // Added before the console's own listener, so it sees the page as it was printed.
    await page.addInitScript(() => {
      addEventListener("afterprint", () => {
        Object.assign(globalThis, { printed: document.querySelectorAll("tbody th").length });
      });
    });
    await page.goto(`/properties/${property}/residents`);
    const names = page.getByRole("rowheader");
    await expect(names.first()).toBeVisible();
    const first = await names.first().innerText();
    await page.emulateMedia({ media: "print" });
    await expect(page.getByText(/^The first \d+ rows\. There are more/)).toBeVisible();
    await page.emulateMedia({ media: null });
    // Far enough for the first rows to be removed from the page.
    await expect(async () => {
      await page.keyboard.press("End");
      await expect(page.getByRole("rowheader", { name: first })).toHaveCount(0, { timeout: 500 });
    }).toPass();
    const blocks = await page.locator("tbody").count();
    const sheetCount = await countSheets(page);
    expect(sheetCount).toBeGreaterThan(1);
    const printed = await page.evaluate(() => (globalThis as unknown as { printed: number }).printed);
    expect(printed, "distant rows too").toBeGreaterThan((blocks - 2) * 12);

    // Rows that come back above push the page down once more.
    await expect(async () => {
      await page.keyboard.press("Home");
      await expect(page.getByRole("rowheader", { name: first })).toBeVisible({ timeout: 1_000 });
    }).toPass();
    await expectPrintable(page);
    await expect(page.getByRole("heading", { level: 1, name: "Residents" })).toBeVisible();
    await expect(page.getByText("Times are Denver time", { exact: false })).toBeVisible();
    await expect(page.getByRole("columnheader")).toHaveText(["Name", "Unit", "Code", "Origin", "On the lock", "Changed"]);
    await expect(page.getByRole("rowheader", { name: first })).toBeVisible();
    const masked = page.locator("tbody .digits");
    expect(await masked.count()).toBeGreaterThan(0);
    await expect(masked).toHaveCount(await page.getByRole("img", { name: /^[46] hidden digits$/ }).count());
    expect((await masked.allTextContents()).filter((text) => !/^[• ]+$/.test(text))).toEqual([]);
    await expect(digits(page)).toHaveCount(0);
  });

  test("a guest’s link is alone on its sheet, with its QR code", async ({ page, calls }) => {
    const resident = await calls("resident");
    const guest = someGuest();
    const { id } = await issue(resident, guest);
    await signIn(page, "resident");
    try {
      await page.goto(`/guest-codes/${id}`);
      await page.getByRole("button", { name: "Create a link" }).click();
      const dialog = page.getByRole("dialog", { name: "Link for the guest" });
      await expect(dialog.getByRole("img", { name: "QR code of the link" })).toBeVisible();
      await page.emulateMedia({ media: "print" });
      await expect(dialog.getByRole("img", { name: "QR code of the link" })).toBeVisible();
      await expect(dialog.getByRole("textbox", { name: "Link" })).toBeVisible();
      await expect(page.getByRole("button")).toHaveCount(0);
      await expect(page.getByText("Permanent guest code")).toBeHidden();
      expect(await countSheets(page)).toBe(1);
    } finally {
      await revokeOf(resident, guest);
    }
  });

  test("the dark theme doesn’t make the page pale", async ({ page }) => {
    await signIn(page, "resident");
    await page.addInitScript(() => localStorage.setItem("latchkey.theme", "dark"));
    await page.goto("/help");
    await expect(page.getByRole("heading", { level: 1, name: "Help" })).toBeVisible();
    await expectPrintable(page);
    await expect(page.locator("html")).toHaveCSS("color-scheme", "light");
  });
});
