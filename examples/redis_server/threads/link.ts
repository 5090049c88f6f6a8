import {
  logWarn,
  type ReactorID,
  type ReactorThreads,
  type ThreadCmdSender,
} from "../../../mod.ts";
import { MUCH } from "../limits.ts";
import type { Piece } from "./piece.ts";

/** A message, and whose clients get it: the ids of their reactors. */
export type Push = readonly [ids: ReactorID[], piece: Piece];

/** Bytes that are counted for each message besides its own. */
const PUSH_SIZE = 256;

/** The way to a thread that has connections. What is sent arrives in order. */
export class Link {
  readonly #threads: ReactorThreads;
  readonly #sender: ThreadCmdSender;
  #pushes: Push[] = [];
  #pushedSize = 0;
  /** Bytes of messages that the thread has not said to have. */
  #unheardSize = 0;
  #onHeard: (() => void)[] = [];

  constructor(threads: ReactorThreads, runtimeId: number) {
    this.#threads = threads;
    this.#sender = threads.getCmdSender(runtimeId);
  }

  /** Sends a reply. Of a long one it resolves when that is out, or its client gone. */
  reply(id: ReactorID, piece: Piece): Promise<void> | undefined {
    if (piece.length < MUCH) {
      this.push(id, piece);
      return undefined;
    }
    this.flush();
    return new Promise((resolve) =>
      this.#sender.sendUserCmd(id, piece, { completion: () => resolve() })
    );
  }

  /** Sends what a client listens to, soon: the same to many of them at once. */
  push(id: ReactorID, piece: Piece): void {
    const last = this.#pushes.at(-1);
    if (last?.[1] === piece) return void last[0].push(id);
    if (this.#pushes.length === 0) queueMicrotask(() => this.flush());
    this.#pushes.push([[id], piece]);
    this.#pushedSize += PUSH_SIZE + piece.length;
  }

  /** Sends now what is to be sent soon. */
  flush(): void {
    if (this.#pushes.length === 0) return;
    const pushes = this.#pushes;
    const size = this.#pushedSize;
    this.#pushes = [];
    this.#pushedSize = 0;
    this.#unheardSize += size;
    const { runtimeId } = this.#sender;
    this.#threads.ask(runtimeId, "listeners.send", pushes, { timeoutMs: 0 })
      .catch((error) => logWarn(`messages are lost: ${error.message}`))
      .finally(() => {
        this.#unheardSize -= size;
        if (this.#pushedSize + this.#unheardSize >= MUCH) return;
        const heard = this.#onHeard;
        this.#onHeard = [];
        for (const resolve of heard) resolve();
      });
  }

  /** Undefined if the thread keeps up with the messages; else resolves when it does. */
  whenKeepingUp(): Promise<void> | undefined {
    if (this.#pushedSize + this.#unheardSize < MUCH) return undefined;
    return new Promise((resolve) => this.#onHeard.push(resolve));
  }
}
