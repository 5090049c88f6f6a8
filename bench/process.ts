import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";

const alive = new Set<ChildProcess>();

process.on("exit", () => {
  for (const child of alive) child.kill("SIGKILL");
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => process.exit(1));
}

/** How to start a process. */
export interface ProgramOptions {
  /** Variables added to our own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** The folder to run it in; ours by default. */
  readonly folder?: string | undefined;
  /**
   * Called with each line of stdout that is not JSON, and each line of stderr.
   * If left out, stderr is inherited.
   */
  readonly onLine?: (line: string) => void;
}

/** A process of the benchmark, and the lines of JSON that it prints. */
export class Program {
  readonly #command: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #reports: string[] = [];
  #onReport: () => void = () => {};
  #isOver = false;

  constructor(command: readonly string[], options: ProgramOptions = {}) {
    const { env = {}, folder, onLine = () => {} } = options;
    this.#command = command.join(" ");
    this.#child = spawn(command[0], command.slice(1), {
      stdio: ["pipe", "pipe", options.onLine === undefined ? 2 : "pipe"],
      env: { ...process.env, ...env },
      cwd: folder,
    });
    alive.add(this.#child);
    this.#ended = new Promise((resolve) => {
      this.#child.on("error", (error) => {
        console.error(error.message);
        resolve();
      });
      this.#child.on("close", () => resolve());
    });
    void this.#ended.then(() => {
      alive.delete(this.#child);
      this.#isOver = true;
      this.#onReport();
    });
    const { stdin, stdout, stderr } = this.#child;
    stdin?.on("error", () => {}); // the process may exit before it reads
    if (stdout) {
      createInterface({ input: stdout }).on("line", (line) => {
        if (!line.startsWith("{")) return onLine(line);
        this.#reports.push(line);
        this.#onReport();
      });
    }
    if (stderr) createInterface({ input: stderr }).on("line", onLine);
  }

  /** Returns the next line of JSON, parsed; rejects if there is none within `limitMs`. */
  async next<T>(limitMs: number): Promise<T> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.#onReport();
    }, limitMs);
    while (this.#reports.length === 0) {
      if (isLate) throw new Error(`Too late: ${this.#command}`);
      if (this.#isOver) throw new Error(`Ended early: ${this.#command}`);
      await new Promise<void>((resolve) => this.#onReport = resolve);
    }
    clearTimeout(timer);
    return JSON.parse(this.#reports.shift()!);
  }

  /** Sends a line to its standard input. */
  tell(line: string): void {
    this.#child.stdin!.write(`${line}\n`);
  }

  /** Kills the process; resolves when it is gone. */
  async stop(signal: "SIGKILL" | "SIGINT" = "SIGKILL"): Promise<void> {
    this.#child.kill(signal);
    await this.#ended;
  }
}
