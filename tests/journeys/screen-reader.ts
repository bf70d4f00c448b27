import { randomUUID } from "node:crypto";
import type { APIRequestContext, Page } from "@playwright/test";
import { expect, type Person, uniqueWord } from "./journey";

// For the journeys about what a screen reader announces and can navigate by.

/** The links of each person's navigation. */
export const PLACES: Record<Person, string[]> = {
  manager: ["Overview", "Residents", "Guest codes", "Doors", "Activity"],
  resident: ["My Access", "Guests", "Check a code"],
  support: ["Overview", "Audit log", "Troubleshoot"],
};

const ROLES: Record<Person, string> = { manager: "Manager", resident: "Resident", support: "Support" };

export const main = (page: Page) => page.getByRole("main");
export const nav = (page: Page) => page.getByRole("banner").getByRole("navigation", { name: "Main" });

/** The landmarks around a page, and which link of the navigation is current (`here`; none on pages that aren't in it). */
export async function expectPageFrame(page: Page, person: Person, here?: string): Promise<void> {
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
  await expectOneMainAndHeading(page);
  for (const name of PLACES[person]) {
    const link = nav(page).getByRole("link", { name, exact: true });
    await (name === here ? expect(link) : expect(link).not).toHaveAttribute("aria-current", "page");
  }
}

/** Exactly one `<main>` and one level-1 heading. */
async function expectOneMainAndHeading(page: Page): Promise<void> {
  await expect(main(page)).toHaveCount(1);
  await expect(page.getByRole("heading", { level: 1 })).toHaveCount(1);
}

/** A page for people who aren't signed in has nothing around it. */
export async function expectNoPageFrame(page: Page): Promise<void> {
  await expect(page.getByRole("banner")).toHaveCount(0);
  await expect(page.getByRole("navigation")).toHaveCount(0);
  await expectOneMainAndHeading(page);
}

/**
 * Watches the live regions that are on the page now, as a screen reader does. Returns a function that waits until something
 * was announced.
 */
export async function watchLiveRegions(page: Page): Promise<(words: string | RegExp, times?: number) => Promise<void>> {
  const said = await page.evaluateHandle(() => {
    const said: string[] = [];
    for (const region of document.querySelectorAll("[role=status], [role=alert]")) {
      // Nothing is announced outside a dialog that is modal.
      const isInert = () => {
        const modal = [...document.querySelectorAll("dialog:modal")];
        return modal.length > 0 && !modal.some((dialog) => dialog.contains(region));
      };
      const note = () => {
        if (!isInert()) said.push(region.textContent?.replaceAll(/\s+/g, " ").trim() ?? "");
      };
      new MutationObserver(note).observe(region, { subtree: true, childList: true, characterData: true });
    }
    return said;
  });
  return async (words, times = 1) => {
    const fits = (text: string) => (typeof words === "string" ? text === words : words.test(text));
    await expect.poll(async () => (await said.jsonValue()).filter(fits).length, `announced: ${words}`).toBe(times);
  };
}

/** Waits until the page is shown: its heading and its first data. */
export async function pageLoaded(page: Page, heading: string | RegExp): Promise<void> {
  await expect(page.getByRole("heading", { level: 1, name: heading })).toBeVisible();
  await expect(page.getByText("Loading", { exact: true })).toHaveCount(0);
}

export type Calls = (person: Person) => Promise<APIRequestContext>;

export async function first(api: APIRequestContext, path: string): Promise<{ id: string; name: string }> {
  const { items } = await (await api.get(`/api/v1/${path}`)).json();
  expect(items.length, path).toBeGreaterThan(0);
  return items[0];
}

export const propertyOf = (api: APIRequestContext) => first(api, "properties");

/** Ada Brandt's tenancy, and the property it is in. */
export async function adaBrandt(calls: Calls): Promise<{ property: string; resident: string }> {
  const manager = await calls("manager");
  const { id: property } = await propertyOf(manager);
  return { property, resident: (await first(manager, `properties/${property}/residents?q=brandt`)).id };
}

/** Guest codes that a journey has issued; they are revoked when it ends. */
export const issued: { api: APIRequestContext; id: string }[] = [];

/** Revokes what the journey issued; called after each one. */
export async function revokeIssued(): Promise<void> {
  for (const { api, id } of issued.splice(0)) {
    await api.post(`/api/v1/guest-codes/${id}/revoke`, { headers: { "Idempotency-Key": randomUUID() } });
  }
}

export const someGuest = () => `Guest ${uniqueWord().slice(0, 8)}`;

/** Issues a code to a guest of this journey's own: a resident's opens their unit, a manager's the gym. */
export async function issue(api: APIRequestContext, by: "manager" | "resident"): Promise<{ id: string; guest: string; door: string }> {
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
