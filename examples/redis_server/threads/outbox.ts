import {
  logWarn,
  type ReactorID,
  type ReactorThreads,
  type ThreadCmdSender,
} from "../../../mod.ts";
import { HIGH_WATER_MARK } from "../limits.ts";
import type { Chunk } from "./chunk.ts";

/** A message, and the reactors of the clients that get it. */
export type Push = readonly [ids: ReactorID[], chunk: Chunk];

/** Bytes that are counted for each subscriber of a message. */
const ID_SIZE = 16;

/** Bytes that are counted for each message besides its own. */
const PUSH_SIZE = 256;

/** What the main thread sends to one other thread, in order. */
export class Outbox {
  readonly #threads: ReactorThreads;
  readonly #sender: ThreadCmdSender;
  #pushes: Push[] = [];
  #pushedSize = 0;
  /** Bytes of messages that the thread has not acknowledged. */
  #unacknowledgedSize = 0;
  #onKeepingUp: (() => void)[] = [];

  constructor(threads: ReactorThreads, runtimeId: number) {
    this.#threads = threads;
    this.#sender = threads.getCmdSender(runtimeId);
  }

  /** Sends a reply. For a long one, returns a promise that resolves when it is out, or its client is gone. */
  reply(id: ReactorID, chunk: Chunk): Promise<void> | undefined {
    if (chunk.length < HIGH_WATER_MARK) {
      this.push(id, chunk);
      return undefined;
    }
    this.flush();
    return new Promise((resolve) =>
      this.#sender.sendUserCmd(id, chunk, { completion: () => resolve() })
    );
  }

  /** Sends a message to a subscriber at the end of the turn; one for many subscribers is sent once. */
  push(id: ReactorID, chunk: Chunk): void {
    const last = this.#pushes.at(-1);
    this.#pushedSize += ID_SIZE;
    if (last?.[1] === chunk) return void last[0].push(id);
    if (this.#pushes.length === 0) queueMicrotask(() => this.flush());
    this.#pushes.push([[id], chunk]);
    this.#pushedSize += PUSH_SIZE + chunk.length;
  }

  /** Sends now what would be sent at the end of the turn. */
  flush(): void {
    if (this.#pushes.length === 0) return;
    const pushes = this.#pushes;
    const size = this.#pushedSize;
    this.#pushes = [];
    this.#pushedSize = 0;
    this.#unacknowledgedSize += size;
    const { runtimeId } = this.#sender;
    this.#threads.ask(runtimeId, "io.push", pushes, { timeoutMs: 0 })
      .catch((error) => logWarn(`messages are lost: ${error.message}`))
      .finally(() => {
        this.#unacknowledgedSize -= size;
        if (this.#isBehind) return;
        const waiting = this.#onKeepingUp;
        this.#onKeepingUp = [];
        for (const resolve of waiting) resolve();
      });
  }

  /** Undefined if the thread keeps up with the messages; otherwise a promise that resolves when it does. */
  whenKeepingUp(): Promise<void> | undefined {
    if (!this.#isBehind) return undefined;
    return new Promise((resolve) => this.#onKeepingUp.push(resolve));
  }

  get #isBehind(): boolean {
    return this.#pushedSize + this.#unacknowledgedSize >= HIGH_WATER_MARK;
  }
}
