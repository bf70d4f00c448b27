import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { APIRequestContext, Page } from "@playwright/test";
import { axe, expect, messages, signIn, test, uniqueWord } from "./journey";
import { digitsIn, checkAppearance, expectNoOverflow } from "./appearance";

let resident: APIRequestContext;

/** Issues a code for the resident's own door to a guest of this journey's own. */
async function issue(name: string, more: object = {}): Promise<{ id: string; code: string }> {
  const { doors } = await (await resident.get("/api/v1/me/access")).json();
  const answer = await resident.post("/api/v1/guest-codes", {
    data: { kind: "permanent", door_ids: [doors[0].id], guest_name: name, ...more },
    headers: { "Idempotency-Key": randomUUID() },
  });
  expect(answer.status(), await answer.text()).toBe(201);
  return answer.json();
}

async function revoke(id: string): Promise<void> {
  await resident.post(`/api/v1/guest-codes/${id}/revoke`, { headers: { "Idempotency-Key": randomUUID() } });
}

test.beforeEach(async ({ calls }) => {
  resident = await calls("resident");
});

test("R23 R30: a resident hands a link to a guest, who sees the code without signing in", async ({ page, browser, baseURL }) => {
  test.slow();
  const name = `Kim ${uniqueWord().slice(0, 8)}`;
  const { id, code } = await issue(name);
  await signIn(page, "resident");
  await page.goto(`/guest-codes/${id}`);
  await page.getByRole("button", { name: "Create a link" }).click();
  const dialog = page.getByRole("dialog", { name: "Link for the guest" });
  await expect(dialog.getByRole("img", { name: "QR code of the link" }).locator("svg")).toBeVisible();
  await axe(page);
  const link = await dialog.getByRole("textbox", { name: "Link" }).inputValue();
  expect(link, "no digits of the code in it").not.toContain(code);
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(page.getByText("Not opened yet")).toBeVisible();

  const guests = await browser.newContext({ baseURL });
  const requested: string[] = [];
  guests.on("request", (request) => requested.push(request.url()));
  const guest = await guests.newPage();
  await guest.goto(link);
  await expect(guest.getByRole("heading", { level: 1, name: "Your code for Juniper Flats" })).toBeVisible();
  await expect(guest.getByText(`For ${name}`)).toBeVisible();
  await expect(guest.getByText("hidden digits")).toBeAttached();
  await checkAppearance(guest);
  await guest.getByRole("button", { name: "Show the code" }).click();
  expect(await digitsIn(guest.getByRole("region", { name: "Your code" }))).toBe(code);
  const secret = link.split("#")[1] ?? "";
  expect(secret.length).toBeGreaterThan(20);
  expect(requested.filter((url) => url.includes(secret) || url.includes(code)), "in no requested address").toEqual([]);

  await page.reload();
  await expect(page.getByText("Opened once")).toBeVisible();
  await page.getByRole("button", { name: "Revoke link" }).click();
  await expect(page.getByRole("button", { name: "Revoke link" })).toHaveCount(0);
  await guest.reload();
  await expect(guest.getByRole("heading", { level: 1, name: "This link no longer works" })).toBeVisible();
  await axe(guest);
  await guests.close();

  const after = await (await resident.get(`/api/v1/guest-codes/${id}`)).json();
  expect(after.state, "the code itself stays live").toBe("live");
  await revoke(id);
});

test("R22: a pass that hasn’t started says when it does, and shows no digits", async ({ page }) => {
  const day = 86_400_000;
  const { id } = await issue(`Lee ${uniqueWord().slice(0, 8)}`, {
    kind: "temporary",
    starts_at: new Date(Date.now() + 3 * day).toISOString(),
    ends_at: new Date(Date.now() + 4 * day).toISOString(),
  });
  const { url } = await (await resident.post(`/api/v1/guest-codes/${id}/share`)).json();
  await page.setViewportSize({ width: 320, height: 700 });
  await page.goto(url);
  await page.getByRole("button", { name: "Show the code" }).click();
  const begins = page.getByText("It opens nothing yet. It starts");
  await expect(begins).toBeVisible();
  // In the reader's own clock, as everywhere: twelve hours here.
  await expect(begins).toContainText(/\d (AM|PM)\.$/);
  await expect(page.getByRole("alert")).toContainText(/^This pass starts .*\d (AM|PM)\. You can see its code from then on\.$/);
  await expect(page.getByText("hidden digits")).toBeAttached();
  await expectNoOverflow(page);
  await axe(page);
  await revoke(id);
});

test("R30: a manager gives a reason before sharing a code that a resident issued", async ({ page }) => {
  const { id } = await issue(`Sam ${uniqueWord().slice(0, 8)}`);
  await signIn(page, "manager");
  await page.goto(`/guest-codes/${id}`);
  await page.getByRole("button", { name: "Create a link" }).click();
  const why = page.getByRole("dialog", { name: "Why are you sharing this code?" });
  await why.getByRole("button", { name: "Create a link" }).click();
  await expect(why.getByRole("alert").first()).toBeVisible();
  await why.getByRole("textbox").fill("The resident is away and asked for it");
  await axe(page);
  await why.getByRole("button", { name: "Create a link" }).click();
  await expect(page.getByRole("dialog", { name: "Link for the guest" })).toBeVisible();
  await revoke(id);
});

