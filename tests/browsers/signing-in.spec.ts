import { addresses, button, heading, navigation, test } from "./journey";

// Over plain http on loopback, as the README has it. There, WebKit keeps no `Secure` cookie.
for (const host of ["127.0.0.1", "localhost"]) {
  test(`at http://${host}, whoever signs in stays signed in until they sign out`, async ({ somebody }) => {
    const resident = await somebody(addresses.loopback().replace("127.0.0.1", host));
    await resident.signsIn("resident");
    await resident.sees(heading("My Access"));
    await resident.reloads();
    await resident.sees(heading("My Access"));
    await resident.signsOut();
    await resident.reloads();
    await resident.sees(button("Sign in"));
    await resident.seesNo(navigation("Main"));
  });
}
