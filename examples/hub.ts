// A hub: what all clients of a server share, whichever thread serves them. If one
// thread serves, it has the hub. If several serve, the main thread has it, which
// has no connections that could take it down; events of clients travel there, and
// commands to the threads travel back, in batches.

import {
  type Asker,
  AskOutcomeUnknownError,
  type DispatchContext,
  logError,
  type ReactorThreads,
  RuntimeStoppedError,
  type ThreadId,
  WorkerExitedError,
} from "../mod.ts";
import { isOneOfSeveral, type ServingThread, type Shared } from "./serve.ts";

/** Something that a client has done. Its thread gave it the number `client`. */
export interface ClientEvent {
  readonly type: string;
  readonly client: number;
}

/** The last event of a client: its connection is gone, or its thread. */
export interface Gone extends ClientEvent {
  readonly type: "gone";
}

/** The command to close the connection of a client, because of `error` if there is one. */
export interface Close {
  readonly type: "close";
  readonly client: number;
  readonly error?: string | undefined;
}

/** Why a connection is to be closed, as an error. */
export function reasonOf({ error }: Close): Error | undefined {
  return error === undefined ? undefined : new Error(error);
}

/** Gets the events of all clients, and commands the threads that serve them. */
export interface Hub<Event extends ClientEvent, Command> {
  /** A client of `thread` is the cause of `event`. If this throws, the client loses its connection. */
  onEvent(event: Event | Gone, thread: Channel<Command | Close>): void;
}

/** Carries items to one receiver, in order. */
export interface Channel<Item> {
  /** Whoever causes more items has to wait. */
  readonly isFull: boolean;
  /** Resolves when it is no longer full, or has ended. */
  whenRoom(): Promise<void>;
  /** `bytes` is the size of what is large in `item`. */
  send(item: Item, bytes?: number): void;
}

/** Reads nothing more from `ctx` until there is room in `channel`. */
export async function pauseUntilRoom(
  ctx: DispatchContext<never>,
  channel: Channel<never>,
): Promise<void> {
  ctx.pauseReading();
  await channel.whenRoom();
  ctx.resumeReading();
}

/** Carries events of `thread` to the hub, whose commands `execute` carries out; `make` makes the hub if this is the only thread. */
export function channelToHub<Event extends ClientEvent, Command>(
  thread: ServingThread,
  execute: (command: Command | Close) => void,
  make: () => Hub<Event, Command>,
): Channel<Event | Gone> {
  if (isOneOfSeveral(thread)) return channelToMain(thread);
  const hub = make();
  const back = directChannel(execute);
  return directChannel((event) => hub.onEvent(event, back));
}

/** The `hub` of all threads, for the main thread. It asks each for its service `"execute"`, which takes an array of commands. */
export function shareHub<Event extends ClientEvent, Command>(
  hub: Hub<Event, Command>,
): Shared {
  const threads = new Map<ThreadId, HubThread<Event, Command>>();
  const fullChannel = () =>
    Array.from(threads.values(), ({ channel }) => channel)
      .find((channel) => channel.isFull);
  return {
    services: {
      hub: ({ ask }: ReactorThreads) => ({
        /** Answers when the thread is gone; fails with what a command to it failed with. */
        async join(_: undefined, { thread, signal }: Asker): Promise<void> {
          if (signal.aborted) return;
          const channel = new ThreadChannel<Command | Close>((commands) =>
            ask(thread, "execute", commands, UNLIMITED)
          );
          const joined = new HubThread(hub, channel);
          threads.set(thread, joined);
          signal.addEventListener("abort", () => channel.end());
          try {
            await channel.whenEnded;
          } finally {
            threads.delete(thread);
            joined.loseClients();
          }
        },

        /** Answers when all events are taken. A thread that is behind with commands delays that, so that no more is commanded than is executed. */
        async take(
          events: readonly (Event | Gone)[],
          { thread }: Asker,
        ): Promise<void> {
          const from = threads.get(thread);
          for (const event of events) {
            for (let full; (full = fullChannel());) await full.whenRoom();
            if (from === undefined || from.channel.isEnded) return;
            from.onEvent(event);
          }
        },
      }),
    },
  };
}

/** Carries events of one of several threads to the hub. If that thread cannot execute a command, nobody handles `whenEnded`: that ends the thread, and no other. */
export function channelToMain<Event>(
  { ask }: Pick<ReactorThreads, "ask">,
): Channel<Event> {
  const channel = new ThreadChannel<Event>((events) =>
    ask("main", "hub.take", events, UNLIMITED)
  );
  ask("main", "hub.join", undefined, UNLIMITED)
    .catch((error) => channel.end(error));
  return channel;
}

