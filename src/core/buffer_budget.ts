import type { BufferLimit } from "../io/buffer_pool.ts";
import type { Connection } from "./connection.ts";
import type { TurnLoop, TurnTask } from "./turn_loop.ts";

/** What a {@linkcode BufferBudget} needs from its runtime. */
export interface BudgetHost<UserCommand> {
  readonly loop: Pick<TurnLoop<UserCommand>, "lastAtTurnEnd" | "pollBarrier">;
  /** Size in bytes of all buffers that hold data. */
  readonly bytesHeld: number;
  connections(): Iterable<Connection<UserCommand>>;
}

/**
 * Keeps the buffers of all connections of a runtime below one limit. When it is
 * exceeded, the connections that hold the most are aborted, as many as
 * necessary. A connection that holds little is thus safe from those that hold
 * much.
 *
 * The check waits until the sends of the turn are written and all sockets have
 * been served once, because until then a connection may hold what its socket is
 * about to take.
 */
export class BufferBudget<UserCommand> implements BufferLimit, TurnTask {
  readonly bytes: number;
  readonly #host: BudgetHost<UserCommand>;
  #isDue = false;
  /**
   * Number of aborted connections that have not closed yet: their buffers will
   * soon be free.
   */
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

  /** Meanwhile, the remaining connections may have exceeded the limit again. */
  readonly #onGone = (): void => {
    this.#leavingCount--;
    if (this.#host.bytesHeld > this.bytes) this.onExceeded();
  };
}
