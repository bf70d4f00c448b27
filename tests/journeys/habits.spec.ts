import { randomUUID } from "node:crypto";
import { inflateSync } from "node:zlib";
import type { APIRequestContext, Locator, Page } from "@playwright/test";
import { axe, expect, signIn, test, uniqueWord } from "./journey";
import { digitsIn } from "./looks";

// What people are used to from other programs, and nobody's job in particular.

/** A guest that no other journey has. */
const someGuest = () => `Visitor ${uniqueWord().slice(0, 8)}`;

/** A code for the resident's own door. */
async function issue(resident: APIRequestContext, guest: string): Promise<{ id: string; code: string }> {
  const { doors } = await (await resident.get("/api/v1/me/access")).json();
  const answer = await resident.post("/api/v1/guest-codes", {
    data: { kind: "permanent", door_ids: [doors[0].id], guest_name: guest },
    headers: { "Idempotency-Key": randomUUID() },
  });
  expect(answer.status(), await answer.text()).toBe(201);
  return answer.json();
}

/** As [`issue`], by the form of the resident who is signed in. */
async function issueByForm(page: Page, guest: string): Promise<Locator> {
  await page.goto("/my-access/guest-codes/new");
  await page.getByLabel("Permanent").check();
  await page.getByLabel("Guest", { exact: true }).fill(guest);
  await page.getByRole("button", { name: "Issue code" }).click();
  return page.getByRole("region", { name: `For ${guest}` });
}

async function revokeOf(resident: APIRequestContext, guest: string): Promise<void> {
  const { items } = await (await resident.get("/api/v1/guest-codes?limit=200")).json();
  for (const { id, guest_name } of items) {
    if (guest_name === guest) {
      await resident.post(`/api/v1/guest-codes/${id}/revoke`, { headers: { "Idempotency-Key": randomUUID() } });
    }
  }
}

async function firstProperty(manager: APIRequestContext): Promise<string> {
  return (await (await manager.get("/api/v1/properties")).json()).items[0].id;
}

const messages = (page: Page) => page.getByRole("region", { name: "Messages" });

test.describe("undo", () => {
  test("of a switched feature is still there on another page, and puts it back", async ({ page, calls }) => {
    const manager = await calls("manager");
    const url = `/api/v1/properties/${await firstProperty(manager)}`;
    const isOn = async () => (await (await manager.get(url)).json()).custom_codes_enabled;
    const before = await isOn();
    await signIn(page, "manager");
    await page.goto("/");
    try {
      const feature = page.getByRole("region", { name: "Custom access codes" });
      await feature.getByRole("switch").setChecked(!before, { force: true });
      await feature.getByRole("button", { name: "Save" }).click();
      const message = messages(page).getByText(before ? "Custom codes are off." : "Custom codes are on.");
      await expect(message).toBeVisible();
      expect(await isOn()).toBe(!before);

      const nav = page.getByRole("navigation", { name: "Main" });
      await nav.getByRole("link", { name: "Doors" }).click();
      await expect(page.getByRole("heading", { level: 1, name: "Doors" })).toBeVisible();
      await expect(message).toBeVisible();
      await axe(page);
      await messages(page).getByRole("button", { name: "Undo" }).click();
      await expect(messages(page).getByText("As it was before.")).toBeVisible();
      await expect(message).toHaveCount(0);
      expect(await isOn()).toBe(before);

      await nav.getByRole("link", { name: "Overview" }).click();
      await expect(feature.getByRole("switch")).toBeChecked({ checked: before });
      await expect(feature).toContainText(before ? "Turned on by you" : "Turned off by you");
    } finally {
      const now = await manager.get(url);
      if ((await now.json()).custom_codes_enabled !== before) {
        const headers = { "If-Match": now.headers().etag ?? "" };
        await manager.patch(url, { data: { custom_codes_enabled: before }, headers });
      }
    }
  });
});

