import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type APIRequestContext, type Browser, type Page, request } from "@playwright/test";
import { axe, expect, firstProperty, PASSWORD, PEOPLE, type Person, reachLock, signIn, test } from "./journey";

// What somebody does is seen by the others as it happens, in another browser and without reloading.

/** A page in a browser of its own, signed in. */
async function elsewhere(browser: Browser, person: Person, address: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await signIn(page, person);
  await page.goto(address);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  return page;
}

/** Marks the page, so that a reload would show. */
const mark = (page: Page) => page.evaluate(() => void Object.assign(globalThis, { marked: true }));
const isMarked = (page: Page) => page.evaluate(() => "marked" in globalThis);

const once = () => ({ "Idempotency-Key": randomUUID() });

async function gate(manager: APIRequestContext, property: string): Promise<{ id: string; name: string }> {
  const { items } = await (await manager.get(`/api/v1/properties/${property}/doors?limit=200`)).json();
  return items.find(({ name }: { name: string }) => name === "Main gate");
}

let manager: APIRequestContext;
let property: string;

test.beforeEach(async ({ calls }) => {
  manager = await calls("manager");
  property = await firstProperty(manager);
});

test("R25 R26: a guest code that waits for its lock is said to work once the lock is back", async ({ page }) => {
  const door = await gate(manager, property);
  await reachLock(manager, door.id, false);
  const answer = await manager.post("/api/v1/guest-codes", {
    data: { kind: "permanent", door_ids: [door.id], guest_name: "Waiting visitor" },
    headers: once(),
  });
  expect(answer.status(), await answer.text()).toBe(201);
  const { id } = await answer.json();
  await signIn(page, "manager");
  await page.goto(`/guest-codes/${id}`);
  const main = page.getByRole("main");
  await expect(main).toContainText("Waiting: lock offline");
  await mark(page);
  await page.getByRole("button", { name: /^Revoke/ }).focus();

  await reachLock(manager, door.id, true);
  await expect(main).toContainText("Working");
  await expect(main).toContainText("confirmed by read-back");
  await expect(page.getByRole("button", { name: /^Revoke/ }), "the focus stays").toBeFocused();

  await manager.post(`/api/v1/guest-codes/${id}/revoke`, { headers: once() });
  await expect(main).toContainText("Revoked");
  expect(await isMarked(page), "the page wasn’t loaded again").toBe(true);
});

test("the switch moves for another manager who looks at it, and what is unsaved stays", async ({ browser, page }) => {
  const other = await elsewhere(browser, "manager", `/properties/${property}`);
  const { custom_codes_enabled: before } = await (await manager.get(`/api/v1/properties/${property}`)).json();
  await signIn(page, "manager");
  await page.goto(`/properties/${property}`);
  const [here, there] = [page, other].map((page) => page.getByRole("switch", { name: "Custom access codes" }));
  if (!here || !there) throw new Error("no switch");
  await expect(there).toBeChecked({ checked: before });
  await here.press("Space");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(there, "seen there").toBeChecked({ checked: !before });

  // Somebody has begun to change it there: that isn’t taken from under them.
  await there.press("Space");
  await expect(other.getByRole("button", { name: "Save" })).toBeVisible();
  await here.press("Space");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("button", { name: "Save" })).toBeHidden();
  await expect(other.getByRole("button", { name: "Save" }), "still to be decided").toBeVisible();
  await other.getByRole("button", { name: /^Keep/ }).click();
  await expect(there).toBeChecked({ checked: before });
  await other.context().close();
});

test("R31: what is recorded appears at the top of the log", async ({ page, calls }) => {
  await signIn(page, "support");
  await page.goto("/audit");
  const rows = page.getByRole("table", { name: "Events, newest first" }).getByRole("row");
  await expect(rows.nth(1)).toBeVisible();
  await mark(page);
  await calls("resident");
  await expect(rows.nth(1)).toContainText("Signed in");
  await expect(rows.nth(1)).toContainText("Ada Brandt");
  expect(await isMarked(page)).toBe(true);
});

test("R24: a session that is ended in another browser is over at once", async ({ browser, page }) => {
  await signIn(page, "resident");
  await page.goto("/my-access");
  await expect(page.getByRole("button", { name: "Show your code" })).toBeVisible();
  const other = await elsewhere(browser, "resident", "/settings");
  const ended = await other.evaluate(async () => (await fetch("/api/v1/me/sessions", { method: "DELETE" })).status);
  expect(ended).toBeLessThan(300);
  await expect(page.getByRole("dialog", { name: "Your session has ended" })).toBeVisible();
  await other.context().close();
});

