import { randomUUID } from "node:crypto";
import type { APIRequestContext } from "@playwright/test";
import { axe, expect, signIn, test, uniqueWord } from "./journey";
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
  await page.getByRole("button", { name: "Make a link" }).click();
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
  await expect(guest.getByRole("heading", { level: 1, name: "This link shows nothing any more" })).toBeVisible();
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
  await expect(page.getByRole("alert")).toContainText("This pass begins on");
  await expect(page.getByText("hidden digits")).toBeAttached();
  await expectNoOverflow(page);
  await axe(page);
  await revoke(id);
});

test("R30: a manager gives a reason before sharing a code that a resident issued", async ({ page }) => {
  const { id } = await issue(`Sam ${uniqueWord().slice(0, 8)}`);
  await signIn(page, "manager");
  await page.goto(`/guest-codes/${id}`);
  await page.getByRole("button", { name: "Make a link" }).click();
  const why = page.getByRole("dialog", { name: "Why do you share this code?" });
  await why.getByRole("button", { name: "Make a link" }).click();
  await expect(why.getByRole("alert").first()).toBeVisible();
  await why.getByRole("textbox").fill("The resident is away and asked for it");
  await axe(page);
  await why.getByRole("button", { name: "Make a link" }).click();
  await expect(page.getByRole("dialog", { name: "Link for the guest" })).toBeVisible();
  await revoke(id);
});