/** Opens a new link of the code as its guest, who shows the digits. */
async function openedBy(guest: Page, id: string): Promise<void> {
  const { url } = await (await resident.post(`/api/v1/guest-codes/${id}/share`)).json();
  await guest.goto(url);
  await guest.getByRole("button", { name: "Show the code" }).click();
  await digitsIn(guest.getByRole("region", { name: "Your code" }));
}

const over = (guest: Page) => guest.getByRole("heading", { level: 1, name: "This link no longer works" });

test("R24: an open pass finds out by itself that its code was revoked, and hides the digits", async ({ page }) => {
  const { id, code } = await issue(`Mo ${uniqueWord().slice(0, 8)}`);
  await openedBy(page, id);
  await revoke(id);
  await expect(over(page)).toBeVisible();
  await expect(page.locator("body")).not.toContainText(code.split("").join(" "));
  await axe(page);
});

test("R24: a pass that comes back from the background asks at once whether it holds", async ({ page }) => {
  const { id } = await issue(`Nan ${uniqueWord().slice(0, 8)}`);
  await page.clock.install();
  await openedBy(page, id);
  // No timer runs any more.
  await page.clock.pauseAt(new Date(Date.now() + 60_000));
  await revoke(id);
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
  await expect(over(page)).toBeVisible();
});

test("R24: a pass hides its digits at its end, even if the server can’t be reached", async ({ page }) => {
  const day = 86_400_000;
  const { id } = await issue(`Oda ${uniqueWord().slice(0, 8)}`, {
    kind: "temporary",
    starts_at: new Date(Date.now() - 60_000).toISOString(),
    ends_at: new Date(Date.now() + day).toISOString(),
  });
  await page.clock.install();
  await openedBy(page, id);
  await page.route("**/api/v1/pass/state", (route) => route.abort());
  await page.clock.fastForward(day + 60_000);
  await expect(page.getByText("hidden digits")).toBeAttached();
  await revoke(id);
});

test("a pass says in a sentence whether it opens now and until when, whom to ask, and goes into a calendar", async ({ page }) => {
  test.slow();
  const { id, code } = await issue(`Pia ${uniqueWord().slice(0, 8)}`, {
    kind: "temporary",
    starts_at: new Date(Date.now() - 60_000).toISOString(),
    ends_at: new Date(Date.now() + 86_400_000).toISOString(),
  });
  const { url } = await (await resident.post(`/api/v1/guest-codes/${id}/share`)).json();
  await page.goto(url);
  // It gets there by itself while the page is open.
  await expect(page.getByText(/^It opens its doors now, until .*\d (AM|PM)\.$/)).toBeVisible({ timeout: 40_000 });
  await expect(page.getByText("If something doesn’t work, ask Ada Brandt, who shared it with you.")).toBeVisible();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Add to calendar" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("pass.ics");
  const file = await readFile(await download.path(), "utf8");
  expect(file).toMatch(/^BEGIN:VCALENDAR\r\n.*SUMMARY:Juniper Flats\r\nLOCATION:Unit 101 front door\r\n.*END:VCALENDAR\r\n$/s);
  expect(file).not.toMatch(new RegExp(`\\b${code}\\b`));
  await checkAppearance(page);
  await revoke(id);
});

test("sharing a pass from the list takes four clicks, with a message that names property, door, times and whom to ask", async ({
  page,
  context,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const name = `Quin ${uniqueWord().slice(0, 8)}`;
  const { id, code } = await issue(name);
  await signIn(page, "resident");
  await page.goto("/my-access/guest-codes");
  await page.getByRole("link", { name }).click();
  await page.getByRole("button", { name: "Create a link" }).click();
  const dialog = page.getByRole("dialog", { name: "Link for the guest" });
  await dialog.getByRole("button", { name: "Copy message" }).click();
  await expect(messages(page).getByText("Message copied.")).toBeVisible();
  const link = await dialog.getByRole("textbox", { name: "Link" }).inputValue();
  const message = await page.evaluate(() => navigator.clipboard.readText());
  expect(message.split("\n")).toEqual([
    "Your code for Juniper Flats opens Unit 101 front door.",
    expect.stringMatching(/^When: From .*\d (AM|PM) \(Denver time \(M[DS]T\)\)$/),
    `See the code: ${link}`,
    "Questions? Ask Ada Brandt.",
  ]);
  expect(message, "digits stay behind the link").not.toContain(code);
  await dialog.getByRole("button", { name: "Done" }).click();
  await revoke(id);
});

test("where the device has a sheet for sharing, the message goes to it", async ({ page }) => {
  await page.addInitScript(() => {
    navigator.share = async (data) => {
      Object.assign(globalThis, { sent: data?.text });
      throw new DOMException("Closed", "AbortError");
    };
  });
  const { id } = await issue(`Ria ${uniqueWord().slice(0, 8)}`);
  await signIn(page, "resident");
  await page.goto(`/guest-codes/${id}`);
  await page.getByRole("button", { name: "Create a link" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Send" }).click();
  await expect.poll(() => page.evaluate(() => (globalThis as unknown as { sent: string }).sent)).toContain("/pass#");
  await revoke(id);
});