test.describe("copying", () => {
  test.use({ permissions: ["clipboard-read", "clipboard-write"] });

  const pasted = (page: Page) => page.evaluate(() => navigator.clipboard.readText());

  /** All that the browser keeps of the page, or shows of it in its history. */
  const kept = (page: Page) =>
    page.evaluate(async () => {
      const { cookie, referrer, title } = document;
      const databases = (await indexedDB.databases()).map(({ name }) => name);
      const stored = [{ ...localStorage }, { ...sessionStorage }, databases];
      return JSON.stringify([location.href, history.state, cookie, referrer, title, window.name, stored]);
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
      expect(await pasted(page)).toBe(digits);
      expect(await kept(page)).not.toContain(digits);
      await expect(messages(page)).not.toContainText(digits);
      await axe(page);

      await issued.getByRole("button", { name: "Hide", exact: true }).click();
      await expect(issued.getByText("hidden digits")).toBeAttached();
      await expect(page.locator("body")).not.toContainText(digits);
      await expect(page.getByRole("button", { name: "Copy code" }), "what isn't shown isn't copied").toHaveCount(0);
      expect(await kept(page)).not.toContain(digits);
    } finally {
      await revokeOf(resident, guest);
    }
  });

  test("R32: puts the link of a pass into the clipboard, without digits", async ({ page, calls }) => {
    const resident = await calls("resident");
    const guest = someGuest();
    const { id, code } = await issue(resident, guest);
    await signIn(page, "resident");
    try {
      await page.goto(`/guest-codes/${id}`);
      await page.getByRole("button", { name: "Make a link" }).click();
      const dialog = page.getByRole("dialog", { name: "Link for the guest" });
      const link = await dialog.getByRole("textbox", { name: "Link" }).inputValue();
      await dialog.getByRole("button", { name: "Copy link" }).click();
      await expect(messages(page).getByText("Link copied.")).toBeVisible();
      expect(await pasted(page)).toBe(link);
      expect(link).not.toContain(code);
      const secret = new URL(link).hash.slice(1);
      expect(secret).not.toBe("");
      expect(await kept(page)).not.toContain(secret);

      await dialog.getByRole("button", { name: "Done" }).click();
      await expect(dialog).toBeHidden();
      expect(await page.content(), "with its dialog it is gone").not.toContain(secret);
    } finally {
      await revokeOf(resident, guest);
    }
  });

  test("that the browser refuses is said, with what to do instead", async ({ page, calls }) => {
    const resident = await calls("resident");
    const guest = someGuest();
    await signIn(page, "resident");
    await page.addInitScript(() => {
      navigator.clipboard.writeText = () => Promise.reject(new DOMException("Not allowed", "NotAllowedError"));
    });
    try {
      const issued = await issueByForm(page, guest);
      await issued.getByRole("button", { name: "Copy code" }).click();
      await expect(messages(page)).toContainText("Select the text and copy it by hand.");
      await expect(messages(page).getByText("Code copied.")).toHaveCount(0);
    } finally {
      await revokeOf(resident, guest);
    }
  });
});

