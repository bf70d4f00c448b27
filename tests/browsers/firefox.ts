import puppeteer, { type KeyInput } from "puppeteer-core";
import { type Browser, isOwnFault, SIZE, TIME_ZONE } from "./browser";

/** Starts Debian's Firefox, driven by WebDriver BiDi, which it speaks by itself. */
export async function startFirefox(): Promise<Browser> {
  const firefox = await puppeteer.launch({
    browser: "firefox",
    executablePath: process.env.FIREFOX ?? "/usr/bin/firefox-esr",
    headless: true,
    acceptInsecureCerts: true,
    defaultViewport: SIZE,
    env: { ...process.env, TZ: TIME_ZONE },
  });
  return {
    async open() {
      const context = await firefox.createBrowserContext();
      // A window of its own: in a tab that another one covers, hardly anything happens.
      const page = await context.newPage({ type: "window" });
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(String(error)));
      page.on("console", (message) => {
        if (message.type() === "error" && isOwnFault(message.text())) {
          errors.push(message.text());
        }
      });
      return {
        async open(address) {
          await page.goto(address);
        },
        async reload() {
          await page.reload();
        },
        run: (work, ...given) => page.evaluate(work, ...given),
        async find(work, ...given) {
          const handle = await page.evaluateHandle(work, ...given);
          const element = handle.asElement();
          if (!element) {
            return (await handle.jsonValue()) as string;
          }
          return { click: () => element.click(), type: (text) => element.type(text) };
        },
        async press(key, control) {
          if (control) await page.keyboard.down("Control");
          await page.keyboard.press(key as KeyInput);
          if (control) await page.keyboard.up("Control");
        },
        async inject(program) {
          await page.evaluate(program);
        },
        errors: async () => errors,
        close: () => context.close(),
      };
    },
    close: () => firefox.close(),
  };
}
