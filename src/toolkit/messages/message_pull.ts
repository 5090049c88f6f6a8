import { Fifo } from "../../util/fifo.ts";

/** What messages come from: a connection, which can be given credit for some. */
export interface Reading {
  pauseReading(): void;
  read(messageCount: number): void;
}

/** Who asks for a message: a loop, which takes whatever comes; a stream, which is to be carried to its end; or what waits for one message. */
export type PullKind = "loop" | "stream" | "once";

interface Puller<Received> {
  readonly asking: PullKind;
  /** Tells it from others, if it may give up. */
  readonly asker: object | undefined;
  resolve(result: IteratorResult<Received, undefined>): void;
  reject(reason: Error): void;
}

/** Hands messages to those who ask for them, in the order in which they ask; while nobody does, nothing is read. */
export class MessagePull<Received> {
  readonly #reading: Reading;
  readonly #pullers = new Fifo<Puller<Received>>();
  #isOver = false;
  /** Who is refused, and with what, though messages may come. */
  #refused: readonly PullKind[] = [];
  #reason: Error | undefined = undefined;

  /** Of what is `reading` from now on. */
  constructor(reading: Reading) {
    this.#reading = reading;
    reading.pauseReading();
  }

  /** No more messages come. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Somebody waits for a message. */
  get isAwaited(): boolean {
    return this.#pullers.size > 0;
  }

  /** Why whoever asks is refused. */
  get reason(): Error | undefined {
    return this.#reason;
  }

  /** Resolves to the next message, or to the end; rejects if there was a reason for that. */
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

  /** A message has come: somebody has asked for it. */
  deliver(value: Received): void {
    this.#pullers.shift().resolve({ done: false, value });
  }

  /** `asker` waits no longer, for `reason`; what it would have got is for who asks next. */
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

  /** Refuses those who ask `now`, and from now on those who ask `later`, for `reason`. */
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

  /** Rejects those that wait and `isRefused`, and wants no messages for them any more. */
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
