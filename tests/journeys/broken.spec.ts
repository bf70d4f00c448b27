import { axe, expect, firstProperty, signIn, test } from "./journey";

// A fault in the console itself.

test("what fails in the console is said, with a way on, and the rest of the page still follows", async ({ browser, calls }) => {
  const property = await firstProperty(await calls("manager"));
  // One whose log may have errors.
  const context = await browser.newContext({ locale: "en-US" });
  const page = await context.newPage();
  await signIn(page, "manager");
  await page.goto(`/properties/${property}/residents`);
  await expect(page.getByRole("rowheader").first()).toBeVisible();
  await expect(page.getByText("Something went wrong on this page")).toHaveCount(0);

  // The next text that changes can't be written, and wasm has nobody to tell.
  await page.evaluate(() => {
    const data = Object.getOwnPropertyDescriptor(CharacterData.prototype, "data");
    let failed = false;
    Object.defineProperty(CharacterData.prototype, "data", {
      ...data,
      set(value: string) {
        if (!failed) {
          failed = true;
          throw new Error("as this journey wants it");
        }
        data?.set?.call(this, value);
      },
    });
  });
  await page.getByRole("searchbox").fill("Brandt");
  const said = page.getByRole("alert").filter({ hasText: "Something went wrong on this page" });
  await expect(said).toBeVisible();
  await expect(page.getByRole("rowheader")).toHaveText([/Brandt/]);
  await axe(page);

  await said.getByRole("button", { name: "Reload" }).click();
  await expect(page.getByRole("rowheader").first()).toBeVisible();
  await expect(said).toHaveCount(0);
  await context.close();
});
