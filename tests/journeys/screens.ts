import { randomUUID } from "node:crypto";
import type { APIRequestContext, Page } from "@playwright/test";
import { expect, type Person } from "./journey";

/** The ids and links in the addresses of the screens. */
export interface Places {
  property: string;
  resident: string;
  /** A door with a code on its lock, and the hub of that. */
  door: string;
  hub: string;
  /** Their row of a roster, with a last day in the past. */
  pastRoster: string;
  /** A guest code of the manager's property that works. */
  guestCode: string;
  /** One that the resident has issued. */
  ownGuestCode: string;
  /** The link of its pass. */
  pass: string;
  /** A refusal, with the conditions as they were. */
  event: string;
}

/** One screen of the console. */
export interface Screen {
  /** Who sees it; left out for people who aren't signed in. */
  person?: Person;
  /** In the names of tests and screenshots. */
  name: string;
  /** What to set up before it is opened. */
  given?: (page: Page) => Promise<void>;
  /** Its address. */
  path: (at: Places) => string;
  /** What to do there to see it, in any language. */
  open?: (page: Page, at: Places) => Promise<void>;
  /** A selector that matches once it is complete; CSS, since that is the same in any language. */
  shown?: string;
}

const property = (rest = "") => (at: Places) => `/properties/${at.property}${rest}`;
const palette = async (page: Page) => page.keyboard.press("Control+k");
const keys = async (page: Page) => page.keyboard.press("?");
const press = (button: string) => async (page: Page) => page.locator(button).first().click();

/** Chooses a roster that would move somebody out. It is only previewed. */
const choosePast = async (page: Page, at: Places) => {
  const buffer = Buffer.from(`unit,name,email,move_in,move_out\r\n${at.pastRoster}\r\n`);
  await page.locator("input[type=file]").setInputFiles({ name: "roster.csv", mimeType: "text/csv", buffer });
};

