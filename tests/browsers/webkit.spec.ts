import { addresses, alert, button, dialog, test } from "./journey";

test("over plain http through a proxy, the page says that this browser didn’t keep the cookie", async ({ somebody }) => {
  const manager = await somebody(addresses.plain());
  await manager.signsIn("manager");
  await manager.reads(alert(), /Your password is correct, but this browser didn’t keep the cookie/);
  await manager.seesNo(dialog());
  await manager.sees(button("Sign in"));
});
