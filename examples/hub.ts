// A hub: what all threads of a server share. If one thread serves, it has the
// hub. If several serve, the main thread has it, which has no connections that
// could take it down; what it is told, and what it orders, travels in batches.

import {
  type Asker,
  AskOutcomeUnknownError,
  type DispatchContext,
  type ReactorThreads,
  RuntimeStoppedError,
  type ThreadId,
  WorkerExitedError,
} from "../mod.ts";
import { isOneOfSeveral, type ServingThread, type Shared } from "./serve.ts";

/** What hears from all threads, and gives them orders. */
export interface Hub<Told, Order> {
  /** A thread tells something, which it gets orders for by `way`. */
  take(told: Told, way: Way<Order>): void;
  /** The thread at the other end of `way` is gone without a word. */
  lose(way: Way<Order>): void;
}

/** Where items go, in order. */
export interface Way<Item> {
  /** Whoever is the cause of more is to wait. */
  readonly isFull: boolean;
  /** Resolves when it is not full, or leads nowhere any more. */
  whenRoom(): Promise<void>;
  /** `bytes` is what is large in `item`. */
  send(item: Item, bytes?: number): void;
}

/** Takes no more messages of `ctx` before there is room on `way`. */
export async function holdUp(
  ctx: DispatchContext<never>,
  way: Way<never>,
): Promise<void> {
  ctx.pauseReading();
  await way.whenRoom();
  ctx.resumeReading();
}

/** The way from `thread` to its hub, whose orders `obey` carries out; `make` makes the hub if this is the only thread. */
export function wayToHub<Told, Order>(
  thread: ServingThread,
  obey: (order: Order) => void,
  make: () => Hub<Told, Order>,
): Way<Told> {
  if (isOneOfSeveral(thread)) return wayToMain(thread);
  const hub = make();
  const back = directWay(obey);
  return directWay((told) => hub.take(told, back));
}

/** The `hub` of all threads, for the main thread. It asks each for its service `"obey"`, which takes an array of orders. */
export function shareHub<Told, Order>(hub: Hub<Told, Order>): Shared {
  const ways = new Map<ThreadId, LongWay<Order>>();
  const wayWithoutRoom = () => [...ways.values()].find((way) => way.isFull);
  return {
    services: {
      hub: (threads: ReactorThreads) => ({
        /** Answers when the thread is gone; fails by what an order to it failed by. */
        async join(_: undefined, { thread, signal }: Asker): Promise<void> {
          if (signal.aborted) return;
          const way = new LongWay<Order>((orders) =>
            threads.ask(thread, "obey", orders, PATIENT)
          );
          ways.set(thread, way);
          signal.addEventListener("abort", () => way.end());
          try {
            await way.whenOver;
          } finally {
            ways.delete(thread);
            hub.lose(way);
          }
        },

        /** Answers when all is taken, which a thread that is busy delays: so nobody tells more than all can be told. */
        async take(all: readonly Told[], { thread }: Asker): Promise<void> {
          const way = ways.get(thread);
          for (const told of all) {
            for (let full; (full = wayWithoutRoom());) await full.whenRoom();
            if (way === undefined || way.isOver) return;
            hub.take(told, way);
          }
        },
      }),
    },
  };
}

/** The way from one of several threads to the hub. If one of them cannot do its part, nobody handles `whenOver`: that ends the thread, and no other. */
export function wayToMain<Told>(
  { ask }: Pick<ReactorThreads, "ask">,
): Way<Told> {
  const way = new LongWay<Told>((all) => ask("main", "hub.take", all, PATIENT));
  ask("main", "hub.join", undefined, PATIENT).catch((error) => way.end(error));
  return way;
}

function directWay<Item>(take: (item: Item) => void): Way<Item> {
  return { isFull: false, whenRoom: () => Promise.resolve(), send: take };
}

/** A thread may be busy, as long as it is there. */
const PATIENT = { timeoutMs: 0 };
/** So much is on its way at most, but for what one item causes. */
const MOST_BYTES = 2 ** 20;
/** What an item has beside what is large in it. */
const ITEM_BYTES = 64;

/** The way to another thread, until that ends: what one read causes goes at once, and what comes while the other thread is busy goes together. */
class LongWay<Item> implements Way<Item> {
  /** Resolves when the other thread is gone; rejects by what it has thrown. */
  readonly whenOver: Promise<void>;
  readonly #deliver: (items: readonly Item[]) => Promise<unknown>;
  #waiting: Item[] = [];
  #waitingBytes = 0;
  /** Of what waits, and of what is not taken yet. */
  #bytes = 0;
  #isBusy = false;
  #isOver = false;
  #room: Promise<void> | undefined = undefined;
  #tellRoom: () => void = () => {};
  #tellOver: () => void = () => {};
  #tellFailure: (error: unknown) => void = () => {};

  /** `deliver` hands over items, and resolves when they are taken. */
  constructor(deliver: (items: readonly Item[]) => Promise<unknown>) {
    this.#deliver = deliver;
    this.whenOver = new Promise((resolve, reject) => {
      this.#tellOver = resolve;
      this.#tellFailure = reject;
    });
  }

  get isFull(): boolean {
    return this.#bytes > MOST_BYTES;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  whenRoom(): Promise<void> {
    if (!this.isFull) return Promise.resolve();
    return this.#room ??= new Promise((resolve) => this.#tellRoom = resolve);
  }

  send(item: Item, bytes = 0): void {
    if (this.#isOver) return;
    this.#waiting.push(item);
    this.#waitingBytes += ITEM_BYTES + bytes;
    this.#bytes += ITEM_BYTES + bytes;
    if (!this.#isBusy) void this.#run();
  }

  /** The other thread is gone; or it has failed, by `error`. */
  end(error?: unknown): void {
    this.#isOver = true;
    this.#waiting = [];
    this.#taken(this.#bytes);
    if (error === undefined || isEnd(error)) this.#tellOver();
    else this.#tellFailure(error);
  }

  async #run(): Promise<void> {
    this.#isBusy = true;
    await undefined; // the same read may cause more
    while (this.#waiting.length > 0) {
      const [items, bytes] = [this.#waiting, this.#waitingBytes];
      this.#waiting = [];
      this.#waitingBytes = 0;
      try {
        await this.#deliver(items);
      } catch (error) {
        return this.end(error);
      }
      if (!this.#isOver) this.#taken(bytes);
    }
    this.#isBusy = false;
  }

  #taken(bytes: number): void {
    this.#bytes -= bytes;
    if (this.isFull) return;
    this.#room = undefined;
    this.#tellRoom();
  }
}

function isEnd(error: unknown): boolean {
  return error instanceof AskOutcomeUnknownError ||
    error instanceof WorkerExitedError || error instanceof RuntimeStoppedError;
}
