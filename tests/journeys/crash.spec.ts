import { axe, expect, firstProperty, signIn, test } from "./journey";

// A panic in the console itself.

test("a crash is reported with a way to reload, and the rest of the page keeps working", async ({ browser, calls }) => {
  const property = await firstProperty(await calls("manager"));
  // A context of its own, whose log may have errors.
  const context = await browser.newContext({ locale: "en-US" });
  const page = await context.newPage();
  await signIn(page, "manager");
  await page.goto(`/properties/${property}/residents`);
  await expect(page.getByRole("rowheader").first()).toBeVisible();
  await expect(page.getByText("Something went wrong on this page")).toHaveCount(0);

  // The next text that changes can't be written, and wasm can't catch the error.
  await page.evaluate(() => {
    const data = Object.getOwnPropertyDescriptor(CharacterData.prototype, "data");
    let failed = false;
    Object.defineProperty(CharacterData.prototype, "data", {
      ...data,
      set(value: string) {
        if (!failed) {
          failed = true;
          throw new Error("provoked by this journey");
        }
        data?.set?.call(this, value);
      },
    });
  });
  await page.getByRole("searchbox").fill("Brandt");
  const notice = page.getByRole("alert").filter({ hasText: "Something went wrong on this page" });
  await expect(notice).toBeVisible();
  await expect(page.getByRole("rowheader")).toHaveText([/Brandt/]);
  await axe(page);

  await notice.getByRole("button", { name: "Reload" }).click();
  await expect(page.getByRole("rowheader").first()).toBeVisible();
  await expect(notice).toHaveCount(0);
  await context.close();
});
