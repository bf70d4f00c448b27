import { randomUUID } from "node:crypto";
import {
  button,
  checkbox,
  combobox,
  dialog,
  expect,
  field,
  heading,
  link,
  navigation,
  radio,
  region,
  row,
  rowHeader,
  someGuest,
  test,
  text,
  textbox,
} from "./journey";

// A journey for each person over https, in a browser that isn't Chromium. What each page does in detail is the subject of
// `tests/journeys`; these find out whether other browsers do it too.

const resident = "Ada Brandt";

test("a manager reveals a resident’s code, issues a guest code, sees it arrive, revokes it and signs out", async ({ somebody }) => {
  const manager = await somebody();
  await manager.signsIn("manager");
  await manager.sees(heading("Juniper Flats"));

  await manager.clicks(link(/^Residents/, navigation("Main")));
  await manager.types(field("Name or unit"), resident);
  await manager.reads(rowHeader(), new RegExp(resident));
  await manager.clicks(button(`Show ${resident}’s code`));
  await manager.sees(dialog());
  await manager.seesItInShape();
  await manager.types(field("Reason", dialog()), "Locked out, called from the gate");
  await manager.clicks(button("Show code", dialog()));
  await manager.seesNo(dialog());
  const digits = await manager.readsDigits(row(new RegExp(resident)));
  expect(await manager.address(), "no digits in the address (R32)").not.toContain(digits);

  const guest = someGuest();
  await manager.clicks(link(/^Guest codes/, navigation("Main")));
  await manager.clicks(link("Issue a guest code"));
  await manager.clicks(radio(/^Permanent/));
  await manager.clicks(checkbox(/^Main gate/));
  await manager.types(field("Guest"), guest);
  await manager.clicks(button("Issue code"));
  await manager.readsDigits(region(`For ${guest}`));
  await manager.clicks(link("Open this guest code"));
  // The page is told by the server, through a stream of events.
  await manager.sees(text("Working"));
  await manager.clicks(button("Revoke"));
  await manager.clicks(button(/^Revoke/, dialog()));
  await manager.sees(text("Removed"));

  await manager.clicks(link(/^Residents/, navigation("Main")));
  await manager.sees(rowHeader(new RegExp(resident)));
  await manager.signsOut();
  await manager.goesBack();
  await manager.reaches(/\/sign-in\?to=/);
  await manager.seesNo(text(new RegExp(resident)));
});

test("a page that comes back after its session has ended shows nothing of it any more", async ({ somebody }) => {
  const manager = await somebody();
  await manager.signsIn("manager");
  await manager.sees(heading("Juniper Flats"));
  await manager.clicks(link(/^Residents/, navigation("Main")));
  await manager.sees(rowHeader(new RegExp(resident)));

  // Not a page of the console: the browser keeps the one before as it is.
  await manager.opens("/api/v1/openapi.json");
  const status = await manager.runs(async () => (await fetch("/api/v1/session", { method: "DELETE" })).status);
  expect(status).toBe(204);
  await manager.goesBack();
  await manager.sees(button("Sign in"));
  await manager.seesNo(rowHeader());
});

test("a resident sees their code, issues one for some hours and hands its link to the guest", async ({ somebody }) => {
  const host = await somebody();
  await host.signsIn("resident");
  const bar = region("My Access");
  await host.clicks(button("Show your code", bar));
  await host.readsDigits(bar);

  const name = someGuest();
  await host.clicks(link("Issue a guest code"));
  await host.clicks(radio(/^Temporary/));
  await host.types(field("Guest"), name);
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 16);
  await host.picks(field("Ends"), tomorrow);
  await host.clicks(button("Issue code"));
  const digits = await host.readsDigits(region(`For ${name}`));
  await host.clicks(link("Open this guest code"));
  await host.clicks(button("Create a link"));
  const { value: address = "" } = await host.reads(textbox("Link", dialog()), ({ value }) => !!value);
  expect(address, "no digits in it (R32)").not.toContain(digits);
  await host.seesItInShape();
  await host.clicks(button("Copy link", dialog()));
  await host.sees(text("Link copied."));
  await host.clicks(button("Done", dialog()));

  const guest = await somebody();
  await guest.opens(address);
  await guest.sees(heading("Your code for Juniper Flats"));
  await guest.clicks(button("Show the code"));
  expect(await guest.readsDigits(region("Your code"))).toBe(digits);
  await host.clicks(button("Revoke"));
  await host.clicks(button(/^Revoke/, dialog()));
  await guest.sees(heading("This link no longer works"));
});

test("a guest opens a pass without signing in, and its digits go when it is revoked", async ({ somebody, calls }) => {
  const host = await calls("resident");
  const { doors } = await (await host.get("/api/v1/me/access")).json();
  const issued = await host.post("/api/v1/guest-codes", {
    data: {
      kind: "temporary",
      door_ids: [doors[0].id],
      guest_name: someGuest(),
      starts_at: new Date(Date.now() - 60_000).toISOString(),
      ends_at: new Date(Date.now() + 86_400_000).toISOString(),
    },
    headers: { "Idempotency-Key": randomUUID() },
  });
  expect(issued.status(), await issued.text()).toBe(201);
  const { id, code } = await issued.json();
  const { url } = await (await host.post(`/api/v1/guest-codes/${id}/share`)).json();

  const guest = await somebody();
  await guest.opens(url);
  await guest.sees(text(/^It opens its doors now/));
  await guest.clicks(button("Show the code"));
  expect(await guest.readsDigits(region("Your code"))).toBe(code);
  await guest.sees(link("Add to calendar"));

  await host.post(`/api/v1/guest-codes/${id}/revoke`, { headers: { "Idempotency-Key": randomUUID() } });
  await guest.sees(heading("This link no longer works"));
  await guest.seesNo(region("Your code"));
});

test("support reads the audit log, verifies its chain, and finds out why a resident can’t pick a code", async ({ somebody }) => {
  const support = await somebody();
  await support.signsIn("support");
  await support.sees(heading("Audit log"));
  await support.types(field("Search words"), resident);
  await support.sees(row(new RegExp(resident)));
  await support.clicks(button("Verify chain"));
  await support.sees(text("Chain intact", dialog()));
  await support.seesItInShape();
  await support.clicks(button("Close", dialog()));

  await support.presses("k", { control: true });
  await support.types(combobox(undefined, dialog()), "Troubleshoot");
  await support.presses("Enter");
  await support.sees(heading("Troubleshoot"));
  await support.types(field("Name, unit, email or guest"), "resident@demo");
  await support.clicks(link(resident));
  await support.sees(heading(resident));
  await support.sees(heading("Can they pick their own code?"));
  await support.sees(heading("Their code on the lock"));
});