test.describe("on paper", () => {
  /** The digits of a code, as they are read out. */
  const digits = (page: Page) => page.getByText(/^(\d ){3,5}\d ?$/);

  /** The page as it is printed has nothing that one presses, and is dark enough. */
  async function onPaper(page: Page): Promise<void> {
    await page.emulateMedia({ media: "print" });
    for (const role of ["navigation", "search", "radio", "textbox", "combobox", "dialog"] as const) {
      await expect(page.getByRole(role), role).toHaveCount(0);
    }
    // By the heads of some columns one sorts; on paper they are their names.
    await expect(page.locator("button:not(th *):visible, .button:visible")).toHaveCount(0);
    await expect(messages(page)).toHaveCount(0);
    await expect(page.getByRole("link", { name: "Skip to content" })).toHaveCount(0);
    const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(beyond, "columns beyond the sheet").toBeLessThanOrEqual(0);
    expect(await pale(page), "too pale for white paper").toEqual([]);
  }

  /** What can't be read well on white: browsers print colours, and no grounds. */
  async function pale(page: Page): Promise<string[]> {
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

  /** How many sheets it takes, each of them with text. */
  async function sheets(page: Page): Promise<number> {
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
      await page.getByRole("button", { name: "Make a link" }).click();
      await page.getByRole("button", { name: "Done" }).click();
      await page.getByRole("button", { name: "Revoke link" }).click();
      await expect(messages(page).getByText("The link shows nothing any more.")).toBeVisible();

      await onPaper(page);
      await expect(page.getByRole("heading", { level: 1, name: guest })).toBeVisible();
      await expect(page.getByText("Permanent guest code · Times are Denver time")).toBeVisible();
      await expect(page.getByRole("main")).toContainText("Unit 101 front door");
      await expect(page.getByText("hidden digits")).toBeAttached();
      await expect(digits(page)).toHaveCount(0);
      expect(await sheets(page)).toBe(1);
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
      await onPaper(page);
      await expect(page.getByRole("heading", { name: `For ${guest}` })).toBeVisible();
      await expect(issued.locator(".digit-pair")).toHaveText(shown.match(/../g) ?? []);
      await expect(issued.locator(".digits")).toBeVisible();
      await expect(issued).toContainText("Unit 101 front door");
      expect(await sheets(page)).toBe(1);
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
      await onPaper(page);
      await expect(page.getByText(`For ${guest}`)).toBeVisible();
      await expect(page.getByRole("heading", { name: "When it opens" })).toBeVisible();
      await expect(page.getByText("Unit 101 front door")).toBeVisible();
      await expect(page.getByText("hidden digits")).toBeAttached();
      await expect(digits(page)).toHaveCount(0);
      expect(await sheets(page)).toBe(1);
    } finally {
      await revokeOf(resident, guest);
    }
  });

  test("R30: the residents have each their line, all that were read, and no digits", async ({ page, calls }) => {
    const property = await firstProperty(await calls("manager"));
    await signIn(page, "manager");
    // Before the console hears of it: the page as it was printed.
    await page.addInitScript(() => {
      addEventListener("afterprint", () => {
        Object.assign(globalThis, { printed: document.querySelectorAll("tbody th").length });
      });
    });
    await page.goto(`/properties/${property}/residents`);
    const names = page.getByRole("rowheader");
    await expect(names.first()).toBeVisible();
    const first = await names.first().innerText();
    // So far that the beginning has left the page.
    await expect(async () => {
      await page.keyboard.press("End");
      await expect(page.getByRole("rowheader", { name: first })).toHaveCount(0, { timeout: 500 });
    }).toPass();
    const blocks = await page.locator("tbody").count();
    const sheetCount = await sheets(page);
    expect(sheetCount).toBeGreaterThan(1);
    const printed = await page.evaluate(() => (globalThis as unknown as { printed: number }).printed);
    expect(printed, "those far away too").toBeGreaterThan((blocks - 2) * 12);

    await page.keyboard.press("Home");
    await expect(page.getByRole("rowheader", { name: first })).toBeVisible();
    await onPaper(page);
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

  test("the link for a guest is alone on its sheet, with its QR code", async ({ page, calls }) => {
    const resident = await calls("resident");
    const guest = someGuest();
    const { id } = await issue(resident, guest);
    await signIn(page, "resident");
    try {
      await page.goto(`/guest-codes/${id}`);
      await page.getByRole("button", { name: "Make a link" }).click();
      const dialog = page.getByRole("dialog", { name: "Link for the guest" });
      await expect(dialog.getByRole("img", { name: "QR code of the link" })).toBeVisible();
      await page.emulateMedia({ media: "print" });
      await expect(dialog.getByRole("img", { name: "QR code of the link" })).toBeVisible();
      await expect(dialog.getByRole("textbox", { name: "Link" })).toBeVisible();
      await expect(page.getByRole("button")).toHaveCount(0);
      await expect(page.getByText("Permanent guest code")).toBeHidden();
      expect(await sheets(page)).toBe(1);
    } finally {
      await revokeOf(resident, guest);
    }
  });

  test("the theme that one chose for the screen makes no page pale", async ({ page }) => {
    await signIn(page, "resident");
    await page.addInitScript(() => localStorage.setItem("latchkey.theme", "dark"));
    await page.goto("/help");
    await expect(page.getByRole("heading", { level: 1, name: "Help" })).toBeVisible();
    await onPaper(page);
    await expect(page.locator("html")).toHaveCSS("color-scheme", "light");
  });
});

test.describe("what one chose", () => {
  const account = (page: Page) => page.getByRole("banner").getByRole("button", { name: /^(Account|Cuenta)/ });

  test("the language is remembered, in another tab too, and can be set back", async ({ page, context }) => {
    await signIn(page, "resident");
    await page.goto("/help");
    const html = page.locator("html");
    await expect(html).toHaveAttribute("lang", "en");
    await account(page).click();
    await page.getByRole("group", { name: "Language" }).getByRole("radio", { name: "Español" }).click();
    await expect(html).toHaveAttribute("lang", "es");
    await expect(page.getByRole("heading", { level: 1, name: "Ayuda" })).toBeVisible();
    await axe(page);
    await page.reload();
    await expect(html).toHaveAttribute("lang", "es");
    await expect(page.getByRole("heading", { level: 1, name: "Ayuda" })).toBeVisible();

    const tab = await context.newPage();
    await tab.goto("/settings");
    await expect(tab.locator("html")).toHaveAttribute("lang", "es");
    await expect(tab.getByRole("navigation", { name: "Principal" })).toBeVisible();
    const language = tab.getByRole("main").getByRole("group", { name: "Idioma" });
    await expect(language.getByRole("radio", { name: "Español" })).toBeChecked();
    await language.getByRole("radio", { name: "English" }).click();
    await expect(tab.getByRole("heading", { level: 1, name: "Settings" })).toBeVisible();
    await expect(tab.locator("html")).toHaveAttribute("lang", "en");
    await page.reload();
    await expect(html).toHaveAttribute("lang", "en");
    await expect(page.getByRole("heading", { level: 1, name: "Help" })).toBeVisible();
  });

  test("the theme is remembered, and there before anything is painted", async ({ page, context }) => {
    // Nothing is painted before there is a body.
    await context.addInitScript(() => {
      new MutationObserver((_, observer) => {
        if (document.body) {
          observer.disconnect();
          Object.assign(globalThis, { first: document.documentElement.dataset.theme ?? "none" });
        }
      }).observe(document, { childList: true, subtree: true });
    });
    const atFirst = (page: Page) => page.evaluate(() => (globalThis as unknown as { first: string }).first);
    const paper = (page: Page) => page.locator("body").evaluate((body) => getComputedStyle(body).backgroundColor);
    const theme = (page: Page) => page.getByRole("group", { name: "Theme" });
    const html = page.locator("html");

    await page.emulateMedia({ colorScheme: "light" });
    await signIn(page, "resident");
    await page.goto("/help");
    await account(page).click();
    await expect(theme(page).getByRole("radio", { name: "System" })).toBeChecked();
    expect(await atFirst(page)).toBe("none");
    const light = await paper(page);
    await theme(page).getByRole("radio", { name: "Dark" }).check();
    await expect(html).toHaveAttribute("data-theme", "dark");
    expect(await paper(page)).not.toBe(light);

    await page.reload();
    expect(await atFirst(page)).toBe("dark");
    await expect(html).toHaveAttribute("data-theme", "dark");
    const tab = await context.newPage();
    await tab.emulateMedia({ colorScheme: "dark" });
    await tab.goto("/settings");
    expect(await atFirst(tab)).toBe("dark");
    const choice = theme(tab).and(tab.locator("main *"));
    await expect(choice.getByRole("radio", { name: "Dark" })).toBeChecked();
    await choice.getByRole("radio", { name: "Light" }).check();
    expect(await paper(tab), "whatever the system has").toBe(light);
    await choice.getByRole("radio", { name: "System" }).check();
    await expect(tab.locator("html")).not.toHaveAttribute("data-theme");
    await tab.reload();
    expect(await atFirst(tab)).toBe("none");
    expect(await paper(tab)).not.toBe(light);
  });
});

test.describe("a long list", () => {
  /** More blocks than the console keeps the rows of. */
  const BLOCKS = 28;
  /** Those that one sees, those near, and one that is just coming or going. */
  const ROWS_MOST = 150;

  interface Watched {
    /** How the page became less high. */
    shrank: string[];
    /** The widths that the columns had. */
    widths: string[];
    rowsMost: number;
    /** How often scrolling has come to rest. */
    ended: number;
  }

  async function watched(page: Page): Promise<Watched> {
    return page.evaluate(() => (globalThis as unknown as { watched: Watched }).watched);
  }

  /** Watches the page from now on, whatever it does between two looks. */
  async function watch(page: Page): Promise<void> {
    await page.evaluate(() => {
      const watched: Watched = { shrank: [], widths: [], rowsMost: 0, ended: 0 };
      let height = 0;
      new ResizeObserver(() => {
        const now = document.documentElement.scrollHeight;
        // Heights of rows aren't whole pixels.
        if (now < height - 1) {
          watched.shrank.push(`from ${height} to ${now}`);
        }
        height = now;
        const widths = [...document.querySelectorAll("thead th")].map((head) => head.clientWidth);
        if (watched.widths.at(-1) !== widths.join(" ")) {
          watched.widths.push(widths.join(" "));
        }
        watched.rowsMost = Math.max(watched.rowsMost, document.querySelectorAll("tbody tr").length);
      }).observe(document.body);
      addEventListener("scrollend", () => {
        watched.ended += 1;
      });
      Object.assign(globalThis, { watched });
    });
  }

  /** What is in view where rows should be, and isn't one. */
  async function blanks(page: Page): Promise<string[]> {
    return page.evaluate(() =>
      [...document.querySelectorAll("tbody > tr")]
        .filter((row) => {
          const { top, bottom } = row.getBoundingClientRect();
          return bottom > 0 && top < innerHeight && row.textContent === "";
        })
        .map((row) => row.outerHTML),
    );
  }

  /** Turns the wheel, and waits until the page has come to rest. */
  async function wheel(page: Page, by: number): Promise<void> {
    const { ended } = await watched(page);
    await page.mouse.wheel(0, by);
    await expect.poll(async () => (await watched(page)).ended).toBeGreaterThan(ended);
    await expect.poll(() => blanks(page), "rows that aren't there").toEqual([]);
  }

  test("keeps few rows in the page, each where it was, and has the newest again at its top", async ({ page }) => {
    test.slow();
    await signIn(page, "support");
    await page.goto("/audit?paused=1");
    const table = page.getByRole("table", { name: "Events, newest first" });
    await expect(table.getByRole("rowheader")).not.toHaveCount(0);
    const newest = await table.getByRole("row").nth(1).innerText();
    const blocks = table.locator("tbody");
    await watch(page);

    await table.hover();
    while ((await blocks.count()) < BLOCKS) {
      await wheel(page, 1_500);
    }
    await expect(table.getByText(newest), "left the page").toHaveCount(0);

    while ((await page.evaluate(() => scrollY)) > 0) {
      await wheel(page, -3_000);
    }
    await expect(table.getByRole("row").nth(1)).toBeInViewport();
    expect(await table.getByRole("row").nth(1).innerText()).toBe(newest);
    const { shrank, widths, rowsMost } = await watched(page);
    expect(shrank, "the height of the page").toEqual([]);
    expect(widths, "the columns, back and forth").toEqual([...new Set(widths)]);
    expect(rowsMost, "rows at once").toBeLessThanOrEqual(ROWS_MOST);
  });

  test("keeps its rows where reading it again brings nothing new", async ({ page }) => {
    await signIn(page, "support");
    await page.clock.install();
    await page.goto("/audit?action=code.");
    const rows = page.getByRole("table", { name: "Events, newest first" }).getByRole("rowheader");
    const first = await page.evaluate(() => Math.ceil(innerHeight / 56));
    await expect.poll(() => rows.count(), "the second page came by itself").toBeGreaterThan(first);
    const count = await rows.count();
    await rows.last().evaluate((row) => Object.assign(globalThis, { kept: row }));
    for (let time = 0; time < 3; time += 1) {
      const again = page.waitForResponse((response) => response.url().includes("/api/v1/audit?"));
      await page.clock.runFor(6_000);
      await again;
    }
    const isThere = await page.evaluate(() => (globalThis as unknown as { kept: Element }).kept.isConnected);
    expect(isThere, "the same row").toBe(true);
    await expect(rows).toHaveCount(count);
  });
});

interface List {
  name: string;
  /** Behind the property. */
  path: string;
  /** Where its rows come from. */
  api: string;
  caption: string;
  none: string;
  hint: string;
}

const LISTS: List[] = [
  {
    name: "guest codes",
    path: "/guest-codes",
    api: "**/api/v1/guest-codes?*",
    caption: "Guest codes, newest first",
    none: "No guest codes yet",
    hint: "can be revoked at any time",
  },
  {
    name: "doors",
    path: "/doors",
    api: "**/api/v1/properties/*/doors?*",
    caption: "Doors and their locks",
    none: "No doors yet",
    hint: "when a hub is installed",
  },
];

// That filters leave nothing is in the journeys about these lists.
for (const { name, path, api, caption, none, hint } of LISTS) {
  test.describe(`the list of ${name}`, () => {
    let address: string;

    test.beforeEach(async ({ page, calls }) => {
      address = `/properties/${await firstProperty(await calls("manager"))}${path}`;
      await signIn(page, "manager");
    });

    const rows = (page: Page) => page.getByRole("table", { name: caption }).getByRole("rowheader");

    test("has its shape while it is on its way", async ({ page }) => {
      let come = () => {};
      const awaited = new Promise<void>((resolve) => {
        come = resolve;
      });
      await page.route(api, async (route) => {
        await awaited;
        await route.continue();
      });
      await page.goto(address);
      const main = page.getByRole("main");
      await expect(main.getByRole("status").filter({ hasText: "Loading" })).toBeAttached();
      await expect(main.locator(".skeleton-table .skeleton").first()).toBeVisible();
      await expect(main.getByRole("heading", { level: 1 }), "and the page is there already").toBeVisible();
      await expect(main.getByRole("search")).toBeVisible();
      await expect(rows(page)).toHaveCount(0);
      await axe(page);
      come();
      await expect(rows(page).first()).toBeVisible();
      await expect(main.locator(".skeleton")).toHaveCount(0);
      await expect(main.getByRole("status").filter({ hasText: "Loading" })).toHaveCount(0);
    });

    test("says so where there is nothing yet, and how something comes there", async ({ page }) => {
      await page.route(api, (route) => route.fulfill({ json: { items: [], next_cursor: null } }));
      await page.goto(address);
      const main = page.getByRole("main");
      await expect(main.getByRole("heading", { level: 2, name: none })).toBeVisible();
      await expect(main).toContainText(hint);
      await expect(main.getByRole("button", { name: "Clear filters" })).toHaveCount(0);
      await expect(page.getByRole("table")).toHaveCount(0);
      await axe(page);
    });

    test("says why it can’t be read, what to quote, and is read when one tries again", async ({ page }) => {
      await page.route(api, (route) => route.abort());
      await page.goto(address);
      const problem = page.getByRole("main").getByRole("alert");
      await expect(problem.getByRole("heading", { name: "No connection" })).toBeVisible();
      await expect(problem).toContainText("Check your connection, then try again.");
      await axe(page);

      const request_id = randomUUID();
      await page.unroute(api);
      await page.route(api, (route) =>
        route.fulfill({
          status: 500,
          contentType: "application/problem+json",
          json: {
            type: "/problems/internal",
            title: "Internal error",
            status: 500,
            detail: "Something went wrong.",
            code: "internal",
            request_id,
          },
        }));
      await problem.getByRole("button", { name: "Try again" }).click();
      await expect(problem.getByRole("heading", { name: "That didn't work" })).toBeVisible();
      await expect(problem).toContainText(request_id);
      await axe(page);

      await page.unroute(api);
      await problem.getByRole("button", { name: "Try again" }).click();
      await expect(rows(page).first()).toBeVisible();
      await expect(problem).toHaveCount(0);
    });
  });
}

test("a list that can’t be read again stays, and says that it may be old", async ({ page, calls }) => {
  const property = await firstProperty(await calls("manager"));
  await signIn(page, "manager");
  await page.clock.install();
  await page.goto(`/properties/${property}/doors`);
  const rows = page.getByRole("table", { name: "Doors and their locks" }).getByRole("rowheader");
  await expect(rows.first()).toBeVisible();
  const before = await rows.allInnerTexts();
  await page.route("**/api/v1/properties/*/doors?*", (route) => route.abort());
  await page.clock.runFor(16_000);
  const notice = page.getByRole("status").filter({ hasText: "What you see may be old." });
  await expect(notice).toContainText("The server can't be reached.");
  expect(await rows.allInnerTexts()).toEqual(before);
  await axe(page);

  await page.unrouteAll();
  await notice.getByRole("button", { name: "Try again" }).click();
  await expect(notice).toHaveCount(0);
  expect(await rows.allInnerTexts()).toEqual(before);
});
