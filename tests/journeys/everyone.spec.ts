import { axe, expect, firstProperty, type Person, signIn, test } from "./journey";
import { checkAppearance } from "./appearance";
import { followNothing } from "./requests";

test.describe("the command palette", () => {
  test("opens with Ctrl K, and leads to a page by keyboard alone", async ({ page }) => {
    await signIn(page, "manager");
    await page.goto("/");
    await expect(page.getByRole("heading", { level: 1, name: "Juniper Flats" })).toBeVisible();
    await page.keyboard.press("Control+k");
    const words = page.getByRole("combobox", { name: "Page, action or name" });
    await expect(words).toBeFocused();
    await axe(page);
    await page.keyboard.type("doo");
    const options = page.getByRole("option");
    await expect(options).toHaveCount(1);
    await expect(options).toHaveAttribute("aria-selected", "true");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { level: 1, name: "Doors" })).toBeVisible();
    await expect(words).toHaveCount(0);
  });

  test("finds a resident by name, and opens their page with the arrow keys", async ({ page }) => {
    await signIn(page, "manager");
    await page.goto("/");
    await expect(page.getByRole("heading", { level: 1, name: "Juniper Flats" })).toBeVisible();
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Page, action" }).fill("ada bra");
    await expect(page.getByRole("option", { name: "Ada Brandt" })).toBeVisible();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { level: 1, name: "Ada Brandt" })).toBeVisible();
    // Ids may spell anything in hexadecimal.
    const address = page.url().replace(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, "");
    expect(address, "names don't get into addresses (R32)").not.toMatch(/ada|brandt/i);
  });

  test("says when nothing matches, and Escape changes nothing", async ({ page }) => {
    await signIn(page, "resident");
    await page.goto("/my-access");
    await expect(page.getByRole("region", { name: "My Access" })).toBeVisible();
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Page, action" }).fill("zzz");
    await expect(page.getByText("Nothing found. Try other words.")).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("combobox", { name: "Page, action" })).toHaveCount(0);
    await expect(page).toHaveURL("/my-access");
  });
});

test.describe("single keys", () => {
  test("lead to pages and are listed by ?, except while typing or when turned off", async ({ page }) => {
    await signIn(page, "manager");
    await page.goto("/");
    await expect(page.getByRole("heading", { level: 1, name: "Juniper Flats" })).toBeVisible();
    await page.keyboard.press("g");
    await page.keyboard.press("r");
    await expect(page.getByRole("heading", { level: 1, name: "Residents" })).toBeVisible();

    const search = page.getByLabel("Name or unit");
    await page.keyboard.press("/");
    await expect(search).toBeFocused();
    await page.keyboard.type("g?n");
    await expect(search).toHaveValue("g?n");
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await page.getByRole("heading", { level: 1 }).click();

    await page.keyboard.press("?");
    const shortcuts = page.getByRole("dialog", { name: "Keyboard shortcuts" });
    await expect(shortcuts).toContainText("Issue a guest code");
    await axe(page);
    await shortcuts.getByLabel("Single-key shortcuts").uncheck();
    await shortcuts.getByRole("button", { name: "Done" }).click();
    await page.keyboard.press("?");
    await page.keyboard.press("n");
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await expect(page).toHaveURL(/\/residents/);
  });
});

test.describe("the settings", () => {
  test("list the sessions, and sign out the others", async ({ page, calls }) => {
    test.slow();
    const elsewhere = await calls("support");
    await signIn(page, "support");
    await page.goto("/settings");
    const sessions = page.getByRole("listitem").filter({ hasText: "Sign out" });
    await expect(sessions.filter({ hasText: "This one" })).toHaveCount(1);
    expect((await elsewhere.get("/api/v1/session")).status()).toBe(200);
    await checkAppearance(page);

    await page.getByRole("button", { name: "Sign out everywhere else" }).click();
    await expect(sessions).toHaveCount(1);
    expect((await elsewhere.get("/api/v1/session")).status(), "signed out elsewhere").toBe(401);
    expect(await page.evaluate(async () => (await fetch("/api/v1/session")).status), "and still here").toBe(200);
  });
});

test.describe("a newer console", () => {
  test("is announced, and nothing is lost until the person reloads", async ({ page }) => {
    await signIn(page, "resident");
    await page.goto("/my-access/check");
    await page.getByLabel("A code you have in mind").fill("0910");
    await page.evaluate(() => dispatchEvent(new Event("latchkey:newer")));
    const banner = page.getByRole("status").filter({ hasText: "A newer version of Latchkey is available." });
    await expect(banner).toBeVisible();
    await expect(page.getByLabel("A code you have in mind")).toHaveValue("0910");
    await axe(page);
    await banner.getByRole("button", { name: "Reload" }).click();
    await expect(page.getByLabel("A code you have in mind")).toHaveValue("");
    await expect(banner).toHaveCount(0);
  });
});

