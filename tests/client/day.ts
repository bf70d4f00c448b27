// A manager's, a resident's and support's day, in a client that a common generator made of docs/openapi.json. That it
// compiles says that the contract has what a stranger needs; that it runs, that the server keeps to it.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import createClient, { type Client, type Middleware } from "openapi-fetch";
import type { components, paths } from "./generated/contract.js";

const PROGRAM = resolve(process.env["LATCHKEY_BIN"] ?? "../../target/debug/latchkey");
const PASSWORD = "a-word-for-the-demonstration";

let folder: string;
let program: ChildProcess;
let origin: string;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "latchkey-client-"));
  program = spawn(PROGRAM, ["serve", "--demo", "--listen", "127.0.0.1:0", "--data", folder], {
    env: { LATCHKEY_LOG: "warn", LATCHKEY_DEMO_PASSWORD: PASSWORD },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  for await (const some of program.stdout!) {
    printed += String(some);
    const listens = /listens on (\S+)/.exec(printed);
    if (listens) {
      origin = listens[1]!;
      return;
    }
  }
  assert.fail("the server ended");
});

after(async () => {
  const ended = once(program, "exit");
  program.kill("SIGTERM");
  await ended;
  rmSync(folder, { recursive: true, force: true });
});

/** What was answered, which must not be a problem. */
function good<T>(answer: { data?: T; error?: unknown; response: Response }): T {
  assert.ok(answer.response.ok, `${answer.response.url}: ${answer.response.status} ${JSON.stringify(answer.error)}`);
  return answer.data as T;
}

/** Signs in to the console: the cookie goes with every request, as in a browser. */
async function signIn(email: string): Promise<Client<paths>> {
  const client = createClient<paths>({ baseUrl: origin });
  let cookie = "";
  const browser: Middleware = {
    onRequest({ request }) {
      request.headers.set("sec-fetch-site", "same-origin");
      if (cookie) {
        request.headers.set("cookie", cookie);
      }
      return request;
    },
    onResponse({ response }) {
      cookie = response.headers.get("set-cookie")?.split(";")[0] ?? cookie;
    },
  };
  client.use(browser);
  const session = good(await client.POST("/api/v1/session", { body: { email, password: PASSWORD } }));
  assert.equal(session.user.email, email);
  return client;
}

/** For a change that must happen at most once. */
const onceOnly = () => ({ "Idempotency-Key": randomUUID() });

test("a manager's day", async () => {
  const client = await signIn("manager@demo.test");
  const properties = good(await client.GET("/api/v1/properties"));
  const id = properties.items[0]!.id;
  const read = await client.GET("/api/v1/properties/{id}", { params: { path: { id } } });
  const property = good(read);
  assert.equal(property.name, "Juniper Flats");

  // R3: the switch, with the version that was read; a second time that is stale.
  const etag = read.response.headers.get("etag")!;
  const edit = (enabled: boolean, version: string) =>
    client.PATCH("/api/v1/properties/{id}", {
      params: { path: { id }, header: { "If-Match": version } },
      body: { custom_codes_enabled: enabled },
    });
  assert.equal(good(await edit(true, etag)).custom_codes_enabled, true);
  const stale = await edit(false, etag);
  assert.deepEqual([stale.response.status, stale.error?.code], [412, "stale"]);

  // Every resident, page by page.
  const names: string[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: 100, ...(cursor === undefined ? {} : { cursor }) };
    const page = good(await client.GET("/api/v1/properties/{id}/residents", { params: { path: { id }, query } }));
    names.push(...page.items.map((resident) => resident.name));
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  assert.equal(names.length, property.counts.residents);

  // A guest code: previewed, issued once though it is sent twice, revealed, revoked.
  const doors = good(await client.GET("/api/v1/properties/{id}/doors", { params: { path: { id }, query: { limit: 200 } } }));
  const gate = doors.items.find((door) => door.kind === "property")!;
  const body: components["schemas"]["GuestCodeRequest"] = {
    kind: "recurring",
    door_ids: [gate.id],
    guest_name: "Cleaner",
    reference: "WO-48213",
    recurrence: {
      weekdays: ["mon", "thu"],
      from: "09:00",
      to: "12:00",
      first_day: new Date().toISOString().slice(0, 10),
      last_day: new Date(Date.now() + 28 * 86_400_000).toISOString().slice(0, 10),
    },
  };
  const preview = good(await client.POST("/api/v1/guest-codes/preview", { body }));
  assert.equal(preview.windows.length, 5);
  const header = onceOnly();
  const issued = good(await client.POST("/api/v1/guest-codes", { params: { header }, body }));
  assert.match(issued.code, /^\d{6}$/);
  assert.equal(good(await client.POST("/api/v1/guest-codes", { params: { header }, body })).id, issued.id);
  const revealed = good(await client.POST("/api/v1/codes/{id}/reveal", { params: { path: { id: issued.id } }, body: {} }));
  assert.equal(revealed.code, issued.code);
  const revoked = good(
    await client.POST("/api/v1/guest-codes/{id}/revoke", { params: { path: { id: issued.id }, header: onceOnly() } }),
  );
  assert.equal(revoked.state, "revoked");

  const log = good(await client.GET("/api/v1/audit", { params: { query: { action: "guest_code.", limit: 10 } } }));
  assert.ok(log.items.some((event) => event.action === "guest_code.revoked" && event.subject.id === issued.id));
  good(await client.DELETE("/api/v1/session"));
  assert.equal((await client.GET("/api/v1/properties")).response.status, 401);
});

