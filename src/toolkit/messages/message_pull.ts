import { Fifo } from "../../util/fifo.ts";

/** Where messages come from: a connection that can be given credit. */
export interface Reading {
  pauseReading(): void;
  read(messageCount: number): void;
}

/** The kinds of callers that ask for a message: a loop, which takes whatever comes; a stream, which must reach its end; or a call that waits for one message. */
export type PullKind = "loop" | "stream" | "once";

interface Puller<Received> {
  readonly asking: PullKind;
  /** Identifies the caller, if it may give up. */
  readonly asker: object | undefined;
  resolve(result: IteratorResult<Received, undefined>): void;
  reject(reason: Error): void;
}

/** Hands messages to callers in the order of their calls; while none waits, nothing is read. */
export class MessagePull<Received> {
  readonly #reading: Reading;
  readonly #pullers = new Fifo<Puller<Received>>();
  #isOver = false;
  /** The kinds of callers that are refused although messages may come. */
  #refused: readonly PullKind[] = [];
  #reason: Error | undefined = undefined;

  /** Pulls messages from `reading`. */
  constructor(reading: Reading) {
    this.#reading = reading;
    reading.pauseReading();
  }

  /** True if no more messages will come. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Somebody waits for a message. */
  get isAwaited(): boolean {
    return this.#pullers.size > 0;
  }

  /** Why callers are refused. */
  get reason(): Error | undefined {
    return this.#reason;
  }

  /** Resolves to the next message, or to the end of the messages; rejects if that has a reason. */
  pull(
    asking: PullKind,
    asker?: object,
  ): Promise<IteratorResult<Received, undefined>> {
    return new Promise((resolve, reject) => {
      const puller = { asking, asker, resolve, reject };
      if (this.#isOver || this.#refused.includes(asking)) {
        return settle(puller, this.#reason);
      }
      this.#pullers.push(puller);
      this.#reading.read(1);
    });
  }

  /** A message has come that a caller waits for. */
  deliver(value: Received): void {
    this.#pullers.shift().resolve({ done: false, value });
  }

  /** `asker` gives up, for `reason`; its message goes to the next caller. */
  giveUp(asker: object, reason: Error): void {
    this.#reject((puller) => puller.asker === asker, reason);
  }

  /** No more messages come, because of `reason` if there is one. The first time counts. */
  finish(reason: Error | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#reason = reason;
    this.#reading.pauseReading();
    for (const puller of this.#pullers.takeAll(() => true)) {
      settle(puller, reason);
    }
  }

  /** Refuses, for `reason`, waiting callers of the kinds `now`, and future ones of the kinds `later`. */
  refuse(
    now: readonly PullKind[],
    later: readonly PullKind[],
    reason: Error,
  ): void {
    if (this.#isOver) return;
    this.#refused = later;
    this.#reason = reason;
    this.#reject(({ asking }) => now.includes(asking), reason);
  }

  /** Rejects the waiting callers that `isRefused` selects, and takes back their credit. */
  #reject(
    isRefused: (puller: Puller<Received>) => boolean,
    reason: Error,
  ): void {
    const refused = this.#pullers.takeAll(isRefused);
    if (refused.length === 0) return;
    this.#reading.pauseReading();
    if (this.#pullers.size > 0) this.#reading.read(this.#pullers.size);
    for (const { reject } of refused) reject(reason);
  }
}

function settle<Received>(
  { resolve, reject }: Puller<Received>,
  reason: Error | undefined,
): void {
  if (reason === undefined) resolve({ done: true, value: undefined });
  else reject(reason);
}
