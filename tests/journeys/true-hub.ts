import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { createInterface, type Interface } from "node:readline";

const PROGRAM = resolve("../hub/hub.mjs");

/** Whether Z-Wave JS is installed: `cargo xtask test` does it. */
export const hubIsInstalled = existsSync(resolve("../hub/node_modules"));

/** A running Z-Wave JS over a mock radio, with a few locks; `tests/hub/hub.mjs` says which. */
export class TrueHub {
  private constructor(
    private readonly program: ChildProcess,
    private readonly answers: Interface,
    /** The port of 127.0.0.1 that it listens on. */
    readonly port: number,
  ) {}

  /** Starts it; it has got to know its locks then. */
  static async start(): Promise<TrueHub> {
    const program = spawn("node", [PROGRAM, "0"], { stdio: ["pipe", "pipe", "inherit"] });
    const answers = createInterface({ input: program.stdout! });
    const [line] = await once(answers, "line");
    return new TrueHub(program, answers, JSON.parse(line).port);
  }

  /** Orders what is to happen to a lock, or asks what is so; `hub.mjs` lists what there is. */
  async order(order: { do: string; lock: string; [more: string]: unknown }): Promise<Record<string, unknown>> {
    const answered = once(this.answers, "line");
    this.program.stdin!.write(`${JSON.stringify(order)}\n`);
    const answer = JSON.parse((await answered)[0]);
    if (!answer.ok) throw new Error(`${order.do}: ${answer.error}`);
    return answer;
  }

  async end(): Promise<void> {
    const ended = once(this.program, "exit");
    this.program.stdin!.end();
    await ended;
  }
}
