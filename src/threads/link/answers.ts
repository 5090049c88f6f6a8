import type { SocketAddress } from "../../contract/address.ts";
import type { CommandId } from "../../api/command.ts";
import type { ReactorID } from "../../api/reactor_id.ts";
import type { TurnLoop, TurnTask } from "../../core/turn_loop.ts";
import { AnswerOutbox } from "./answer_outbox.ts";
import { errorRecord } from "./error_record.ts";
import type { Outlet } from "./port.ts";

/**
 * What this thread answers to the commands of another one. Answers go when the
 * turn ends and sockets are flushed: what a handler sent is written before its
 * command is said to be done.
 */
export class Answers implements TurnTask {
  readonly #loop: TurnLoop<unknown>;
  readonly #port: Outlet;
  readonly #outbox = new AnswerOutbox();
  #isLost = false;

  constructor(loop: TurnLoop<unknown>, port: Outlet) {
    this.#loop = loop;
    this.#port = port;
  }

  /** The command `id` was done, by or on `reactorId`. */
  done(
    id: CommandId,
    reactorId: ReactorID,
    localAddress?: SocketAddress,
  ): void {
    if (!this.#begin()) return;
    this.#outbox.putDone(id, reactorId, localAddress);
  }

  /** The command `id` has failed. */
  failed(id: CommandId, error: Error): void {
    if (!this.#begin()) return;
    this.#outbox.putFailed(id, errorRecord(error));
  }

  /** `count` more commands have come in. */
  acknowledge(count: number): void {
    if (!this.#begin()) return;
    this.#outbox.putAcknowledged(count);
  }

  /** Sends what is collected. */
  onTurnEnd(): void {
    if (this.#isLost || this.#outbox.isEmpty) return;
    this.#port.postMessage(this.#outbox.take());
  }

  /** The other thread is gone. */
  lose(): void {
    this.#isLost = true;
    this.#outbox.take();
  }

  /** Has what is put in now be flushed; false if nobody is there to hear of it. */
  #begin(): boolean {
    if (!this.#isLost && this.#outbox.isEmpty) this.#loop.lastAtTurnEnd(this);
    return !this.#isLost;
  }
}
