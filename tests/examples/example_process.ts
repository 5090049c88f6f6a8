import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import type { Readable } from "node:stream";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { hostAdapter } from "../../mod.ts";
import { built } from "../support/built.ts";

export type RuntimeName = "deno" | "bun" | "node";

/** The runtime that this runs on. */
export const host = hostAdapter().name as RuntimeName;

/** Examples that start threads, and those that write files. */
const READS = /threaded|gateway|redis/;
const WRITES = /redis/;
/** What `ws` looks at as it is loaded. */
const OF_WS = "--allow-env=WS_NO_BUFFER_UTIL,WS_NO_UTF_8_VALIDATE";

/**
 * How each runtime runs an example, from the root of the project. Deno gets the
 * permissions that the README gives it, and no other. Where Node cannot run
 * TypeScript, it is emitted beside the tests, so only a test that runs on Node
 * knows where.
 */
const commandLine: Record<RuntimeName, (example: string) => string[]> = {
  deno: (example) => [
    executable("deno"),
    ...["run", "--no-prompt", "--allow-net=127.0.0.1"],
    ...(READS.test(example) ? ["--allow-read=."] : []),
    ...(WRITES.test(example) ? ["--allow-write=."] : []),
    ...(/chat/.test(example) ? [OF_WS] : []),
    `examples/${example}.ts`,
  ],
  bun: (example) => [executable("bun"), `examples/${example}.ts`],
  node: (example) => [
    executable("node"),
    fileURLToPath(
      new URL(built(`../../examples/${example}.ts`), import.meta.url),
    ),
  ],
};

/** This runtime knows its own path; the others must be on the PATH. */
function executable(runtime: RuntimeName): string {
  return runtime === host ? process.execPath : runtime;
}

const running = new Set<ExampleProcess>();
after(() => {
  for (const example of running) example.kill();
});

/** An example that runs as a process of its own, until it ends or the tests do. */
export class ExampleProcess {
  /** What it has printed. */
  out = "";
  /** What it has printed as errors. */
  err = "";
  /** Resolves to its exit code. */
  readonly ended: Promise<number>;
  readonly #process: ChildProcessByStdio<null, Readable, Readable>;

  constructor(runtime: RuntimeName, example: string, flags: string) {
    const [file, ...args] = commandLine[runtime](example);
    this.#process = spawn(file, args.concat(flags.split(" ")), {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process.stdout.on("data", (text) => this.out += text);
    this.#process.stderr.on("data", (text) => this.err += text);
    running.add(this);
    this.ended = once(this.#process, "close").then(([code]) => {
      running.delete(this);
      return code;
    });
  }

  /** Resolves to what `pattern` matches in the output, or in the errors, as soon as it does. */
  printed(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(this.out) ?? pattern.exec(this.err);
        if (match !== null) resolve(match);
      };
      look();
      this.#process.stdout.on("data", look);
      this.#process.stderr.on("data", look);
      this.ended.then(() => reject(new Error(this.err)), reject);
    });
  }

  /** Presses Ctrl-C, or sends another signal. On Deno, the `kill` of a child process would overwrite its exit code. */
  interrupt(signal: "SIGINT" | "SIGTERM" = "SIGINT"): void {
    process.kill(this.#process.pid as number, signal);
  }

  kill(): void {
    this.#process.kill("SIGKILL");
  }
}
