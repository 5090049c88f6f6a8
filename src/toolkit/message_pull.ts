import { Fifo } from "../util/fifo.ts";

/** What messages come from: a connection, which can be given credit for some. */
export interface Reading {
  pauseReading(): void;
  read(messageCount: number): void;
}

interface Puller<Received> {
  resolve(result: IteratorResult<Received, undefined>): void;
  reject(reason: Error): void;
}

/** Hands messages to those who ask for them, in the order in which they ask; while nobody does, nothing is read. */
export class MessagePull<Received> {
  readonly #reading: Reading;
  readonly #pullers = new Fifo<Puller<Received>>();
  #isOver = false;
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

  /** Resolves to the next message, or to the end; rejects if there was a reason for that. */
  pull(): Promise<IteratorResult<Received, undefined>> {
    if (this.#isOver) return this.#end();
    return new Promise((resolve, reject) => {
      this.#pullers.push({ resolve, reject });
      this.#reading.read(1);
    });
  }

  /** A message has come: somebody has asked for it. */
  deliver(value: Received): void {
    this.#pullers.shift().resolve({ done: false, value });
  }

  /** No more messages come, because of `reason` if there is one. Once only. */
  finish(reason: Error | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#reason = reason;
    this.#reading.pauseReading();
    while (this.#pullers.size > 0) {
      const { resolve, reject } = this.#pullers.shift();
      if (reason === undefined) resolve({ done: true, value: undefined });
      else reject(reason);
    }
  }

  #end(): Promise<IteratorResult<Received, undefined>> {
    return this.#reason === undefined
      ? Promise.resolve({ done: true, value: undefined })
      : Promise.reject(this.#reason);
  }
}
