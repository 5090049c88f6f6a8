import type { Address } from "../../adapters/adapter.ts";
import { type CommandId, INVALID_COMMAND_ID } from "../../api/command.ts";
import type { RemoteCommand } from "../../core/commands.ts";
import { withAction } from "../../core/failures.ts";
import type { Flushable, TurnLoop } from "../../core/turn_loop.ts";
import { CommandQueueFullError, NotCloneableError } from "../../api/errors.ts";
import type { ReactorID } from "../../api/reactor_id.ts";
import { forget } from "../../util/forget.ts";
import { messageOf } from "../../util/text.ts";
import { errorOf, type ErrorRecord, errorRecord } from "./error_record.ts";
import { withOwnBytes } from "./own_bytes.ts";
import { copyPlain, NOT_PLAIN } from "./plain_data.ts";
import type { Port } from "./port.ts";
import {
  type Batch,
  connectBatch,
  Inbox,
  listenBatch,
  type LoneCommand,
  type OpenRecord,
  Outbox,
  type RecordReceiver,
} from "./records.ts";

/** Has commands carried out that came from another thread; the link is to be told what became of each with an id. */
export interface LinkExecutor {
  onUser(
    link: Link,
    id: CommandId,
    reactorId: ReactorID,
    cmd: unknown,
  ): void;
  onConnect(link: Link, record: OpenRecord): void;
  onListen(link: Link, record: OpenRecord): void;
  onClose(
    link: Link,
    id: CommandId,
    reactorId: ReactorID,
    abort: boolean,
  ): void;
  onCancel(link: Link, id: CommandId): void;
}

/** Records that make a batch, so that the other thread can begin while this one goes on. */
const BATCH_SIZE = 512;

/** Commands that may be on their way. */
const MAX_UNTAKEN = 2 ** 20;

/** How many commands are taken before the sender is told. */
const TAKEN_SIZE = 1024;

/**
 * The way between this thread and another. Of what a turn sends the first record
 * goes at once, the rest in batches, the last one at the turn's end, and all in
 * order.
 */
export class Link implements Flushable, RecordReceiver {
  readonly #loop: TurnLoop<unknown>;
  readonly #executor: LinkExecutor | undefined;
  readonly #port: Port;
  readonly #outbox = new Outbox();
  readonly #inbox = new Inbox();
  /** The commands on their way whose completions wait for an answer. */
  readonly #pending = new Map<CommandId, RemoteCommand<unknown>>();
  /** A record has gone in this turn, and the rest goes at its end. */
  #isTurnBegun = false;
  #untakenCount = 0;
  #takenCount = 0;
  #loss: Error | undefined = undefined;

  constructor(
    loop: TurnLoop<unknown>,
    port: Port,
    executor: LinkExecutor | undefined,
  ) {
    this.#loop = loop;
    this.#port = port;
    this.#executor = executor;
  }

  // Sending. What returns an error has sent nothing; its message says the reason alone.

