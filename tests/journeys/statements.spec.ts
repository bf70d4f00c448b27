import { randomUUID } from "node:crypto";
import type { APIRequestContext, Page } from "@playwright/test";
import { axe, expect, firstProperty, signIn, test } from "./journey";
import { revokeOf, someGuest } from "./guests";

interface Hub {
  id: string;
  name: string;
  online: boolean;
}

interface Door {
  id: string;
  name: string;
  kind: string;
  lock: { hub_id: string; online: boolean };
}

let api: APIRequestContext;
let property: string;

test.beforeEach(async ({ page, calls }) => {
  api = await calls("manager");
  property = await firstProperty(api);
  await signIn(page, "manager");
});

async function hubs(): Promise<Hub[]> {
  return (await (await api.get(`/api/v1/properties/${property}`)).json()).health.hubs;
}

async function doors(): Promise<Door[]> {
  return (await (await api.get(`/api/v1/properties/${property}/doors?limit=200`)).json()).items;
}

async function setHub({ id }: Hub, online: boolean): Promise<void> {
  expect((await api.post(`/api/v1/simulator/hubs/${id}`, { data: { online } })).ok(), "the simulator's hub").toBe(true);
  await expect.poll(async () => (await hubs()).find((hub) => hub.id === id)?.online).toBe(online);
}

async function setLock({ id }: Door, online: boolean): Promise<void> {
  expect((await api.post(`/api/v1/simulator/doors/${id}/lock`, { data: { online } })).ok(), "the lock").toBe(true);
  await expect.poll(async () => (await doors()).find((door) => door.id === id)?.lock.online).toBe(online);
}

async function issue(door: Door, guest: string): Promise<string> {
  const answer = await api.post("/api/v1/guest-codes", {
    data: { kind: "permanent", door_ids: [door.id], guest_name: guest },
    headers: { "Idempotency-Key": randomUUID() },
  });
  expect(answer.status(), await answer.text()).toBe(201);
  return (await answer.json()).id;
}

async function statusOf(id: string): Promise<string | undefined> {
  return (await (await api.get(`/api/v1/guest-codes/${id}`)).json()).placements[0]?.status;
}

interface Number {
  count: number;
  words: string;
  to: string;
}

/** Every number of the overview with the list that it leads to. */
async function numbers(page: Page): Promise<Number[]> {
  const links = page.getByRole("main").locator("a[href*='/doors'], a[href*='/guest-codes?'], a[href*='/residents?']");
  await expect(links.first()).toBeVisible();
  const found = await links.evaluateAll((all) => all.map((a) => ({ words: a.textContent ?? "", to: a.getAttribute("href") ?? "" })));
  return found
    .map(({ words, to }) => ({ words, to, count: Number(/[\d,]+/.exec(words)?.[0].replaceAll(",", "") ?? Number.NaN) }))
    .filter(({ count }) => !Number.isNaN(count));
}

/** What the pill of every row of a list must say, where the overview counts codes of one status. */
const PILLS: [RegExp, RegExp][] = [
  [/waits?$/, /Waiting: (hub|lock) offline since/],
  [/still opens?$/, /Being removed: still opens the door/],
  [/failed$/, /Failed:/],
];

/** Waits until nothing is on its way to or from a lock that answers: earlier journeys may have left something moving. */
async function settled(): Promise<void> {
  const moving = async () => {
    const lists = ["sending", "being_removed"].flatMap((status) => [
      `/api/v1/guest-codes?property=${property}&on_lock=${status}&reachable=true`,
      `/api/v1/properties/${property}/residents?on_lock=${status}&reachable=true`,
    ]);
    const found = await Promise.all(lists.map(async (list) => (await (await api.get(list)).json()).items.length));
    return found.reduce((all, some) => all + some, 0);
  };
  await expect.poll(moving, { message: "codes on their way", timeout: 60_000 }).toBe(0);
}