test("tabs share one stream, and the next one takes over", async ({ page, context }) => {
  const opened: string[] = [];
  context.on("request", (request) => {
    if (request.resourceType() === "eventsource") opened.push(request.url());
  });
  await signIn(page, "support");
  await page.goto("/audit");
  await expect.poll(() => opened.length).toBe(1);
  const other = await context.newPage();
  await other.goto("/audit");
  const top = (page: Page) => page.getByRole("table", { name: "Events, newest first" }).getByRole("row").nth(1);
  await expect(top(other)).toBeVisible();
  const door = await gate(manager, property);
  await reachLock(manager, door.id, false);
  for (const tab of [page, other]) await expect(top(tab)).toContainText("Main gate");
  expect(opened, "one for both").toHaveLength(1);

  await page.close();
  await expect.poll(() => opened.length, "the other follows from where the first was").toBe(2);
  expect(opened[1]).toContain("?after=");
  await reachLock(manager, door.id, true);
  await expect(top(other)).toContainText("back online");
});

test.describe("when the server is restarted", () => {
  test.skip(!!process.env.LATCHKEY_URL, "it can’t be");
  const port = process.env.LATCHKEY_RESTARTED_PORT ?? "18082";
  const origin = `http://127.0.0.1:${port}`;
  const program = resolve(process.env.LATCHKEY_BIN ?? "../../target/debug/latchkey");
  let data: string;
  let server: ChildProcess;

  async function start(): Promise<void> {
    server = spawn(program, ["serve", "--demo", "--listen", `127.0.0.1:${port}`, "--data", data], {
      env: { ...process.env, LATCHKEY_DEMO_PASSWORD: PASSWORD, LATCHKEY_LOG: "warn" },
      stdio: "ignore",
    });
    await expect(async () => expect((await fetch(`${origin}/readyz`)).status).toBe(200)).toPass({ timeout: 120_000 });
  }

  async function stop(): Promise<void> {
    const ended = new Promise((resolve) => server.once("exit", resolve));
    server.kill("SIGTERM");
    await ended;
  }

  test.beforeAll(async () => {
    test.setTimeout(150_000);
    data = mkdtempSync(join(tmpdir(), "latchkey-restarted-"));
    await start();
  });

  test.afterAll(async () => {
    await stop();
    rmSync(data, { recursive: true, force: true });
  });

  test("the console says so, follows again by itself, and shows what it missed", async ({ browser }) => {
    test.slow();
    const context = await browser.newContext({ baseURL: origin });
    const page = await context.newPage();
    await signIn(page, "support");
    const followed = page.waitForRequest((request) => request.resourceType() === "eventsource");
    await page.goto("/audit");
    const top = page.getByRole("table", { name: "Events, newest first" }).getByRole("row").nth(1);
    await expect(top).toBeVisible();
    await followed;
    await mark(page);

    await stop();
    await expect(page.getByText("We can’t reach the server.").first()).toBeVisible();
    await axe(page);
    await start();
    await expect(page.getByText("We can’t reach the server.")).toHaveCount(0, { timeout: 60_000 });
    const resident = await request.newContext({ baseURL: origin });
    const answer = await resident.post("/api/v1/session", {
      data: { email: PEOPLE.resident, password: PASSWORD },
      headers: { "Sec-Fetch-Site": "same-origin" },
    });
    expect(answer.status()).toBe(200);
    await resident.dispose();
    await expect(top).toContainText("Ada Brandt");
    expect(await isMarked(page)).toBe(true);
    await context.close();
  });

  test("what isn’t heard of while everything else works is said", async ({ browser }) => {
    const context = await browser.newContext({ baseURL: origin });
    const page = await context.newPage();
    await page.route("**/api/v1/events*", (route) => route.abort());
    await signIn(page, "support");
    await page.goto("/audit");
    const notice = page.getByRole("status").filter({ hasText: "Live updates are paused. Trying again…" });
    await expect(notice).toBeVisible();
    await axe(page);
    await page.unrouteAll();
    await expect(notice).toHaveCount(0, { timeout: 40_000 });
    await context.close();
  });
});