  sendUser(
    id: CommandId,
    reactorId: ReactorID,
    cmd: unknown,
  ): Error | undefined {
    const refusal = this.#admit();
    if (refusal !== undefined) return refusal;
    try {
      if (!this.#isTurnBegun) this.#sendFirst(id, reactorId, cmd);
      else if (this.#outbox.putUser(id, reactorId, cmd)) {
        this.#untakenCount++;
        if (this.#outbox.count >= BATCH_SIZE) this.#postOutbox();
      } else this.#postAlone([id, reactorId, withOwnBytes(cmd)]);
      return undefined;
    } catch (thrown) {
      return notCloneable(cmd, thrown);
    }
  }

  sendConnect(record: OpenRecord): Error | undefined {
    return this.#admit() ?? this.#sendOpen(connectBatch, record);
  }

  sendListen(
    record: OpenRecord,
    transfer?: readonly unknown[],
  ): Error | undefined {
    return this.#admit() ?? this.#sendOpen(listenBatch, record, transfer);
  }

  sendClose(
    id: CommandId,
    reactorId: ReactorID,
    abort: boolean,
  ): Error | undefined {
    const refusal = this.#admit();
    if (refusal !== undefined) return refusal;
    this.#untakenCount++;
    this.#outbox.putClose(id, reactorId, abort);
    this.#onRecord();
    return undefined;
  }

  /** Gives up a connect that is on its way or under way there. */
  sendCancel(id: CommandId): void {
    this.#pending.delete(id);
    if (this.#loss !== undefined) return;
    this.#outbox.putCancel(id);
    this.#onRecord();
  }

  /** `command` is on its way: it is completed when the answer comes, or when the link is lost. */
  expect(command: RemoteCommand<unknown>): void {
    if (this.#loss !== undefined) return this.#failLater(command, this.#loss);
    this.#pending.set(command.id as CommandId, command);
  }

  /** Answers a command that came. */
  answerDone(
    id: CommandId,
    reactorId: ReactorID,
    localAddress?: Address,
  ): void {
    if (this.#loss !== undefined) return;
    this.#outbox.putDone(id, reactorId, localAddress);
    this.#onRecord();
  }

  /** Answers a command that came. */
  answerFailed(id: CommandId, error: Error): void {
    if (this.#loss !== undefined) return;
    this.#outbox.putFailed(id, errorRecord(error));
    this.#onRecord();
  }

  /** Sends what is collected, then `message`, which is no batch. */
  post(message: object, transfer?: readonly unknown[]): void {
    if (this.#loss !== undefined) return;
    this.#postOutbox();
    this.#port.postMessage(message, transfer);
  }

  flush(): void {
    this.#isTurnBegun = false;
    this.#postOutbox();
  }

  /** The other thread is gone: what waits for an answer fails with `error`, and what is sent. */
  lose(error: Error): void {
    this.#loss = error;
    this.#outbox.take();
    for (const command of this.#pending.values()) {
      this.#failLater(command, error);
    }
    this.#pending.clear();
    this.#port.close();
  }

  // Receiving.

  /** A batch came in, or one command. */
  receive(message: Batch | LoneCommand): void {
    this.#inbox.read(message, this);
    if (this.#takenCount >= TAKEN_SIZE && this.#loss === undefined) {
      this.#outbox.putTaken(this.#takenCount);
      this.#takenCount = 0;
      this.#onRecord();
    }
  }

  onUser(id: CommandId, reactorId: ReactorID, cmd: unknown): void {
    this.#takenCount++;
    this.#executor?.onUser(this, id, reactorId, cmd);
  }

  onConnect(record: OpenRecord): void {
    this.#takenCount++;
    this.#executor?.onConnect(this, record);
  }

  onListen(record: OpenRecord): void {
    this.#takenCount++;
    this.#executor?.onListen(this, record);
  }

  onClose(id: CommandId, reactorId: ReactorID, abort: boolean): void {
    this.#takenCount++;
    this.#executor?.onClose(this, id, reactorId, abort);
  }

  onCancel(id: CommandId): void {
    this.#executor?.onCancel(this, id);
  }

  onDone(id: CommandId, reactorId: ReactorID, localAddress?: Address): void {
    const command = this.#pending.get(id);
    this.#pending.delete(id);
    if (command !== undefined) command.succeed(reactorId, localAddress);
    // A connect that was cancelled too late for the other thread.
    else this.sendClose(INVALID_COMMAND_ID, reactorId, true);
  }

  onFailed(id: CommandId, error: ErrorRecord): void {
    const command = this.#pending.get(id);
    this.#pending.delete(id);
    command?.fail(errorOf(error));
  }

  onTaken(count: number): void {
    this.#untakenCount -= count;
  }

  #admit(): Error | undefined {
    if (this.#loss !== undefined) return this.#loss;
    if (this.#untakenCount < MAX_UNTAKEN) return undefined;
    return new CommandQueueFullError(
      `${this.#untakenCount} commands are on their way to the thread`,
    );
  }

  #onRecord(): void {
    if (!this.#isTurnBegun) {
      this.#beginTurn();
      this.#postOutbox();
    } else if (this.#outbox.count >= BATCH_SIZE) {
      this.#postOutbox();
    }
  }

  #beginTurn(): void {
    this.#isTurnBegun = true;
    this.#loop.flushLater(this);
  }

  #postOutbox(): void {
    if (this.#outbox.count === 0 || this.#loss !== undefined) return;
    this.#port.postMessage(this.#outbox.take());
  }

  /** The first of a turn goes by itself: that is faster for one. */
  #sendFirst(id: CommandId, reactorId: ReactorID, cmd: unknown): void {
    const copy = copyPlain(cmd, []);
    this.#postAlone([
      id,
      reactorId,
      copy === NOT_PLAIN ? withOwnBytes(cmd) : copy,
    ]);
    if (!this.#isTurnBegun) this.#beginTurn();
  }

  #failLater(command: RemoteCommand<unknown>, error: Error): void {
    this.#loop.defer(() => command.fail(withAction(error, command.action)));
  }

  #sendOpen(
    batchOf: (record: OpenRecord) => Batch,
    record: OpenRecord,
    transfer?: readonly unknown[],
  ): Error | undefined {
    try {
      const param = withOwnBytes(record.param);
      this.#postAlone(batchOf({ ...record, param }), transfer);
      return undefined;
    } catch (thrown) {
      return notCloneable(record.param, thrown);
    }
  }

  /** Cloning may run code of the user, which may send in turn: nothing is changed before it is done. */
  #postAlone(
    message: Batch | LoneCommand,
    transfer?: readonly unknown[],
  ): void {
    this.#postOutbox();
    this.#port.postMessage(message, transfer);
    this.#untakenCount++;
  }
}

/** Why `value`, maybe a promise, was not sent. */
function notCloneable(value: unknown, thrown: unknown): NotCloneableError {
  forget(value);
  return new NotCloneableError(
    `it cannot be copied to another thread: ${messageOf(thrown)}`,
    { cause: thrown },
  );
}