test.describe("without a network", () => {
  test("the console still opens and says so; no API answer is cached", async ({ page, context }) => {
    await signIn(page, "resident");
    await page.goto("/my-access");
    await expect(page.getByRole("region", { name: "My Access" })).toBeVisible();
    const cached = async () =>
      page.evaluate(async () => {
        await navigator.serviceWorker.ready;
        const urls: string[] = [];
        for (const name of await caches.keys()) {
          urls.push(...(await (await caches.open(name)).keys()).map((request) => new URL(request.url).pathname));
        }
        return urls;
      });
    await expect.poll(async () => (await cached()).some((path) => path.endsWith(".wasm"))).toBe(true);
    await expect.poll(async () => (await cached()).some((path) => path.endsWith(".css"))).toBe(true);
    expect((await cached()).filter((path) => path.startsWith("/api/"))).toEqual([]);

    await context.setOffline(true);
    await page.reload();
    await expect(page.getByText("We can’t reach the server.").first()).toBeVisible();
    const navigation = page.getByRole("navigation", { name: "Main" });
    await expect(navigation.getByRole("link", { name: "Guests" })).toBeVisible();
    await context.setOffline(false);
    await expect(page.getByRole("region", { name: "My Access" }), "without a press").toBeVisible();
  });
});

test.describe("installed as an app", () => {
  test("it has icons of every size that systems ask for, as pictures", async ({ page }) => {
    const manifest = await (await page.request.get("/manifest.webmanifest")).json();
    await page.goto("/");
    const touch = await page.locator("link[rel=apple-touch-icon]").getAttribute("href");
    const pictures = manifest.icons.filter(({ type }: { type: string }) => type === "image/png");
    const wanted = [...pictures, { src: touch, sizes: "180x180" }];
    const purposes = pictures.map(({ sizes, purpose }: Record<string, string>) => `${sizes} ${purpose}`);
    expect(purposes).toEqual(["192x192 any", "512x512 any", "512x512 maskable"]);
    for (const { src, sizes } of wanted) {
      const answer = await page.request.get(src);
      expect(answer.headers()["content-type"], src).toBe("image/png");
      const picture = await answer.body();
      // The width and height in the header of a PNG.
      expect(`${picture.readUInt32BE(16)}x${picture.readUInt32BE(20)}`, src).toBe(sizes);
    }
  });
});

test.describe("languages", () => {
  const SCREENS: [Person, string[]][] = [
    [
      "manager",
      [
        "/properties",
        "PROPERTY",
        "PROPERTY/residents",
        "PROPERTY/roster",
        "PROPERTY/guest-codes",
        "PROPERTY/guest-codes/new",
        "PROPERTY/doors",
        "/audit",
        "/settings",
        "/no/such/page",
      ],
    ],
    ["resident", ["/my-access", "/my-access/guest-codes", "/my-access/guest-codes/new", "/my-access/check", "/help"]],
    ["support", ["/audit", "/troubleshoot"]],
  ];

  for (const [person, paths] of SCREENS) {
    test(`every text that ${person} sees comes from the locale files`, async ({ browser, baseURL, calls }) => {
      test.slow();
      // A made-up language: whatever isn't in it doesn't come from the locale files.
      const context = await browser.newContext({ baseURL, serviceWorkers: "block" });
      await followNothing(context);
      const page = await context.newPage();
      await page.route("**/texts/*/en*.json", async (route) => {
        const texts: (string | number)[] = await (await route.fetch()).json();
        const madeUp = (text: string) => text.replace(/[a-z]+(?![^{]*\}\})(?![^<]*>)/gi, (word) => "ж".repeat(word.length));
        await route.fulfill({ json: texts.map((text) => (typeof text === "number" ? text : madeUp(text))) });
      });
      await signIn(page, person);
      const property = await firstProperty(await calls("manager"));
      for (const path of paths) {
        await page.goto(path.replace("PROPERTY", `/properties/${property}`));
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        await page.waitForLoadState("networkidle");
        // The console's own words; tables, lists and cards mostly show data and the server's words.
        const own = await page
          .locator(
            "nav, label:not([lang]), legend, caption, thead, h1, h2, main button:not(tbody *, [lang] *), main a.button, .page-facts",
          )
          .allInnerTexts();
        const foreign = own.flatMap((text) => text.match(/\b[A-Za-z]{4,}\b/g) ?? []).filter((word) => !DATA.has(word));
        expect([...new Set(foreign)], `${person} ${path}`).toEqual([]);
      }
      await context.close();
    });
  }
});

/** Words that aren't translated: names of the demo's people and places, of zones and of languages. */
const DATA = new Set(
  ("Juniper Flats Denver Latchkey English Unit Morgan Reyes Brandt Noor Haddad East West North wing lobby " +
    "Garage Main gate Pool Roof terrace front door").split(" "),
);
