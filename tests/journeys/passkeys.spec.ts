import { randomUUID } from "node:crypto";
import type { APIRequestContext, CDPSession, Page } from "@playwright/test";
import { axe, expect, messages, test, uniqueWord } from "./journey";

const PASSWORD = "seven quiet herons wade";

/** Passkeys belong to a name, so that the console is opened at one. */
const named = (baseURL: string | undefined) => (baseURL ?? "").replace("127.0.0.1", "localhost");

/** Adds somebody to the staff, who has accepted their invitation. */
async function newcomer(administrator: APIRequestContext): Promise<{ id: string; email: string }> {
  const email = `${uniqueWord()}@staff.test`;
  const added = await administrator.post("/api/v1/people", {
    data: { name: "Robin Vale", email, roles: [{ role: "support" }] },
    headers: { "Idempotency-Key": randomUUID() },
  });
  expect(added.status()).toBe(201);
  const { id } = await added.json();
  const { link } = await (await administrator.post(`/api/v1/people/${id}/invite`)).json();
  const accepted = await administrator.post("/api/v1/invitations/accept", {
    data: { token: link.split("#")[1], password: PASSWORD },
  });
  expect(accepted.ok()).toBe(true);
  return { id, email };
}

/** A device with a fingerprint reader, which always recognises the person. */
async function withAuthenticator(page: Page): Promise<CDPSession> {
  const device = await page.context().newCDPSession(page);
  await device.send("WebAuthn.enable");
  await device.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return device;
}

async function signInWithPassword(page: Page, origin: string, email: string): Promise<void> {
  await page.goto(`${origin}/sign-in`);
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
}

async function addPasskey(page: Page, origin: string, name: string): Promise<void> {
  await page.goto(`${origin}/settings`);
  await page.getByRole("heading", { name: "Settings" }).waitFor();
  await page.getByRole("button", { name: "Add a passkey" }).click();
  const dialog = page.getByRole("dialog", { name: "Add a passkey" });
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByRole("button", { name: "Go on" }).click();
  await expect(messages(page)).toContainText("The passkey is added.");
}

async function signOut(page: Page, origin: string): Promise<void> {
  await page.goto(`${origin}/settings`);
  await page.getByRole("button", { name: /^Sign out here/ }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
}

const withPasskey = (page: Page) => page.getByRole("button", { name: "Sign in with a passkey" });

test("a passkey is added, signs in, gets another name, and signs in no more once it is removed", async ({ page, baseURL, calls }) => {
  const origin = named(baseURL);
  const { email } = await newcomer(await calls("administrator"));
  await withAuthenticator(page);
  await signInWithPassword(page, origin, email);

  await page.goto(`${origin}/settings`);
  const card = page.locator("section, article, .card").filter({ has: page.getByRole("heading", { name: "Passkeys" }) }).last();
  await expect(card).toContainText("You have none yet.");
  await expect(card.getByRole("button", { name: "Remove my password" })).toHaveCount(0);
  await page.getByRole("button", { name: "Add a passkey" }).click();
  const adding = page.getByRole("dialog", { name: "Add a passkey" });
  await adding.getByRole("button", { name: "Go on" }).click();
  await expect(adding).toContainText("Give it a name.");
  await axe(page);
  await adding.getByLabel("Name").fill("Blue phone");
  await adding.getByRole("button", { name: "Go on" }).click();
  await expect(messages(page)).toContainText("The passkey is added.");
  await expect(card.getByRole("listitem")).toContainText(["Blue phone"]);
  await expect(card).toContainText("never used");
  await axe(page);

  // The same device has one already, says the browser.
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await adding.getByLabel("Name").fill("Another");
  await adding.getByRole("button", { name: "Go on" }).click();
  await expect(adding).toContainText("This device has a passkey for your account already.");
  await page.keyboard.press("Escape");

  await signOut(page, origin);
  await axe(page);
  await withPasskey(page).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
  await page.goto(`${origin}/settings`);
  await expect(card).toContainText("last used");

  await card.getByRole("button", { name: /^Rename ?: Blue phone$/ }).click();
  const renaming = page.getByRole("dialog", { name: "Rename Blue phone" });
  await renaming.getByLabel("Name").fill("Old phone");
  await renaming.getByRole("button", { name: "Save" }).click();
  await expect(card.getByRole("listitem")).toContainText(["Old phone"]);

  await card.getByRole("button", { name: /^Remove ?: Old phone$/ }).click();
  const removing = page.getByRole("dialog", { name: "Remove Old phone?" });
  await axe(page);
  await removing.getByRole("button", { name: "Remove" }).click();
  await expect(card).toContainText("You have none yet.");

  await signOut(page, origin);
  await withPasskey(page).click();
  await expect(page.getByRole("alert")).toContainText("Nobody can sign in here with this passkey.");
  await axe(page);
  await expect(page).toHaveURL(/\/sign-in/);
});

test("without a password a passkey is the only way in, and stays", async ({ page, baseURL, calls }) => {
  const origin = named(baseURL);
  const { email } = await newcomer(await calls("administrator"));
  await withAuthenticator(page);
  await signInWithPassword(page, origin, email);
  await addPasskey(page, origin, "Laptop");
  await page.getByRole("button", { name: "Remove my password" }).click();
  const removing = page.getByRole("dialog", { name: "Remove your password?" });
  await axe(page);
  await removing.getByRole("button", { name: "Remove my password" }).click();
  await expect(page.getByText("You have no password: you sign in with passkeys alone.")).toBeVisible();
  await expect(page.getByLabel("Your password")).toHaveCount(0);

  await page.getByRole("button", { name: /^Remove ?: Laptop$/ }).click();
  const last = page.getByRole("dialog", { name: "Remove Laptop?" });
  await last.getByRole("button", { name: "Remove" }).click();
  await expect(last).toContainText("This is your only way to sign in.");
  await last.getByRole("button", { name: "Cancel" }).click();

  await signOut(page, origin);
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("alert")).toContainText("The email address or password is wrong.");
  await withPasskey(page).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
});

