import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { type APIRequestContext, test as base, expect, request } from "@playwright/test";
import { PASSWORD, PEOPLE, type Person } from "../journeys/people";
import type { Browser, Window } from "./browser";
import { startFirefox } from "./firefox";
import { isHit, isPrepared, LIBRARY, look, misshapen, pick, prepare, read, ready, type Seen, type Thing, type Words } from "./page";
import { patiently } from "./patience";
import { addresses } from "./servers";
import { startWebKit } from "./webkit";

export { addresses, expect, PASSWORD, PEOPLE, type Person };

const words = (given: string | RegExp): Words =>
  typeof given === "string" ? given : { pattern: given.source, flags: given.flags };

const byRole = (what: string) => (name?: string | RegExp, within?: Thing): Thing => ({
  by: "role",
  what,
  name: name === undefined ? undefined : words(name),
  within,
});

export const alert = byRole("alert");
export const button = byRole("button");
export const checkbox = byRole("checkbox");
export const combobox = byRole("combobox");
export const dialog = byRole("dialog");
export const heading = byRole("heading");
export const link = byRole("link");
export const navigation = byRole("navigation");
export const radio = byRole("radio");
export const region = byRole("region");
export const row = byRole("row");
export const rowHeader = byRole("rowheader");
export const table = byRole("table");
export const textbox = byRole("textbox");

/** A field by its label. */
export const field = (label: string | RegExp, within?: Thing): Thing => ({ by: "label", what: words(label), within });

/** What has that text. */
export const text = (what: string | RegExp, within?: Thing): Thing => ({ by: "text", what: words(what), within });

/** Digits that are shown, as a screen reader says them. */
const DIGITS = /^(\d ){3,5}\d ?$/;

/** Somebody in front of a browser. */
export class Somebody {
  constructor(
    private readonly engine: Engine,
    private readonly window: Window,
    private readonly server: string,
  ) {}

  /** Opens a page by its path, or by its whole address. */
  async opens(path: string): Promise<void> {
    await this.window.open(new URL(path, this.server).href);
  }

  async reloads(): Promise<void> {
    await this.window.reload();
  }

  async goesBack(): Promise<void> {
    await this.window.run(() => history.back());
  }

  address(): Promise<string> {
    return this.window.run(() => location.href);
  }

  /** Waits until the page's address matches. */
  async reaches(where: RegExp): Promise<void> {
    await this.until(`reach ${where}`, async () => {
      const address = await this.address();
      if (!where.test(address)) throw new Error(`it is ${address}`);
    });
  }

  /** Waits until something is there. */
  async sees(thing: Thing): Promise<void> {
    await this.until(`see ${describe(thing)}`, async () => {
      if ((await this.look(thing)).length === 0) throw new Error("it isn't there");
    });
  }

  /** Waits until something isn't there any more. */
  async seesNo(thing: Thing): Promise<void> {
    await this.until(`see no ${describe(thing)}`, async () => {
      const found = await this.look(thing);
      if (found.length > 0) throw new Error(`it says ${JSON.stringify(found[0]?.text)}`);
    });
  }

  /** Waits until there is one of a thing and it is as expected; returns what it says. */
  async reads(thing: Thing, what: RegExp | ((seen: Seen) => boolean) = () => true): Promise<Seen> {
    let read: Seen | undefined;
    await this.until(`read ${what} in ${describe(thing)}`, async () => {
      const found = await this.look(thing);
      [read] = found;
      if (!read || found.length > 1) throw new Error(`it is there ${found.length} times`);
      const right = what instanceof RegExp ? what.test(read.text) : what(read);
      if (!right) throw new Error(`it says ${JSON.stringify(read)}`);
    });
    return read as Seen;
  }

  /** Reads the digits that are shown within a thing. */
  async readsDigits(within: Thing): Promise<string> {
    return (await this.reads(text(DIGITS, within))).text.replaceAll(/\D/g, "");
  }

  /** Looks whether all of the dialog or menu that is open is as high as it has to be. */
  async seesItInShape(): Promise<void> {
    expect(await this.window.run(misshapen), `stretched or cut off in ${this.engine}`).toEqual([]);
  }

  async clicks(thing: Thing): Promise<void> {
    await this.until(`click ${describe(thing)}`, async () => void (await this.click(thing)));
  }

  /** Types into an empty field. */
  async types(thing: Thing, what: string): Promise<void> {
    await this.until(`type into ${describe(thing)}`, async () => {
      const found = await this.click(thing);
      await found.type(what);
    });
    await this.reads(thing, ({ value }) => value === what);
  }

  /** Picks a date or a time in a field, as in the browser's own calendar, which is out of reach. */
  async picks(thing: Thing, value: string): Promise<void> {
    await this.until(`pick ${value} in ${describe(thing)}`, async () => {
      await this.ready(thing);
      await this.window.run(pick, thing, value);
    });
    await this.reads(thing, (seen) => seen.value === value);
  }

