import { randomUUID } from "node:crypto";
import { type APIRequestContext, type BrowserContext, type Page, test as base, expect, request } from "@playwright/test";
import engine from "axe-core";
import { PASSWORD, PEOPLE, type Person } from "./people";

export { expect, PASSWORD, PEOPLE, type Person };

/** Signs a person in without the sign-in page, so that a journey can open the page it is about. */
export async function signIn(page: Page, person: Person): Promise<void> {
  const answer = await page.request.post("/api/v1/session", {
    data: { email: PEOPLE[person], password: PASSWORD },
    headers: { "Sec-Fetch-Site": "same-origin" },
  });
  expect(answer.status(), `${person} signs in`).toBe(200);
}

/**
 * Fails if axe finds a violation of WCAG 2.2 AA on the page as it is now, including target sizes and (unless the colours are
 * the system's own) contrast. Call it in every state that matters: with a dialog open, with an error shown.
 */
export async function axe(page: Page, { contrast = true } = {}): Promise<void> {
  if (!(await page.evaluate(() => "axe" in globalThis))) {
    await page.evaluate(engine.source);
  }
  const found = await page.evaluate(
    async ({ tags, contrast }) => {
      // What is just fading in has no contrast yet.
      const ending = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().iterations !== Infinity);
      // One that is put off for long, such as while its element isn't shown, isn't waited for.
      const soon = new Promise((passed) => setTimeout(passed, 2_000));
      await Promise.race([Promise.allSettled(ending.map(({ finished }) => finished)), soon]);
      const { axe } = globalThis as unknown as { axe: typeof engine };
      // The rows of a long list are alike, and checking each takes time.
      const { violations } = await axe.run({ include: [["html"]], exclude: [[":is(tr, li):nth-child(n + 9)"]] }, {
        runOnly: tags,
        resultTypes: ["violations"],
        rules: { "color-contrast": { enabled: contrast } },
      });
      return violations.map(({ id, help, nodes }) => ({ id, help, at: nodes.map((node) => node.target.join(" ")) }));
    },
    { tags: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], contrast },
  );
  expect(found, `axe on ${page.url()}`).toEqual([]);
}

/** A unique word without digits, which might be taken for a code's in a reason (R32). */
export function uniqueWord(): string {
  return randomUUID().replaceAll("-", "").replace(/\d/g, (digit) => "ghijklmnop".charAt(Number(digit)));
}

interface Fixtures {
  /**
   * Calls the API as a person at another computer, with a session of their own. (Playwright itself sends `Secure` cookies
   * to https alone, while browsers send them to loopback too.)
   */
  calls: (person: Person) => Promise<APIRequestContext>;
  /** The resident's own app, version 2.8.0: calls the API with a token that has nothing to do with the browser's session. */
  phone: APIRequestContext;
}

/**
 * A journey. Whatever it is about, it also fails when the console logs an error in the browser, such as a violation of the
 * content security policy.
 */
export const test = base.extend<Fixtures & { context: BrowserContext }>({
  context: async ({ context }, use) => {
    const errors: string[] = [];
    context.on("weberror", (error) => errors.push(error.error().message));
    context.on("console", (message) => {
      // A refusal that a journey provokes is logged by the browser itself, as a resource that failed to load.
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
        errors.push(message.text());
      }
    });
    await use(context);
    // What a journey answers in the server's place may be asked for once more while it ends, since pages follow what happens.
    await Promise.all(context.pages().map((page) => page.unrouteAll({ behavior: "ignoreErrors" })));
    expect(errors, "errors in the browser's log").toEqual([]);
  },

  calls: async ({ baseURL }, use) => {
    const made: APIRequestContext[] = [];
    await use(async (person) => {
      const signedOut = await request.newContext({ baseURL });
      const answer = await signedOut.post("/api/v1/session", {
        data: { email: PEOPLE[person], password: PASSWORD },
        headers: { "Sec-Fetch-Site": "same-origin" },
      });
      expect(answer.status(), `${person} signs in elsewhere`).toBe(200);
      const cookie = answer.headers()["set-cookie"]?.split(";")[0] ?? "";
      await signedOut.dispose();
      const headers = { Cookie: cookie, "Sec-Fetch-Site": "same-origin" };
      const context = await request.newContext({ baseURL, extraHTTPHeaders: headers });
      made.push(context);
      return context;
    });
    await Promise.all(made.map((context) => context.dispose()));
  },

  phone: async ({ baseURL }, use) => {
    const signedOut = await request.newContext({ baseURL });
    const answer = await signedOut.post("/api/v1/mobile/token", {
      data: { email: PEOPLE.resident, password: PASSWORD, platform: "ios", app_version: "2.8.0" },
    });
    expect(answer.status(), "the app signs in").toBe(200);
    const { token } = await answer.json();
    await signedOut.dispose();

    const phone = await request.newContext({ baseURL, extraHTTPHeaders: { Authorization: `Bearer ${token}` } });
    await use(phone);
    await phone.dispose();
  },
});

/** The id of the manager's property, Juniper Flats. */
export async function firstProperty(manager: APIRequestContext): Promise<string> {
  return (await (await manager.get("/api/v1/properties")).json()).items[0].id;
}

/** Takes the battery out of a simulated lock, or puts it in. */
export async function reachLock(manager: APIRequestContext, door: string, online: boolean): Promise<void> {
  const answer = await manager.post(`/api/v1/simulator/doors/${door}/lock`, { data: { online } });
  expect(answer.status(), await answer.text()).toBe(204);
}

/** The region with the console's messages. */
export const messages = (page: Page) => page.getByRole("region", { name: "Messages" });