function directChannel<Item>(take: (item: Item) => void): Channel<Item> {
  return { isFull: false, whenRoom: () => Promise.resolve(), send: take };
}

/** One of several threads, as the hub has it. */
class HubThread<Event extends ClientEvent, Command> {
  readonly channel: ThreadChannel<Command | Close>;
  readonly #hub: Hub<Event, Command>;
  /** Clients that the hub has heard of. */
  readonly #clients = new Set<number>();
  /** Those that it has failed: it hears of them only that they are gone. */
  readonly #failed = new Set<number>();

  constructor(
    hub: Hub<Event, Command>,
    channel: ThreadChannel<Command | Close>,
  ) {
    this.#hub = hub;
    this.channel = channel;
  }

  onEvent(event: Event | Gone): void {
    const { client, type } = event;
    if (type === "gone") {
      this.#clients.delete(client);
      this.#failed.delete(client);
    } else if (this.#failed.has(client)) return;
    else this.#clients.add(client);
    try {
      this.#hub.onEvent(event, this.channel);
    } catch (error) {
      logError(`the hub failed to take "${type}" of a client:`, error);
      if (type !== "gone") this.#fail(client);
    }
  }

  /** The thread is gone, and so are its clients. */
  loseClients(): void {
    for (const client of [...this.#clients]) {
      this.onEvent({ type: "gone", client });
    }
  }

  #fail(client: number): void {
    this.#failed.add(client);
    this.channel.send({ type: "close", client, error: "the hub failed" });
  }
}

/** No time limit: a thread may be busy, as long as it is there. */
const UNLIMITED = { timeoutMs: 0 };
/** As much is on its way at most, but for what one item causes. */
const HIGH_WATER_MARK = 2 ** 20;
/** What an item has beside what is large in it. */
const ITEM_BYTES = 64;

/** Carries items to another thread, until that ends: what one read causes goes at once, and what comes while the other thread is busy goes together. */
class ThreadChannel<Item> implements Channel<Item> {
  /** Resolves when the other thread is gone; rejects with what it has thrown. */
  readonly whenEnded: Promise<void>;
  readonly #deliver: (items: readonly Item[]) => Promise<unknown>;
  #waiting: Item[] = [];
  #waitingBytes = 0;
  /** Of what waits, and of what is not taken yet. */
  #bytes = 0;
  #isBusy = false;
  #isEnded = false;
  #room: Promise<void> | undefined = undefined;
  #resolveRoom: () => void = () => {};
  #resolveEnded: () => void = () => {};
  #rejectEnded: (error: unknown) => void = () => {};

  /** `deliver` hands over items, and resolves when they are taken. */
  constructor(deliver: (items: readonly Item[]) => Promise<unknown>) {
    this.#deliver = deliver;
    this.whenEnded = new Promise((resolve, reject) => {
      this.#resolveEnded = resolve;
      this.#rejectEnded = reject;
    });
  }

  get isFull(): boolean {
    return this.#bytes > HIGH_WATER_MARK;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  whenRoom(): Promise<void> {
    if (!this.isFull) return Promise.resolve();
    return this.#room ??= new Promise((resolve) => this.#resolveRoom = resolve);
  }

  send(item: Item, bytes = 0): void {
    if (this.#isEnded) return;
    this.#waiting.push(item);
    this.#waitingBytes += ITEM_BYTES + bytes;
    this.#bytes += ITEM_BYTES + bytes;
    if (!this.#isBusy) void this.#run();
  }

  /** The other thread is gone; or it has failed with `error`. */
  end(error?: unknown): void {
    this.#isEnded = true;
    this.#waiting = [];
    this.#release(this.#bytes);
    if (error === undefined || isThreadEnd(error)) this.#resolveEnded();
    else this.#rejectEnded(error);
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
      if (!this.#isEnded) this.#release(bytes);
    }
    this.#isBusy = false;
  }

  #release(bytes: number): void {
    this.#bytes -= bytes;
    if (this.isFull) return;
    this.#room = undefined;
    this.#resolveRoom();
  }
}

function isThreadEnd(error: unknown): boolean {
  return error instanceof AskOutcomeUnknownError ||
    error instanceof WorkerExitedError || error instanceof RuntimeStoppedError;
}