  /** Presses a key, alone or with Control, wherever the focus is. */
  async presses(key: string, { control = false } = {}): Promise<void> {
    await this.window.press(key, control);
  }

  async signsIn(person: Person): Promise<void> {
    await this.opens("/sign-in");
    await this.types(field("Email"), PEOPLE[person]);
    await this.types(field("Password"), PASSWORD);
    await this.clicks(button("Sign in"));
  }

  async signsOut(): Promise<void> {
    await this.clicks(button(/^Account/));
    await this.seesItInShape();
    await this.clicks(button("Sign out"));
    await this.sees(heading("Sign in"));
  }

  /** Runs a function in the page. */
  async runs<Given extends unknown[], Answer>(work: (...given: Given) => Answer, ...given: Given) {
    return this.window.run(work, ...given);
  }

  /** Everything that the page says, for whoever has to find out why a journey failed. */
  async readsAll(): Promise<string> {
    return this.window.run(read).catch((error) => `The page can't be read: ${error}`);
  }

  private async look(thing: Thing): Promise<Seen[]> {
    await this.prepare();
    return this.window.run(look, thing);
  }

  private async ready(thing: Thing) {
    await this.prepare();
    const found = await this.window.find(ready, thing);
    if (typeof found === "string") throw new Error(`it ${found}`);
    return found;
  }

  private async click(thing: Thing) {
    const found = await this.ready(thing);
    await found.click();
    if (!(await this.window.run(isHit))) throw new Error("the click missed it");
    return found;
  }

  /** Brings into the page what finds things there, unless this page has it already. */
  private async prepare(): Promise<void> {
    if (!(await this.window.run(isPrepared))) {
      await this.window.inject(LIBRARY);
      await this.window.run(prepare);
    }
  }

  /** Tries until it succeeds. */
  private until(what: string, attempt: () => Promise<void>): Promise<void> {
    return patiently(attempt, async (why) => {
      const said = (await this.readsAll()).slice(0, 2_000);
      return new Error(`In ${this.engine}, nobody could ${what}: ${why}. The page said:\n\n${said}`);
    });
  }
}

function describe({ by, what, name, within }: Thing): string {
  const say = (words: Words) => (typeof words === "string" ? `“${words}”` : `/${words.pattern}/${words.flags}`);
  const thing = by === "role" ? `${what}${name ? ` ${say(name)}` : ""}` : `${by} ${say(what)}`;
  return within ? `${thing} in ${describe(within)}` : thing;
}

export type Engine = "Firefox" | "WebKit";

export interface Options {
  /** Which browser the journey is made in. */
  engine: Engine;
}

interface Fixtures {
  /** Somebody at a browser of their own, who reaches Latchkey at that address; over https if none is given. */
  somebody: (server?: string) => Promise<Somebody>;
  /** Calls the API as a person at another computer. */
  calls: (person: Person) => Promise<APIRequestContext>;
}

/** A journey. Whatever it is about, it also fails when the console logs an error in the browser. */
export const test = base.extend<Fixtures, Options & { started: Browser }>({
  engine: ["Firefox", { option: true, scope: "worker" }],

  started: [
    async ({ engine }, use) => {
      const browser = await (engine === "Firefox" ? startFirefox() : startWebKit());
      await use(browser);
      await browser.close();
    },
    { scope: "worker" },
  ],

  somebody: async ({ engine, started }, use, info) => {
    const opened: { window: Window; somebody: Somebody }[] = [];
    await use(async (server = addresses.https()) => {
      const window = await started.open();
      const somebody = new Somebody(engine, window, server);
      opened.push({ window, somebody });
      return somebody;
    });
    const errors: string[] = [];
    for (const [nth, { window, somebody }] of opened.entries()) {
      if (info.status !== info.expectedStatus) {
        writeFileSync(info.outputPath(`window-${nth + 1}.txt`), await somebody.readsAll());
      }
      errors.push(...(await window.errors()));
      await window.close();
    }
    // Firefox logs each attempt to follow what happens that finds the session ended.
    const unexpected = errors.filter((error) => !/establish a connection .*\/api\/v1\/events/.test(error));
    expect(unexpected, `errors in ${engine}'s log`).toEqual([]);
  },

  calls: async ({}, use) => {
    const made: APIRequestContext[] = [];
    await use(async (person) => {
      const context = await request.newContext({
        baseURL: addresses.https(),
        ignoreHTTPSErrors: true,
        extraHTTPHeaders: { "Sec-Fetch-Site": "same-origin" },
      });
      made.push(context);
      const answer = await context.post("/api/v1/session", { data: { email: PEOPLE[person], password: PASSWORD } });
      expect(answer.status(), `${person} signs in elsewhere`).toBe(200);
      return context;
    });
    await Promise.all(made.map((context) => context.dispose()));
  },
});

/** A guest of this journey's own. No digits: they might be taken for a code's (R32). */
export function someGuest(): string {
  return `Guest ${randomUUID().replaceAll("-", "").replace(/\d/g, (digit) => "ghijklmnop".charAt(Number(digit))).slice(0, 8)}`;
}
