import type { Asker, ReactorThreads, ThreadId } from "../../mod.ts";
import { transfer } from "../../src/threads/transfer.ts";
import { block } from "../support/block.ts";

/** Counts, and knows how often it was made. */
class Counter {
  #count = 0;

  add(by: number, from: Asker): { count: number; from: ThreadId } {
    this.#count += by;
    return { count: this.#count, from: from.thread };
  }

  /** Counts to `next` if that is the next number; returns the count. */
  addNext(next: number): number {
    if (next === this.#count + 1) this.#count = next;
    return this.#count;
  }

  get notAFunction(): number {
    return this.#count;
  }
}

/** Questions that stay unanswered until a test says so. */
class Waiting {
  readonly #answers: (() => void)[] = [];
  #abortedCount = 0;

  start(_param: undefined, { signal }: Asker): Promise<string> {
    signal.addEventListener("abort", () => this.#abortedCount++);
    return new Promise((resolve) =>
      this.#answers.push(() => resolve("answered"))
    );
  }

  /** How many questions were withdrawn. */
  abortedCount(): number {
    return this.#abortedCount;
  }

  /** Answers all questions; returns how many there were, and how many of them were withdrawn. */
  answerAll(): { count: number; aborted: number } {
    const answers = this.#answers.splice(0);
    for (const answer of answers) answer();
    return { count: answers.length, aborted: this.#abortedCount };
  }
}

/** Starts messages that are done only when a test says so. */
class Holding {
  #count = 0;
  #release: () => void = () => {};
  #released = this.#next();

  hold(): Promise<void> {
    this.#count++;
    return this.#released;
  }

  /** Returns how many were started. */
  release(): number {
    this.#release();
    this.#released = this.#next();
    const count = this.#count;
    this.#count = 0;
    return count;
  }

  #next(): Promise<void> {
    return new Promise((resolve) => this.#release = resolve);
  }
}

/** The messages it has received, each with its sender and the number of items at that time. */
class Heard {
  readonly #all: { what: unknown; from: ThreadId; items: number }[] = [];

  hear(what: unknown, from: Asker): void {
    this.#all.push({ what, from: from.thread, items: noted.count });
  }

  hearLater(what: unknown, from: Asker): Promise<void> {
    return Promise.resolve().then(() => this.hear(what, from));
  }

  takeAll(): { what: unknown; from: ThreadId; items: number }[] {
    return this.#all.splice(0);
  }
}

/** A frame, and a view of a part of it. */
interface Frame {
  readonly view: Uint8Array;
  readonly frame: Uint8Array<ArrayBuffer>;
}

/** Makes frames, and transfers them. */
class Frames {
  #last: Frame = this.#new(0);

  hand(size: number): Frame {
    const { frame } = this.#last = this.#new(size);
    return transfer(this.#last, [frame.buffer]);
  }

  async handLater(size: number): Promise<Frame> {
    await null;
    return this.hand(size);
  }

  /** Transfers the last frame again. */
  handAgain(): Frame {
    return this.#last;
  }

  /** Transfers a buffer that the answer does not contain. */
  handOther(size: number): { readonly size: number } {
    const { frame } = this.#last = this.#new(size);
    return transfer({ size }, [frame.buffer]);
  }

  /** Transfers a frame in a value that cannot be copied. */
  handWithFunction(size: number): unknown {
    const { frame } = this.#last = this.#new(size);
    return transfer([frame, () => {}], [frame.buffer]);
  }

  /** Lists something that cannot be transferred after something that can. */
  list(what: "gone" | "shared" | "twice" | "view" | "none" | "frozen"): Frame {
    const { frame } = this.#last = this.#new(8);
    const lists: Record<typeof what, unknown> = {
      gone: [frame.buffer, structuredClone(frame.buffer)],
      shared: [frame.buffer, new SharedArrayBuffer(8)],
      twice: [frame.buffer, frame.buffer],
      view: [frame.buffer, frame],
      none: frame.buffer,
      frozen: [frame.buffer],
    };
    if (what === "gone") {
      const [, gone] = lists.gone as ArrayBuffer[];
      structuredClone(gone, { transfer: [gone] });
    }
    const value = what === "frozen" ? Object.freeze(this.#last) : this.#last;
    return transfer(value, lists[what] as ArrayBuffer[]);
  }

  /** How many bytes it still has of the last frame. */
  left(): number {
    return this.#last.frame.length;
  }

  #new(size: number): Frame {
    const frame = new Uint8Array(size).fill(9);
    return { view: frame.subarray(10, 30), frame };
  }
}

/** How many items the agents of this thread have. */
export const noted: { count: number; last: unknown } = {
  count: 0,
  last: undefined,
};

let brokenCount = 0;

/** The services of all threads of these tests, including the main thread. */
export const services = {
  counter: () => new Counter(),
  waiting: () => new Waiting(),
  heard: () => new Heard(),
  holding: () => new Holding(),
  frames: () => new Frames(),
  /** Counts in shared memory. */
  count: () => (shared: Int32Array) => void Atomics.add(shared, 0, 1),
  echo: () => (param: unknown, from: Asker) => ({
    param,
    from: from.thread,
  }),
  noted: () => () => noted.count,
  /** Describes the last item, which has a frame and a view of it. */
  lastFrame: () => () => {
    const { view, frame } = noted.last as Record<"view" | "frame", Uint8Array>;
    const isOne = view.buffer === frame.buffer;
    return [view.byteOffset, view.length, frame.length, frame.at(-1), isOne];
  },
  /** Marks shared memory, which a thread that is blocked can see. */
  marks: () => (memory: Int32Array) => void Atomics.store(memory, 0, 1),
  double: () => (param: number) => Promise.resolve(2 * param),
  /** Asks the first of these threads to ask the second, and so on; resolves to how many there were. */
  chain:
    (thread: ReactorThreads) => async (path: ThreadId[]): Promise<number> => {
      const [next, ...rest] = path;
      if (next === undefined) return 0;
      return 1 + await thread.ask<number>(next, "chain", rest);
    },
  fails: () => ({
    throws() {
      throw new RangeError("thrown", { cause: new TypeError("the cause") });
    },
    rejects: () => Promise.reject(new SyntaxError("rejected")),
    throwsText() {
      throw "text";
    },
    throwsNothing() {
      throw undefined;
    },
    returnsFunction: () => () => {},
    returnsGetter: () => ({
      get bad() {
        throw new Error("a getter");
      },
    }),
    returnsMapOfFunctions: () => new Map([[1, () => {}]]),
  }),
  /** Its factory fails the first time. */
  broken: () => {
    brokenCount++;
    if (brokenCount === 1) throw new RangeError("the factory does not work");
    return () => brokenCount;
  },
  notAService: () => 5 as unknown as object,
  promised: () => Promise.resolve(() => {}),
  block: () => block,
  crash: () => () =>
    void setTimeout(() => {
      throw new RangeError("crashed");
    }, 1),
  end: () => () => {
    const { process } = globalThis as unknown as {
      process: { exit(code: number): void };
    };
    process.exit(3);
  },
};
