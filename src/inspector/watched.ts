import type { ScheduledCall } from "../api/scheduled_call.ts";
import { best } from "./view/best.ts";
import { comparing, type ThreadRow } from "./view/connection_row.ts";
import type { ConnectionQuery } from "./view/query.ts";
import type {
  ClosedRow,
  Overview,
  ViewAnswers,
  ViewQuestion,
} from "./view/question.ts";

/** One thread that is inspected. */
export interface WatchedThread {
  /** Its name: "0", "1", … */
  readonly name: string;
  /** Asks it; rejects if it does not answer. */
  ask<Asked extends ViewQuestion>(
    question: Asked,
  ): Promise<ViewAnswers[Asked["kind"]]>;
}

/** Milliseconds that a thread may take to answer. */
const PATIENCE_MS = 2000;

/** The most questions that wait for a thread that does not answer. */
const MOST_WAITING = 16;

/** Calls back when `delayMs` are over. */
type After = (delayMs: number, callback: () => void) => ScheduledCall;

/** Asks all threads, and combines their answers. A thread that does not answer is left out. */
export class Watched {
  readonly #threads: () => readonly WatchedThread[];
  readonly #after: After;
  /** How many questions wait, by thread. */
  readonly #waiting = new Map<string, number>();

  /** `threads` returns the current threads. */
  constructor(threads: () => readonly WatchedThread[], after: After) {
    this.#threads = threads;
    this.#after = after;
  }

  /** The answer of `thread`; undefined if there is no such thread, or it does not answer. */
  async ask<Asked extends ViewQuestion>(
    thread: string,
    question: Asked,
  ): Promise<ViewAnswers[Asked["kind"]] | undefined> {
    const found = this.#threads().find(({ name }) => name === thread);
    return found && await this.#ask(found, question);
  }

  /** The overviews of all threads that answer, and the names of those that do not. */
  async overviews(): Promise<{
    readonly threads: readonly (Overview & { readonly thread: string })[];
    readonly silent: readonly string[];
  }> {
    const threads = await this.#all({ kind: "overview" });
    const answered = new Set(threads.map(({ thread }) => thread));
    const silent = this.#threads().map(({ name }) => name)
      .filter((name) => !answered.has(name));
    return { threads, silent };
  }

  async connections(query: ConnectionQuery): Promise<{
    readonly total: number;
    readonly matched: number;
    readonly rows: readonly ThreadRow[];
  }> {
    const answers = await this.#all({ kind: "connections", query });
    const { sort, isDescending, offset, limit } = query;
    const rows = answers.flatMap(({ thread, rows }) =>
      rows.map((row) => ({ thread, ...row }))
    );
    const order = comparing(sort, isDescending);
    return {
      total: totalOf(answers.map(({ total }) => total)),
      matched: totalOf(answers.map(({ matched }) => matched)),
      rows: best(rows, offset + limit, order).slice(offset),
    };
  }

  async closed(limit: number): Promise<{
    readonly rows: readonly (ClosedRow & { readonly thread: string })[];
    readonly reasons: Readonly<Record<string, number>>;
  }> {
    const answers = await this.#all({ kind: "closed", limit });
    const rows = answers.flatMap(({ thread, rows }) =>
      rows.map((row) => ({ thread, ...row }))
    );
    const reasons = new Map<string, number>();
    for (
      const [name, count] of answers.flatMap(({ reasons }) =>
        Object.entries(reasons)
      )
    ) {
      reasons.set(name, (reasons.get(name) ?? 0) + count);
    }
    return {
      rows: best(rows, limit, (a, b) => a.agoMs - b.agoMs),
      reasons: Object.fromEntries(reasons),
    };
  }

  /** The answers of the threads that answer, with their names. */
  async #all<Asked extends ViewQuestion>(
    question: Asked,
  ): Promise<(ViewAnswers[Asked["kind"]] & { readonly thread: string })[]> {
    const answers = await Promise.all(
      this.#threads().map(async (thread) => {
        const answer = await this.#ask(thread, question);
        return answer && { ...answer, thread: thread.name };
      }),
    );
    return answers.filter((answer) => answer !== undefined);
  }

  /** The answer of `thread`; undefined if it does not answer. */
  async #ask<Asked extends ViewQuestion>(
    thread: WatchedThread,
    question: Asked,
  ): Promise<ViewAnswers[Asked["kind"]] | undefined> {
    const { name } = thread;
    const waiting = this.#waiting.get(name) ?? 0;
    if (waiting >= MOST_WAITING) return undefined;
    this.#waiting.set(name, waiting + 1);
    const answer = thread.ask(question).catch(() => undefined)
      .finally(() =>
        this.#waiting.set(name, this.#waiting.get(name) as number - 1)
      );
    let overdue: ScheduledCall | undefined;
    const late = new Promise<undefined>((resolve) => {
      overdue = this.#after(PATIENCE_MS, () => resolve(undefined));
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      overdue?.cancel();
    }
  }
}

function totalOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
