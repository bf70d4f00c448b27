import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { FullConfig } from "@playwright/test";
import { PASSWORD } from "../journeys/people";

/** Where people reach Latchkey. The processes with the journeys find them in their environment. */
export const addresses = {
  /** Over https, through a proxy that terminates TLS: as everybody does who doesn't just try it out. */
  https: () => given("LATCHKEY_HTTPS"),
  /** Over plain http on loopback, with nothing in between: as the README has it. */
  loopback: () => given("LATCHKEY_LOOPBACK"),
  /** Over plain http through a proxy, which is how nobody should. */
  plain: () => given("LATCHKEY_PLAIN"),
};

/**
 * The display of this worker. Each has its own: a window that opens takes the focus from the others on its display, and digits
 * are hidden when their window loses it.
 */
export const display = () => given("LATCHKEY_DISPLAYS").split(" ")[Number(process.env.TEST_PARALLEL_INDEX)]!;

const PROGRAM = resolve(process.env.LATCHKEY_BIN ?? "../../target/debug/latchkey");

/** What is undone in the end, the last first. */
type Undo = (() => unknown)[];

/**
 * Starts the servers with their proxies, and displays for browsers that need one. Playwright calls what it returns in the end.
 */
export default async function start({ workers }: FullConfig): Promise<() => Promise<void>> {
  const undo: Undo = [];
  const stop = async () => {
    for (const each of undo.splice(0).reverse()) {
      await each();
    }
  };
  // Playwright calls nothing where it is killed or crashes.
  process.once("exit", () => undo.forEach((each) => void each()));
  process.once("SIGTERM", () => process.exit(143));
  try {
    const folder = mkdtempSync(join(tmpdir(), "latchkey-browsers-"));
    undo.push(() => rmSync(folder, { recursive: true, force: true }));
    // The first start makes a year of demo data, so they start at the same time.
    const [proxied, loopback] = await Promise.all([
      startLatchkey(join(folder, "proxied"), ["--behind-proxy"], undo),
      startLatchkey(join(folder, "loopback"), [], undo),
    ]);
    process.env.LATCHKEY_LOOPBACK = loopback;
    process.env.LATCHKEY_PLAIN = await listen(http.createServer(forward(proxied, "http")), "http", undo);
    process.env.LATCHKEY_HTTPS = await listen(https.createServer(certificate(folder), forward(proxied, "https")), "https", undo);
    const displays = Array.from({ length: workers }, () => startDisplay(undo));
    process.env.LATCHKEY_DISPLAYS = (await Promise.all(displays)).join(" ");
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

function given(variable: string): string {
  const address = process.env[variable];
  if (!address) {
    throw new Error(`${variable} isn't set: the servers aren't running`);
  }
  return address;
}

/** Starts the program with demo data on a port that is free; returns its address. */
async function startLatchkey(data: string, more: string[], undo: Undo): Promise<string> {
  const program = spawn(PROGRAM, ["serve", "--demo", "--listen", "127.0.0.1:0", "--data", data, ...more], {
    env: { ...process.env, LATCHKEY_DEMO_PASSWORD: PASSWORD, LATCHKEY_LOG: "warn" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  undo.push(() => ended(program));
  const [, address] = await said(program, program.stdout, /listens on (\S+)/);
  return address;
}

/** An X server without a screen: WebKit's MiniBrowser needs one. */
async function startDisplay(undo: Undo): Promise<string> {
  const arguments_ = ["-displayfd", "3", "-screen", "0", "1400x1000x24", "-nolisten", "tcp"];
  const display = spawn("Xvfb", arguments_, { stdio: ["ignore", "ignore", "ignore", "pipe"] });
  undo.push(() => ended(display));
  const [, number] = await said(display, display.stdio[3] as NodeJS.ReadableStream, /(\d+)\n/);
  return `:${number}`;
}

/** Waits until a program writes something. */
function said(program: ChildProcess, output: NodeJS.ReadableStream, what: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let text = "";
    output.on("data", (part) => {
      text += part;
      const found = what.exec(text);
      if (found) resolve(found);
    });
    program.once("error", reject);
    program.once("exit", (code, signal) => reject(new Error(`${program.spawnfile} ended with ${code ?? signal}: ${text}`)));
  });
}

/** Tells a program to end, and waits until it has. */
function ended(program: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (program.exitCode !== null || program.signalCode !== null || !program.pid) return resolve();
    program.once("exit", () => resolve());
    program.kill();
  });
}

/** A new certificate that nobody vouches for, as browsers find it on a machine of one's own. */
function certificate(folder: string): https.ServerOptions {
  const [key, cert] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
  const kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const names = ["-subj", "/CN=Latchkey", "-addext", "subjectAltName=IP:127.0.0.1"];
  execFileSync("openssl", ["req", ...kind, ...names, "-keyout", key, "-out", cert], { stdio: ["ignore", "ignore", "pipe"] });
  return { key: readFileSync(key), cert: readFileSync(cert) };
}

/** Hands requests on to a server, and tells it how they came, as `--behind-proxy` expects. */
function forward(server: string, scheme: "http" | "https"): http.RequestListener {
  const { hostname, port } = new URL(server);
  return (request, response) => {
    const headers = {
      ...request.headers,
      "x-forwarded-proto": scheme,
      "x-forwarded-for": request.socket.remoteAddress,
    };
    const { method, url } = request;
    const onward = http.request({ hostname, port, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    // Whoever hangs up waits for nothing any more, such as a stream of events.
    response.on("close", () => onward.destroy());
    request.pipe(onward);
  };
}

async function listen(server: http.Server | https.Server, scheme: string, undo: Undo): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  undo.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
