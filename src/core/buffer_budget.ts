import type { BufferLimit } from "../io/buffer_pool.ts";
import type { Connection } from "./connection.ts";
import type { TurnLoop, TurnTask } from "./turn_loop.ts";

/** What a {@linkcode BufferBudget} asks of its runtime. */
export interface BudgetHost<UserCommand> {
  readonly loop: Pick<TurnLoop<UserCommand>, "lastAtTurnEnd" | "pollBarrier">;
  /** The size in bytes of all its buffers that hold something. */
  readonly bytesHeld: number;
  connections(): Iterable<Connection<UserCommand>>;
}

/**
 * Keeps what all connections of a runtime hold within one limit: when it is
 * exceeded, the connections that hold the most are aborted, as many as it takes.
 * So who holds little is safe from who holds much.
 *
 * That is looked at when what was sent has been written and the sockets were
 * served once, for till then a connection may hold what its socket is about to
 * take.
 */
export class BufferBudget<UserCommand> implements BufferLimit, TurnTask {
  readonly bytes: number;
  readonly #host: BudgetHost<UserCommand>;
  #isDue = false;
  /** How many aborted connections are not gone yet: what they hold will soon be free. */
  #leavingCount = 0;

  constructor(host: BudgetHost<UserCommand>, bytes: number) {
    this.#host = host;
    this.bytes = bytes;
  }

  onExceeded(): void {
    if (this.#isDue || this.#leavingCount > 0) return;
    this.#isDue = true;
    this.#host.loop.lastAtTurnEnd(this);
  }

  onTurnEnd(): void {
    if (this.#host.bytesHeld <= this.bytes) this.#isDue = false;
    else this.#host.loop.pollBarrier.afterPoll(this.#enforce);
  }

  readonly #enforce = (): void => {
    this.#isDue = false;
    let excess = this.#host.bytesHeld - this.bytes;
    if (excess <= 0) return;
    const holders = Array.from(
      this.#host.connections(),
      (connection) => ({ connection, bytesHeld: connection.bytesHeld }),
    ).sort((a, b) => b.bytesHeld - a.bytesHeld);
    for (const { connection, bytesHeld } of holders) {
      if (excess <= 0 || bytesHeld === 0) return;
      excess -= bytesHeld;
      this.#leavingCount++;
      connection.onceClosed(this.#onGone);
      connection.abortAsLargest(bytesHeld, this.bytes);
    }
  };

  /** The other connections may hold too much again by now. */
  readonly #onGone = (): void => {
    this.#leavingCount--;
    if (this.#host.bytesHeld > this.bytes) this.onExceeded();
  };
}
