import process from "node:process";
import type { Top } from "./command_line.ts";
import { type Answer, InspectorClient } from "./inspector_client.ts";
import { ORDERS, screen } from "./screen.ts";
import { forTerminal } from "./text.ts";

const PERIOD_MS = 1000;

/** How many connections to show if there is no terminal. */
const ROWS_WITHOUT_SCREEN = 20;

const ESC = "\x1b[";
/** Enter and leave the alternate screen, where the cursor is hidden. */
const ENTER = `${ESC}?1049h${ESC}?25l`;
const LEAVE = `${ESC}?25h${ESC}?1049l`;

/** Shows an inspector's data until `q` or Ctrl-C; resolves to the exit code. */
export async function top({ url, token, isOnce }: Top): Promise<number> {
  const client = new InspectorClient(url, token);
  const { stdin, stdout } = process;
  try {
    return isOnce || !stdout.isTTY
      ? await showOnce(client)
      : await new LiveScreen(client).run();
  } catch (error) {
    const { message, cause } = error as Error;
    const why = cause instanceof Error
      ? `${message}: ${cause.message}`
      : message;
    console.error(forTerminal(`Cannot show ${url}: ${why}`));
    return 1;
  } finally {
    if (stdin.isTTY) stdin.setRawMode(false);
    stdin.pause();
  }
}

async function showOnce(client: InspectorClient): Promise<number> {
  const before = await client.ask("in", ROWS_WITHOUT_SCREEN);
  await pause(PERIOD_MS);
  const answer = await client.ask("in", ROWS_WITHOUT_SCREEN);
  const shown = { answer, before, spanMs: PERIOD_MS, sort: "in" };
  const lines = screen({ ...shown, isPaused: false }, Infinity, Infinity);
  console.log(lines.join("\n"));
  return 0;
}

/** A screen that is redrawn every second and when a key is pressed. */
class LiveScreen {
  readonly #client: InspectorClient;
  #answer: Answer | undefined = undefined;
  #before: Answer | undefined = undefined;
  #askedAt = 0;
  #spanMs = 0;
  /**
   * The order of the current answer, and the index of the order to ask for
   * next.
   */
  #sort = ORDERS[0];
  #order = 0;
  #isPaused = false;
  readonly #quit = new AbortController();
  #wake: () => void = () => {};

  constructor(client: InspectorClient) {
    this.#client = client;
  }

  async run(): Promise<number> {
    const { stdin, stdout } = process;
    const { signal } = this.#quit;
    if (stdin.isTTY) stdin.setRawMode(true);
    stdin.on("data", (keys) => this.#onKeys(String(keys)));
    stdout.on("resize", () => this.#draw());
    process.once("SIGTERM", () => this.#end());
    process.once("SIGINT", () => this.#end());
    stdout.write(ENTER);
    try {
      while (!signal.aborted) {
        if (!this.#isPaused) await this.#ask();
        this.#draw();
        await this.#rest();
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      stdout.write(LEAVE);
    }
    return 0;
  }

  async #ask(): Promise<void> {
    const sort = ORDERS[this.#order];
    const answer = await this.#client.ask(
      sort,
      screenSize(process.stdout).rows,
      this.#quit.signal,
    );
    const now = performance.now();
    this.#before = this.#answer;
    this.#spanMs = now - this.#askedAt;
    this.#answer = answer;
    this.#sort = sort;
    this.#askedAt = now;
  }

  #draw(): void {
    if (this.#answer === undefined || this.#quit.signal.aborted) return;
    const { columns, rows } = screenSize(process.stdout);
    const lines = screen(
      {
        answer: this.#answer,
        before: this.#before,
        spanMs: this.#spanMs,
        sort: this.#sort,
        isPaused: this.#isPaused,
      },
      columns,
      rows,
    );
    process.stdout.write(`${ESC}H${ESC}2J${lines.join("\r\n")}`);
  }

  #onKeys(keys: string): void {
    for (const key of keys) {
      if (key === "q" || key === "\x03") this.#end();
      if (key === "s") this.#order = (this.#order + 1) % ORDERS.length;
      if (key === "p") this.#isPaused = !this.#isPaused;
    }
    this.#wake();
  }

  /** Resolves after the period, or when a key is pressed. */
  #rest(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, PERIOD_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #end(): void {
    this.#quit.abort();
    this.#wake();
  }
}

/**
 * Returns the size of a terminal. A serial line or a container may report 0,
 * because its size is unknown.
 */
export function screenSize(
  { columns, rows }: { readonly columns: number; readonly rows: number },
): { columns: number; rows: number } {
  return { columns: columns || 80, rows: rows || 24 };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
