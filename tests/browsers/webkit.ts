import { type ChildProcess, spawn } from "node:child_process";
import { Builder, Key, type WebDriver, WebElement } from "selenium-webdriver";
import { findFreePort } from "selenium-webdriver/net/portprober.js";
import { type Browser, isOwnFault, SIZE, TIME_ZONE } from "./browser";
import { patiently } from "./patience";
import { display } from "./servers";

/** How long WebKitWebDriver may take until it answers, in milliseconds. */
const START = 60_000;

/** The keys that type nothing, as WebDriver names them. */
const KEYS: Record<string, string> = { Enter: Key.ENTER, Escape: Key.ESCAPE };

/** Drives Debian's WebKit through WebKitWebDriver, which starts WebKit's MiniBrowser on the worker's display. */
export async function startWebKit(): Promise<Browser> {
  return {
    // A driver has a single session, so each window has its own; what it keeps is gone afterwards.
    async open() {
      const { driver, program } = await startDriver();
      const errors: string[] = [];
      const record = () => driver.executeScript(`(${recordErrors})()`);
      const collect = async () => {
        const recorded = await patiently<string[]>(
          () => driver.executeScript("return globalThis.recordedErrors ?? []"),
          async (why) => new Error(`WebKit doesn't say which errors the page had: ${why}`),
        );
        errors.push(...recorded.filter(isOwnFault));
      };
      return {
        async open(address) {
          await collect();
          await driver.get(address);
          await record();
        },
        async reload() {
          await collect();
          await driver.navigate().refresh();
          await record();
        },
        run: (work, ...given) => driver.executeScript(`return (${work}).apply(null, arguments)`, ...given),
        async find(work, ...given) {
          const found = await driver.executeScript(`return (${work}).apply(null, arguments)`, ...given);
          if (!(found instanceof WebElement)) {
            return found as string;
          }
          return { click: () => found.click(), type: (text) => found.sendKeys(text) };
        },
        async press(key, control) {
          const keys = driver.actions();
          const pressed = KEYS[key] ?? key;
          await (control ? keys.keyDown(Key.CONTROL).sendKeys(pressed).keyUp(Key.CONTROL) : keys.sendKeys(pressed)).perform();
        },
        async inject(program) {
          await driver.executeScript(program);
        },
        async errors() {
          await collect();
          return errors;
        },
        async close() {
          await driver.quit();
          program.kill();
        },
      };
    },
    async close() {},
  };
}

/** Records the page's errors, in the page: WebKitWebDriver doesn't tell what the browser logs. */
function recordErrors(): void {
  const recordedErrors: string[] = [];
  Object.assign(globalThis, { recordedErrors });
  addEventListener("error", (event) => recordedErrors.push(event.message));
  addEventListener("unhandledrejection", ({ reason }) => recordedErrors.push(String(reason)));
  addEventListener("securitypolicyviolation", (event) => {
    recordedErrors.push(`${event.violatedDirective} forbids ${event.blockedURI}`);
  });
  const { error } = console;
  console.error = (...said) => {
    recordedErrors.push(said.join(" "));
    error(...said);
  };
}

async function startDriver(): Promise<{ driver: WebDriver; program: ChildProcess }> {
  const port = await findFreePort("127.0.0.1");
  const program = spawn("WebKitWebDriver", [`--port=${port}`, "--host=127.0.0.1"], {
    env: { ...process.env, TZ: TIME_ZONE, DISPLAY: display() },
    stdio: "inherit",
  });
  try {
    const server = `http://127.0.0.1:${port}`;
    await answers(server, program);
    // It knows where its MiniBrowser is.
    const driver = await new Builder()
      .usingServer(server)
      .withCapabilities({ browserName: "MiniBrowser", acceptInsecureCerts: true })
      .build();
    await driver.manage().window().setRect({ x: 0, y: 0, ...SIZE });
    return { driver, program };
  } catch (error) {
    program.kill();
    throw error;
  }
}

/** Waits until a driver answers. */
async function answers(server: string, program: ChildProcess): Promise<void> {
  let failure: unknown;
  program.once("error", (error) => (failure = error));
  for (const until = Date.now() + START; Date.now() < until && program.exitCode === null && !failure; ) {
    const answer = await fetch(`${server}/status`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("WebKitWebDriver doesn't answer", { cause: failure });
}
