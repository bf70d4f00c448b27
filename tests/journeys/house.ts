import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Page } from "@playwright/test";

const PROGRAM = resolve(process.env.LATCHKEY_BIN ?? "../../target/debug/latchkey");

/** The password of everybody there who sets one. */
export const NEW_PASSWORD = "four-words-for-a-new-house";

/** A server of a journey's own, without the demonstration: it begins with an empty folder. */
export interface House {
  /** `http://127.0.0.1:…` */
  origin: string;
  /** The printed link that makes the first administrator. */
  setUpLink: string;
  /** Ends the server, and removes its folder. */
  end: () => Promise<void>;
}

export async function startHouse({ port = 0, env = {} } = {}): Promise<House> {
  const folder = mkdtempSync(join(tmpdir(), "latchkey-house-"));
  const program = spawn(PROGRAM, ["serve", "--listen", `127.0.0.1:${port}`, "--data", folder], {
    env: { ...process.env, LATCHKEY_LOG: "warn", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const printed = await prints(program, /set-up-link/);
  return {
    origin: /listens on (\S+)/.exec(printed)![1]!,
    setUpLink: /http:\S+\/set-up#\S+/.exec(printed)![0],
    async end() {
      await endProgram(program);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What a program prints until that is in it. */
export async function prints(child: ChildProcess, until: RegExp): Promise<string> {
  let text = "";
  for await (const some of child.stdout!) {
    text += some;
    if (until.test(text)) {
      break;
    }
  }
  return text;
}

/** Asks a program to end, and waits until it has. */
export async function endProgram(child: ChildProcess): Promise<void> {
  if (child.exitCode === null) {
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
  }
}

/** Opens the printed link, and fills in who becomes the first administrator. */
export async function beAdministrator(page: Page, house: House): Promise<void> {
  await page.goto(house.setUpLink);
  await page.getByLabel("Name").fill("Sam Okafor");
  await page.getByLabel("Email").fill("sam@example.com");
  await page.getByLabel("Password").fill(NEW_PASSWORD);
}