/** Chooses a roster with this text. It is only previewed. */
const chooseText = async (page: Page, text: string) => {
  await page.locator("input[type=file]").setInputFiles({ name: "roster.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
};

/** Answers with three damaged records, one of each kind: the demo has none. */
export async function withDamagedRecords(page: Page): Promise<void> {
  const record = (kind: string, detail: string, found_at: string, property?: string) => ({
    kind,
    id: randomUUID(),
    property,
    detail,
    found_at,
  });
  const items = [
    record("code", "a sealed code doesn’t open", "2026-11-03T16:12:07.000Z", "Juniper Flats"),
    record("guest_code", "a record can’t be read: the value of its column recurrence", "2026-11-04T09:30:00.000Z", "Juniper Flats"),
    record("resident", "a record can’t be read: the value of its column move_in", "2026-11-05T23:59:59.000Z"),
  ];
  await page.route("**/api/v1/troubleshoot/damaged", (route) => route.fulfill({ json: { items } }));
}

/** Answers as a server does that sends mail: the demonstration sends none. */
async function withMail(page: Page): Promise<void> {
  await page.route("**/api/v1/password/forgot", (route) => route.fulfill({ json: { mails: true } }));
}

/** Answers as if the link were somebody’s. */
async function withLink(page: Page): Promise<void> {
  const json = { name: "Maximiliana Featherstonehaugh", email: "maximiliana@example.com", expires_at: "2026-11-05T23:59:59.000Z" };
  for (const path of ["password", "address"]) {
    await page.route(`**/api/v1/${path}/open`, (route) => route.fulfill({ json }));
  }
}

/** Answers as if mail waited to be sent. */
async function withWaitingMail(page: Page): Promise<void> {
  const json = { mails: true, waiting: 3, since: "2026-11-05T23:59:59.000Z", reply: "451 4.7.1 Greylisted, come back later" };
  await page.route("**/api/v1/mail", (route) => route.fulfill({ json }));
}

/** What can be opened over any page; its contents depend on the person. */
function tools(person: Person): Screen[] {
  return [
    { person, name: "palette", path: () => "/help", open: palette, shown: "dialog [role=option]" },
    { person, name: "keys", path: () => "/help", open: keys, shown: "dialog dl" },
  ];
}

/**
 * Every screen of every person, and the main dialogs. Screens that are the same for everybody are listed for one person:
 * settings, help, page not found.
 */
export const SCREENS: Screen[] = [
  { name: "sign-in", path: () => "/sign-in", shown: "form" },
  { name: "pass", path: (at) => at.pass, shown: ".digits" },
  { name: "pass-gone", path: () => "/pass#nothing" },

  { name: "set-up", path: () => "/set-up#nothing", shown: "form" },
  { name: "invitation-over", path: () => "/invitation#nothing" },
  { name: "forgot-password", path: () => "/forgot-password", shown: ".card p" },
  { name: "forgot-password-mail", given: withMail, path: () => "/forgot-password", shown: "form" },
  { name: "reset-password", given: withLink, path: () => "/reset-password#something", shown: "form" },
  { name: "reset-password-over", path: () => "/reset-password#nothing", shown: "h1" },
  { name: "confirm-address", given: withLink, path: () => "/confirm-address#something", shown: ".card button" },
  { name: "confirm-address-over", path: () => "/confirm-address#nothing", shown: "h1" },

  { person: "administrator", name: "properties", path: () => "/properties", shown: "main a[href^='/properties/']" },
  { person: "administrator", name: "property-new", path: () => "/properties/new", shown: "form" },
  { person: "administrator", name: "layout", path: property("/layout"), shown: "form" },
  { person: "administrator", name: "layout-parts", path: property("/layout/parts"), shown: "tbody th" },
  {
    person: "administrator",
    name: "layout-change",
    path: property("/layout/parts?kind=door"),
    open: press("tbody .actions button"),
    shown: "dialog select",
  },
  {
    person: "administrator",
    name: "layout-retire",
    path: property("/layout/parts?kind=door"),
    open: press("tbody .actions button:nth-of-type(2)"),
    shown: "dialog .dialog-actions",
  },
  { person: "administrator", name: "layout-retired-none", path: property("/layout/parts?retired=true"), shown: "main h2" },
  {
    person: "administrator",
    name: "people-roles",
    path: () => "/people",
    open: press("tbody .row button:nth-last-of-type(2)"),
    shown: "dialog fieldset",
  },
  { person: "administrator", name: "hubs", path: property("/hubs"), shown: "tbody th" },
  {
    person: "administrator",
    name: "hub-change",
    path: property("/hubs"),
    open: press("tbody .actions button:nth-of-type(2)"),
    shown: "dialog form",
  },
  { person: "manager", name: "hub-locks", path: (at) => `/properties/${at.property}/hubs/${at.hub}`, shown: "tbody th" },
  { person: "manager", name: "door", path: (at) => `/properties/${at.property}/doors/${at.door}`, shown: "tbody th" },
  { person: "support", name: "door", path: (at) => `/properties/${at.property}/doors/${at.door}`, shown: "tbody th" },
  { person: "administrator", name: "property-settings", path: property("/settings"), shown: "form" },
  { person: "manager", name: "property-settings", path: property("/settings"), shown: "[name=summary_for_me]" },
  { person: "manager", name: "invitations", path: property("/invitations"), shown: "tbody th" },
  { person: "administrator", name: "people", path: () => "/people", shown: "tbody th" },
  { person: "administrator", name: "people-mail-waits", given: withWaitingMail, path: () => "/people", shown: ".pill" },
  { person: "administrator", name: "overview", path: property(), shown: ".feature" },

  { person: "manager", name: "properties", path: () => "/properties", shown: "main a[href^='/properties/']" },
  { person: "manager", name: "overview", path: property(), shown: ".feature" },
  { person: "manager", name: "residents", path: property("/residents"), shown: "tbody th" },
  { person: "manager", name: "residents-none", path: property("/residents?q=nobodyiscalledso"), shown: "main h2" },
  {
    person: "manager",
    name: "reveal",
    path: property("/residents"),
    open: press(".secret-code button"),
    shown: "dialog textarea",
  },
  {
    person: "manager",
    name: "resident",
    path: (at) => `/properties/${at.property}/residents/${at.resident}`,
    shown: ".placements li",
  },
  {
    person: "manager",
    name: "move-out",
    path: (at) => `/properties/${at.property}/residents/${at.resident}`,
    open: press(".page-actions button"),
    shown: "dialog .dialog-actions",
  },
  { person: "manager", name: "roster", path: property("/roster"), shown: "input[type=file]" },
  {
    person: "manager",
    name: "roster-past",
    path: property("/roster"),
    open: choosePast,
    shown: "main .decision input",
  },
  {
    person: "manager",
    name: "roster-past-meant",
    path: property("/roster"),
    open: async (page, at) => {
      await choosePast(page, at);
      await page.locator("main .decision input").first().check();
    },
    shown: "main .button.danger",
  },
  {
    person: "manager",
    name: "roster-decisions",
    path: property("/roster"),
    open: async (page) => {
      await chooseText(
        page,
        "Rent roll\nUnit #,Resident,Email Address,Move In,Move Out\n#203,\"Prieto, Olga\",olga@two.test,23/11/2026,\n" +
          "305,Ann Roe,roe@family.test,1/2/2026,\n305,Ben Roe,ROE@family.test,1/2/2026,\n407,Vacant,,,\nTotal: 3,,,,\n",
      );
    },
    shown: "main .decision input",
  },
  {
    person: "manager",
    name: "roster-columns",
    path: property("/roster"),
    open: async (page) => {
      await chooseText(page, "Where,Who,Since,Box\n203,Olga Prieto,2026-01-01,olga@two.test\n");
    },
    shown: "main .columns-asked select",
  },
  { person: "manager", name: "guest-codes", path: property("/guest-codes"), shown: "tbody th" },
  { person: "manager", name: "issue", path: property("/guest-codes/new"), shown: ".windows li" },
  { person: "manager", name: "guest-code", path: (at) => `/guest-codes/${at.guestCode}`, shown: ".placements li" },
  { person: "manager", name: "change-guest-code", path: (at) => `/guest-codes/${at.guestCode}/change`, shown: ".windows li" },
  {
    person: "manager",
    name: "revoke",
    path: (at) => `/guest-codes/${at.guestCode}`,
    open: press(".page-actions button"),
    shown: "dialog .dialog-actions",
  },
  { person: "manager", name: "doors", path: property("/doors?q=Unit+10"), shown: "tbody th" },
  { person: "manager", name: "activity", path: () => "/audit?paused=1", shown: "tbody th" },
  {
    person: "manager",
    name: "account",
    path: () => "/properties",
    open: press(".account-button"),
    shown: ".account-menu:popover-open",
  },
  ...tools("manager"),

  { person: "resident", name: "my-access", path: () => "/my-access", shown: ".access-bar" },
  { person: "resident", name: "guests", path: () => "/my-access/guest-codes", shown: "tbody th" },
  { person: "resident", name: "issue", path: () => "/my-access/guest-codes/new", shown: ".windows li" },
  { person: "resident", name: "guest-code", path: (at) => `/guest-codes/${at.ownGuestCode}`, shown: ".placements li" },
  {
    person: "resident",
    name: "change-guest-code",
    path: (at) => `/guest-codes/${at.ownGuestCode}/change`,
    shown: ".windows li",
  },
  { person: "resident", name: "check-code", path: () => "/my-access/check", shown: "main input" },
  { person: "resident", name: "help", path: () => "/help", shown: "main details" },
  { person: "resident", name: "settings", path: () => "/settings", shown: ".sessions li" },
  { person: "resident", name: "not-found", path: () => "/no/such/page" },
  ...tools("resident"),

  { person: "support", name: "properties", path: () => "/properties", shown: "main a[href^='/properties/']" },
  { person: "support", name: "overview", path: property(), shown: ".feature" },
  { person: "support", name: "audit", path: () => "/audit?paused=1", shown: "tbody th" },
  { person: "support", name: "event", path: (at) => `/audit?event=${at.event}`, shown: "dialog .event-checklist" },
  {
    person: "support",
    name: "verify",
    path: () => "/audit?paused=1",
    open: press(".page-actions button"),
    shown: "dialog .facts",
  },
  { person: "support", name: "troubleshoot", path: () => "/troubleshoot", shown: "main h2" },
  { person: "support", name: "damaged", given: withDamagedRecords, path: () => "/troubleshoot", shown: "main tbody th" },
  { person: "support", name: "found", path: () => "/troubleshoot?q=brandt", shown: ".found li" },
  {
    person: "support",
    name: "diagnosis",
    path: (at) => `/troubleshoot?resident=${at.resident}`,
    shown: ".placements li",
  },
  { person: "support", name: "forbidden", path: property("/residents") },
  ...tools("support"),
];

/** Waits until everything that the page reads is shown. */
export async function waitUntilLoaded(page: Page): Promise<void> {
  const main = page.locator("#main");
  await expect(main.locator("h1").first()).toBeVisible();
  await expect(main.locator("[aria-busy=true], .skeleton")).toHaveCount(0);
}

/** Opens a screen. */
export async function show(page: Page, screen: Screen, at: Places): Promise<void> {
  await screen.given?.(page);
  await page.goto(screen.path(at));
  await waitUntilLoaded(page);
  if (screen.person !== undefined) {
    await expect(page.locator(".nav a").first()).toBeVisible();
  }
  await screen.open?.(page, at);
  if (screen.shown !== undefined) {
    await expect(page.locator(screen.shown).first()).toBeVisible();
  }
}

/** Wider than a narrow phone, as names and what people type may be. */
const LONG_WORD = "Donaudampfschifffahrtsgesellschaftskapitän";

let found: Promise<Places> | undefined;

/** Finds the ids and links in the addresses, once. */
export function findPlaces(calls: (person: Person) => Promise<APIRequestContext>): Promise<Places> {
  found ??= find(calls);
  return found;
}

async function find(calls: (person: Person) => Promise<APIRequestContext>): Promise<Places> {
  const [manager, resident, support] = [await calls("manager"), await calls("resident"), await calls("support")];
  const first = async (api: APIRequestContext, path: string) => {
    const answer = await api.get(path);
    expect(answer.status(), path).toBe(200);
    const { items } = await answer.json();
    expect(items.length, path).toBeGreaterThan(0);
    return items[0];
  };
  const { id: property } = await first(manager, "/api/v1/properties");
  const { id: tenancy, unit, name, email } = await first(manager, `/api/v1/properties/${property}/residents?q=Brandt`);
  const live = await first(manager, `/api/v1/guest-codes?property=${property}&status=live&kind=recurring`);
  const { code, doors } = await (await resident.get("/api/v1/me/access")).json();
  const revealed = await manager.post(`/api/v1/codes/${code.id}/reveal`, { data: { reason: `Called: ${LONG_WORD}` } });
  expect(revealed.status()).toBe(200);
  const issued = await resident.post("/api/v1/guest-codes", {
    data: { kind: "permanent", door_ids: [doors[0].id], guest_name: LONG_WORD },
    headers: { "Idempotency-Key": randomUUID() },
  });
  expect(issued.status()).toBe(201);
  const { id: own } = await issued.json();
  const { url } = await (await resident.post(`/api/v1/guest-codes/${own}/share`)).json();
  const refused = await first(support, "/api/v1/audit?action=code.custom.refused&limit=1");
  const pastRoster = `${unit},${name},${email},2020-01-01,2020-12-31`;
  const { items: all } = await (await manager.get(`/api/v1/properties/${property}/doors?limit=200`)).json();
  const door = all.find(({ id }: { id: string }) => id === doors[0].id);
  return {
    property,
    resident: tenancy,
    door: door.id,
    hub: door.lock.hub_id,
    pastRoster,
    guestCode: live.id,
    ownGuestCode: own,
    pass: url,
    event: refused.id,
  };
}