test("somebody who is disabled signs in with no passkey", async ({ page, baseURL, calls }) => {
  const origin = named(baseURL);
  const administrator = await calls("administrator");
  const { id, email } = await newcomer(administrator);
  await withAuthenticator(page);
  await signInWithPassword(page, origin, email);
  await addPasskey(page, origin, "Phone");
  const disabled = await administrator.patch(`/api/v1/people/${id}`, { data: { disabled: true } });
  expect(disabled.ok()).toBe(true);
  await page.goto(`${origin}/sign-in`);
  await withPasskey(page).click();
  await expect(page.getByRole("alert")).toContainText("Nobody can sign in here with this passkey.");
  const enabled = await administrator.patch(`/api/v1/people/${id}`, { data: { disabled: false } });
  expect(enabled.ok()).toBe(true);
  await withPasskey(page).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
});

test("a session that ended under a page is taken up again with a passkey", async ({ page, baseURL, calls }) => {
  const origin = named(baseURL);
  const { email } = await newcomer(await calls("administrator"));
  await withAuthenticator(page);
  await signInWithPassword(page, origin, email);
  await addPasskey(page, origin, "Phone");
  await page.context().clearCookies();
  await page.getByRole("button", { name: /^Rename ?: Phone$/ }).click();
  await page.getByRole("button", { name: "Save" }).click();
  const ended = page.getByRole("dialog", { name: "Your session has ended" });
  await ended.getByRole("button", { name: "Sign in with a passkey" }).click();
  await expect(ended).toHaveCount(0);
});

test("whoever chooses no passkey is told so, and where there can be none there is no button", async ({ page, baseURL }) => {
  const device = await page.context().newCDPSession(page);
  await device.send("WebAuthn.enable");
  await page.goto(`${named(baseURL)}/sign-in`);
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  // Nobody can be asked without a screen: the page is told what it is told when somebody cancels.
  await page.evaluate(() => {
    navigator.credentials.get = () => Promise.reject(new DOMException("Cancelled.", "NotAllowedError"));
  });
  await withPasskey(page).click();
  await expect(page.getByRole("alert")).toContainText("No passkey was used.");
  await page.goto("/sign-in");
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await expect(withPasskey(page)).toHaveCount(0);
});
