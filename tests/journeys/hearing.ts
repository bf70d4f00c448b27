import { randomUUID } from "node:crypto";
import type { APIRequestContext, Page } from "@playwright/test";
import { expect, type Person, uniqueWord } from "./journey";

// For the journeys about what those hear who don't see the page.

/** What leads to the person's pages, and nothing else. */
export const PLACES: Record<Person, string[]> = {
  manager: ["Overview", "Residents", "Guest codes", "Doors", "Activity"],
  resident: ["My Access", "Guests", "Check a code"],
  support: ["Overview", "Audit log", "Troubleshoot"],
};

const ROLES: Record<Person, string> = { manager: "Manager", resident: "Resident", support: "Support" };

export const main = (page: Page) => page.getByRole("main");
export const nav = (page: Page) => page.getByRole("banner").getByRole("navigation", { name: "Main" });

/** The landmarks around a page, and where one is among the person's pages; `here` is left out on pages beside them. */
export async function framed(page: Page, person: Person, here?: string): Promise<void> {
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
  await onlyOne(page);
  for (const name of PLACES[person]) {
    const link = nav(page).getByRole("link", { name, exact: true });
    await (name === here ? expect(link) : expect(link).not).toHaveAttribute("aria-current", "page");
  }
}

/** One `<main>`, with one heading of the first level. */
async function onlyOne(page: Page): Promise<void> {
  await expect(main(page)).toHaveCount(1);
  await expect(page.getByRole("heading", { level: 1 })).toHaveCount(1);
}

/** A page for whoever isn't signed in: nothing around it. */
export async function bare(page: Page): Promise<void> {
  await expect(page.getByRole("banner")).toHaveCount(0);
  await expect(page.getByRole("navigation")).toHaveCount(0);
  await onlyOne(page);
}

/**
 * Listens as a screen reader does, to what changes in the live regions that are there by now. Gives a way to wait until
 * something was told.
 */
export async function listen(page: Page): Promise<(words: string | RegExp, times?: number) => Promise<void>> {
  const said = await page.evaluateHandle(() => {
    const said: string[] = [];
    for (const region of document.querySelectorAll("[role=status], [role=alert]")) {
      const note = () => said.push(region.textContent?.replaceAll(/\s+/g, " ").trim() ?? "");
      new MutationObserver(note).observe(region, { subtree: true, childList: true, characterData: true });
    }
    return said;
  });
  return async (words, times = 1) => {
    const fits = (text: string) => (typeof words === "string" ? text === words : words.test(text));
    await expect.poll(async () => (await said.jsonValue()).filter(fits).length, `told: ${words}`).toBe(times);
  };
}

/** The page has come up: its heading is there, and so is what it reads first. */
export async function arrived(page: Page, heading: string | RegExp): Promise<void> {
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
export async function ada(calls: Calls): Promise<{ property: string; resident: string }> {
  const manager = await calls("manager");
  const { id: property } = await propertyOf(manager);
  return { property, resident: (await first(manager, `properties/${property}/residents?q=brandt`)).id };
}

/** Guest codes that a journey has issued, which go with it. */
export const issued: { api: APIRequestContext; id: string }[] = [];

/** After each journey. */
export async function revokeIssued(): Promise<void> {
  for (const { api, id } of issued.splice(0)) {
    await api.post(`/api/v1/guest-codes/${id}/revoke`, { headers: { "Idempotency-Key": randomUUID() } });
  }
}

export const someGuest = () => `Guest ${uniqueWord().slice(0, 8)}`;

/** A code for a guest that no other journey has: of the resident for their unit, of a manager for the gym. */
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