/** Compares the overview, as it is on the screen now, with itself and with each list that it leads to. */
async function compare(page: Page, state: string): Promise<void> {
  await page.goto(`/properties/${property}`);
  const needs = page.getByRole("region", { name: "Needs attention" });
  await expect(needs).toBeVisible();
  const all = await numbers(page);
  expect(all.length, state).toBeGreaterThan(8);

  // Every door is counted once.
  const card = page.locator("section", { has: page.getByRole("heading", { name: "Doors working" }) });
  const of = async (to: string) => (await numbers(page)).filter((number) => number.to.endsWith(to)).at(0)?.count ?? 0;
  const total = Number(/of ([\d,]+)/.exec(await card.innerText())?.[1]?.replaceAll(",", ""));
  expect((await of("?state=working")) + (await of("?state=offline")) + (await of("?state=unsettled")), state).toBe(total);
  // As many things as are said.
  const causes = needs.getByRole("list").getByRole("listitem");
  await expect(needs, state).toContainText(`${await causes.count()} thing`);
  // A hub is offline since one time, wherever that is said.
  const times = new Map<string, string>();
  for (const hub of (await hubs()).filter(({ online }) => !online)) {
    const cause = causes.filter({ hasText: hub.name });
    await expect(cause, `${state}: ${hub.name}`).toHaveCount(1);
    const since = (await cause.getByRole("time").getAttribute("datetime"))!;
    const line = page.locator("section", { has: page.getByRole("heading", { name: "Hubs online" }) }).locator("p", { hasText: hub.name });
    await expect(line.getByRole("time"), state).toHaveAttribute("datetime", since);
    times.set(hub.id, since);
  }

  for (const { count, words, to } of all) {
    const said = `${state}: “${words}” leads to ${to}`;
    await page.goto(to);
    const rows = page.getByRole("table").locator("tbody tr");
    if (count > 60) {
      // Long lists are in the page in part; their first row tells that they are there.
      await expect(rows.first(), said).toBeVisible();
      continue;
    }
    await (count === 0 ? expect(page.getByText(/Clear filters/).first(), said).toBeVisible() : expect(rows, said).toHaveCount(count));
    // Doors without a lock, whose codes wait, are counted as doors.
    const pill = to.includes("/doors") ? undefined : PILLS.find(([counted]) => counted.test(words))?.[1];
    if (pill && count > 0) {
      expect((await rows.filter({ hasNotText: pill }).allInnerTexts()).join("\n"), said).toBe("");
    }
    const hub = new URL(to, "http://localhost").searchParams.get("hub");
    if (to.includes("/doors?hub=") && hub !== null && times.has(hub) && count > 0) {
      await expect(rows.filter({ hasNotText: "Offline since" }), said).toHaveCount(0);
      const shown = await rows.getByRole("time").evaluateAll((found) => found.map((time) => time.getAttribute("datetime")));
      expect([...new Set(shown)], said).toEqual([times.get(hub)]);
    }
  }
}

test("with hubs and locks off and codes waiting, no number of the overview contradicts its list (R24–R26)", async ({ page, calls, browser }) => {
  test.setTimeout(300_000);
  const guests = [someGuest(), someGuest(), someGuest()];
  const support = await calls("support");
  const before = await hubs();
  const online = before.filter((hub) => hub.online);
  const all = await doors();
  const [gate] = all.filter((door) => door.kind === "property" && online.some(({ id }) => id === door.lock.hub_id) && door.lock.online);
  try {
    await settled();
    await compare(page, "as the demonstration begins");

    // A lock goes offline with a code on it that is then revoked, and with another that waits.
    const there = await issue(gate!, guests[0]!);
    await expect.poll(() => statusOf(there)).toBe("working");
    await setLock(gate!, false);
    const waits = await issue(gate!, guests[1]!);
    expect((await api.post(`/api/v1/guest-codes/${there}/revoke`, { headers: { "Idempotency-Key": randomUUID() } })).status()).toBe(200);
    await expect.poll(() => statusOf(waits)).toBe("waiting");
    await compare(page, "a lock is offline");
    await page.goto(`/properties/${property}`);
    const cause = page.getByRole("region", { name: "Needs attention" }).getByRole("listitem").filter({ hasText: `Lock of ${gate!.name}` });
    await expect(cause).toContainText("1 guest code still opens");
    await expect(cause).toContainText("1 guest code waits");

    // Then every hub.
    for (const hub of online) {
      await setHub(hub, false);
    }
    await compare(page, "every hub is offline");
    await page.goto(`/properties/${property}`);
    const working = page.locator("section", { has: page.getByRole("heading", { name: "Doors working" }) });
    await expect(working).toContainText(/^Doors working\s*0\s*of/);
    await axe(page);

    // The code's own page, support's, and the guest's pass say the same of it.
    await page.goto(`/guest-codes/${waits}`);
    await expect(page.getByText(/Waiting: hub offline since/)).toBeVisible();
    await expect(page.getByText("Check the hub’s power and network.", { exact: false })).toBeVisible();
    const diagnosis = await (await support.get(`/api/v1/troubleshoot/guest-codes/${waits}`)).json();
    expect(diagnosis.guest_code.placements[0]).toMatchObject({ status: "waiting", reason: "hub_offline" });
    const link = await (await api.post(`/api/v1/guest-codes/${waits}/share`, { data: {} })).json();
    const visitor = await browser.newPage();
    await visitor.goto(link.url.slice(link.url.indexOf("/pass")));
    await expect(visitor.getByText("it isn’t on the lock yet, so it opens nothing", { exact: false })).toBeVisible();
    await visitor.close();
  } finally {
    await setLock(gate!, true).catch(() => undefined);
    for (const hub of online) {
      await setHub(hub, true);
    }
    await setLock(gate!, true);
    for (const guest of guests) {
      await revokeOf(api, guest);
    }
  }
  await expect.poll(async () => (await hubs()).filter((hub) => hub.online).length).toBe(online.length);
});