test("a resident's day", async () => {
  const web = await signIn("resident@demo.test");
  const access = good(await web.GET("/api/v1/me/access"));
  assert.equal(access.property.name, "Juniper Flats");
  assert.equal(access.tenancies.length, 1);
  // R5: never on the web, whatever is asked.
  const onWeb = await web.PUT("/api/v1/me/code", { params: { header: onceOnly() }, body: { mode: "random", length: 6 } });
  assert.deepEqual([onWeb.response.status, onWeb.error?.code], [403, "not_on_web"]);

  const app = createClient<paths>({ baseUrl: origin });
  const token = good(
    await app.POST("/api/v1/mobile/token", {
      body: { email: "resident@demo.test", password: PASSWORD, platform: "ios", app_version: "2.8.0" },
    }),
  );
  assert.equal(token.channel.app_version, "2.8.0");
  app.use({
    onRequest({ request }) {
      request.headers.set("authorization", `Bearer ${token.token}`);
      return request;
    },
  });
  const changed = good(
    await app.PUT("/api/v1/me/code", { params: { header: onceOnly() }, body: { mode: "random", length: 6 } }),
  );
  assert.equal(changed.code.length, 6);
  const guest = good(
    await app.POST("/api/v1/guest-codes", {
      params: { header: onceOnly() },
      body: { kind: "delivery", door_ids: [access.guest_doors.find((door) => door.kind === "property")!.id], guest_name: "Parcel" },
    }),
  );
  assert.equal(guest.kind, "delivery");
  good(await app.DELETE("/api/v1/session"));
  assert.equal((await app.GET("/api/v1/me/access")).response.status, 401);
});

test("support's day", async () => {
  const client = await signIn("support@demo.test");
  const log = good(await client.GET("/api/v1/audit", { params: { query: { limit: 50 } } }));
  assert.equal(log.items.length, 50);
  const event = good(await client.GET("/api/v1/audit/{id}", { params: { path: { id: log.items[0]!.id } } }));
  assert.equal(event.hash, log.items[0]!.hash);
  const chain = good(await client.GET("/api/v1/audit/verify"));
  assert.equal(chain.intact, true);
  const exported = await client.GET("/api/v1/audit/export", {
    params: { query: { format: "ndjson", action: "session." } },
    parseAs: "text",
  });
  const lines = String(good(exported)).trim().split("\n");
  assert.ok(lines.every((line) => JSON.parse(line).action.startsWith("session.")), lines[0]);
  const found = good(await client.GET("/api/v1/troubleshoot/residents", { params: { query: { q: "ada brandt" } } }));
  const diagnosis = good(
    await client.GET("/api/v1/troubleshoot/residents/{id}", { params: { path: { id: found.items[0]!.id } } }),
  );
  // R30, R33: support sees no digits, nor that there are any.
  const refused = await client.POST("/api/v1/codes/{id}/reveal", {
    params: { path: { id: diagnosis.resident.code.id } },
    body: { reason: "to see" },
  });
  assert.equal(refused.response.status, 404);
});
