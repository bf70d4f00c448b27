import { randomUUID } from "node:crypto";
import { type APIRequestContext, expect, type Locator, type Page } from "@playwright/test";
import { uniqueWord } from "./journey";

/** A guest of this journey's own. */
export const someGuest = () => `Visitor ${uniqueWord().slice(0, 8)}`;

/** Issues a code for the resident's own door. */
export async function issue(resident: APIRequestContext, guest: string): Promise<{ id: string; code: string }> {
  const { doors } = await (await resident.get("/api/v1/me/access")).json();
  const answer = await resident.post("/api/v1/guest-codes", {
    data: { kind: "permanent", door_ids: [doors[0].id], guest_name: guest },
    headers: { "Idempotency-Key": randomUUID() },
  });
  expect(answer.status(), await answer.text()).toBe(201);
  return answer.json();
}

/** As {@link issue}, through the form, as the signed-in resident. */
export async function issueByForm(page: Page, guest: string): Promise<Locator> {
  await page.goto("/my-access/guest-codes/new");
  await page.getByLabel("Permanent").check();
  await page.getByLabel("Guest", { exact: true }).fill(guest);
  await page.getByRole("button", { name: "Issue code" }).click();
  return page.getByRole("region", { name: `For ${guest}` });
}

/** Revokes the guest's codes. */
export async function revokeOf(resident: APIRequestContext, guest: string): Promise<void> {
  const { items } = await (await resident.get("/api/v1/guest-codes?limit=200")).json();
  for (const { id, guest_name } of items) {
    if (guest_name === guest) {
      await resident.post(`/api/v1/guest-codes/${id}/revoke`, { headers: { "Idempotency-Key": randomUUID() } });
    }
  }
}
