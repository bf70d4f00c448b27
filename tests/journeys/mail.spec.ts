import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { beAdministrator, endProgram, type House, NEW_PASSWORD, prints, startHouse } from "./house";
import { axe, expect, test } from "./journey";

// Mail (R37, R38): a server of this journey's own that sends its mail to a mail server of its own, Debian's aiosmtpd.

// Not whichever Python is first: Debian's has the package.
const PYTHON = "/usr/bin/python3";
const ANOTHER = "seven-quiet-herons-wade";

let house: House;
let mailServer: ChildProcess;
/** The folder with what the mail server got. */
let mail: string;
let origin: string;
let read: number;

/** A port that nothing listens on. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

test.beforeEach(async () => {
  mail = mkdtempSync(join(tmpdir(), "latchkey-mail-"));
  read = 0;
  mailServer = spawn(PYTHON, ["mail_server.py", mail], { stdio: ["pipe", "pipe", "inherit"] });
  const mailPort = (await prints(mailServer, /\n/)).trim();
  const port = await freePort();
  origin = `http://127.0.0.1:${port}`;
  const env = {
    LATCHKEY_SMTP_URL: `smtp://127.0.0.1:${mailPort}`,
    LATCHKEY_MAIL_FROM: "Latchkey <keys@example.com>",
    LATCHKEY_PUBLIC_URL: origin,
  };
  house = await startHouse({ port, env });
});

test.afterEach(async () => {
  await house.end();
  await endProgram(mailServer);
  rmSync(mail, { recursive: true, force: true });
});

interface Letter {
  to: string;
  text: string;
  link: string;
}

/** The next message that arrives, as somebody would read it. */
async function nextLetter(): Promise<Letter> {
  read += 1;
  const file = join(mail, `${read}.eml`);
  await expect.poll(() => existsSync(file), { timeout: 20_000 }).toBe(true);
  const raw = readFileSync(file, "utf8");
  const joined = raw.replace(/=\r?\n/g, "");
  const bytes = joined.replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  const text = Buffer.from(bytes, "latin1").toString("utf8");
  return { to: /^To: (.*)$/m.exec(raw)![1]!.trim(), text, link: /http:\S+#[\w-]+/.exec(text)?.[0] ?? "" };
}

const saysIn = (page: Page, name: string) => page.getByRole("heading", { name, level: 1 });

/** A browser of somebody else's. */
async function another(page: Page, locale = "en-US"): Promise<Page> {
  const context = await page.context().browser()!.newContext({ locale });
  return context.newPage();
}

/** The first administrator, at the list of people. */
async function administrator(page: Page): Promise<void> {
  await beAdministrator(page, house);
  await page.getByRole("button", { name: "Become administrator" }).click();
  await expect(saysIn(page, "Add a property")).toBeVisible();
  await page.getByRole("link", { name: "People" }).click();
}

async function addSupport(page: Page, name: string, email: string): Promise<void> {
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Role", { exact: true }).selectOption("Support");
  await page.getByRole("button", { name: "Add and invite" }).click();
}

test("R37 R38: invited by mail, a forgotten password, another address", async ({ page }) => {
  test.setTimeout(180_000);
  await administrator(page);
  await addSupport(page, "Noor Haddad", "noor@example.com");
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText("It’s on its way by mail.")).toBeVisible();
  await axe(page);
  await dialog.getByRole("button", { name: "Close" }).click();

  const invitation = await nextLetter();
  expect(invitation.to).toBe("noor@example.com");
  expect(invitation.link).toContain(`${origin}/invitation#`);
  const noor = await another(page);
  await noor.goto(invitation.link);
  await expect(saysIn(noor, "Welcome, Noor Haddad")).toBeVisible();
  await noor.getByLabel("New password").fill(NEW_PASSWORD);
  await noor.getByRole("button", { name: "Set password and sign in" }).click();
  await expect(saysIn(noor, "Audit log")).toBeVisible();

  // Elsewhere, the password is forgotten.
  const elsewhere = await another(page);
  await elsewhere.goto(`${origin}/sign-in`);
  await elsewhere.getByRole("link", { name: "Forgot your password?" }).click();
  await expect(saysIn(elsewhere, "Forgot your password?")).toBeVisible();
  await elsewhere.getByRole("button", { name: "Send the link" }).click();
  await expect(elsewhere.getByText("Enter your email address").first()).toBeVisible();
  await elsewhere.getByLabel("Email").fill("noor@example.com");
  await elsewhere.getByRole("button", { name: "Send the link" }).click();
  const said = elsewhere.getByText("If somebody signs in with noor@example.com, a link is on its way there.");
  await expect(said).toBeVisible();
  await axe(elsewhere);

  const reset = await nextLetter();
  expect(reset.to).toBe("noor@example.com");
  expect(reset.text).toContain("Set a new password");
  await elsewhere.goto(reset.link);
  await expect(saysIn(elsewhere, "A new password, Noor Haddad")).toBeVisible();
  await axe(elsewhere);
  await elsewhere.getByLabel("New password").fill("too short");
  await elsewhere.getByRole("button", { name: "Set password and sign in" }).click();
  await expect(elsewhere.getByText("Use at least 12 characters.").first()).toBeVisible();
  await elsewhere.getByLabel("New password").fill(ANOTHER);
  await elsewhere.getByRole("button", { name: "Set password and sign in" }).click();
  await expect(saysIn(elsewhere, "Audit log")).toBeVisible();
  expect((await nextLetter()).text).toContain("Your password was changed just now");

  // The first browser was signed out, and the link works once.
  await noor.reload();
  await expect(noor.getByRole("button", { name: "Sign in" })).toBeVisible();
  await noor.goto(reset.link);
  await expect(saysIn(noor, "This link doesn’t work any more")).toBeVisible();
  await noor.goto(`${origin}/sign-in`);
  await noor.getByLabel("Email").fill("noor@example.com");
  await noor.getByLabel("Password").fill(ANOTHER);
  await noor.getByRole("button", { name: "Sign in" }).click();
  await expect(saysIn(noor, "Audit log")).toBeVisible();

  // Another address.
  await noor.goto(`${origin}/settings`);
  const card = noor.locator(".card", { hasText: "Email address" });
  await expect(card.getByText("You sign in with noor@example.com.")).toBeVisible();
  await card.getByLabel("New email address").fill("haddad@example.com");
  await card.getByLabel("Your password").fill(NEW_PASSWORD);
  await card.getByRole("button", { name: "Change address" }).click();
  await expect(card.getByText("This isn’t your password.").first()).toBeVisible();
  await card.getByLabel("Your password").fill(ANOTHER);
  await card.getByRole("button", { name: "Change address" }).click();
  await expect(card.getByText("A link is on its way to haddad@example.com.")).toBeVisible();
  const confirmation = await nextLetter();
  expect(confirmation.to).toBe("haddad@example.com");
  await noor.goto(confirmation.link);
  await expect(saysIn(noor, "Your new address, Noor Haddad")).toBeVisible();
  await axe(noor);
  await noor.getByRole("button", { name: "Confirm this address" }).click();
  await expect(noor.getByText("Done. From now on you sign in with haddad@example.com.")).toBeVisible();
  const told = await nextLetter();
  expect(told.to).toBe("noor@example.com");
  expect(told.text).toContain("haddad@example.com");
});

test("mail that can’t be delivered is said at the person, and letters are in the reader’s language", async ({ page }) => {
  test.setTimeout(120_000);
  await administrator(page);
  await addSupport(page, "Noor Haddad", "bounces@example.com");
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
  await expect(async () => {
    await page.reload();
    const row = page.getByRole("row", { name: /Noor Haddad/ });
    await expect(row.getByText("Mail could not be delivered")).toBeVisible({ timeout: 2_000 });
    await expect(row.getByText("550 5.1.1 No such mailbox here")).toBeVisible();
  }).toPass();
  await axe(page);

  const spanish = await another(page, "es-ES");
  await spanish.goto(`${origin}/sign-in`);
  await spanish.getByRole("link", { name: "¿Ha olvidado su contraseña?" }).click();
  await spanish.getByLabel("Correo").fill("sam@example.com");
  await spanish.getByRole("button", { name: "Enviar el enlace" }).click();
  await expect(spanish.getByText("ya va un enlace hacia allí")).toBeVisible();
  expect((await nextLetter()).to).toBe("sam@example.com");
});
