import { type CommandId, INVALID_COMMAND_ID } from "../../api/command.ts";
import type { RemoteCommand } from "../../core/commands.ts";
import type { TurnLoop, TurnTask } from "../../core/turn_loop.ts";
import { CommandQueueFullError } from "../../api/errors.ts";
import type { ReactorID } from "../../api/reactor_id.ts";
import {
  BATCH_SIZE,
  MAX_UNACKNOWLEDGED,
  MAX_UNACKNOWLEDGED_BYTES,
} from "../../tuning.ts";
import { type Place, type QuestionId, Questions } from "../asking/questions.ts";
import type { ReceivedQuestions } from "../asking/received_questions.ts";
import { TellRoom } from "../asking/tell_room.ts";
import { countIs, countOf, isError } from "../../util/text.ts";
import { Answers } from "./answers.ts";
import {
  askBatch,
  type Batch,
  bytesInMessage,
  type LoneCommand,
  loneCommand,
  openBatch,
  type OpenRecord,
  RecordKind,
  tellBatch,
} from "./batch.ts";
import { CommandOutbox } from "./command_outbox.ts";
import { notCloneable } from "./copy.ts";
import { Inbox } from "./inbox.ts";
import { type LinkExecutor, LinkReceiver } from "./link_receiver.ts";
import { movedBuffers, type Transfer } from "./moved_buffers.ts";
import { type Parcel, parcelOf } from "./own_bytes.ts";
import { UnansweredCommands } from "./unanswered_commands.ts";
import { copyPlain, NOT_PLAIN, PlainCopy } from "./plain_data.ts";
import type { Outlet } from "./port.ts";
import { messageWith } from "./records_message.ts";

const NOTHING_MOVED: Transfer = [];

/**
 * The connection between this thread and another. The first command of a turn is
 * sent at once, the rest in batches, the last of them at the end of the turn, and
 * all in order.
 */
export class Link implements TurnTask, Place {
  /** The questions to the other thread. */
  readonly questions: Questions = new Questions();
  /** The room for messages to the other thread. */
  readonly room: TellRoom = new TellRoom();
  readonly #loop: TurnLoop<unknown>;
  readonly #port: Outlet;
  readonly #outbox = new CommandOutbox();
  readonly #inbox = new Inbox();
  readonly #pending: UnansweredCommands;
  readonly #answers: Answers;
  readonly #received: ReceivedQuestions | undefined;
  readonly #receiver: LinkReceiver;
  /** The first command of this turn has been sent; a flush is due at its end. */
  #isTurnBegun = false;
  /** How many commands, questions and messages the other thread has not acknowledged. */
  #unacknowledgedCount = 0;
  /** Their bytes. */
  #unacknowledgedBytes = 0;
  #loss: Error | undefined = undefined;

  /** `executor` executes incoming commands, and `received` handles incoming questions and messages, if this thread can. */
  constructor(
    loop: TurnLoop<unknown>,
    port: Outlet,
    executor?: LinkExecutor,
    received?: ReceivedQuestions,
  ) {
    this.#loop = loop;
    this.#port = port;
    this.#pending = new UnansweredCommands(loop);
    this.#answers = new Answers(loop, port);
    this.#received = received;
    this.#receiver = new LinkReceiver({
      answers: this.#answers,
      pending: this.#pending,
      questions: this.questions,
      room: this.room,
      executor,
      received,
      onUnwanted: (reactorId) =>
        this.sendClose(INVALID_COMMAND_ID, reactorId, true),
      onAcknowledged: ({ count, bytes }) => {
        this.#unacknowledgedCount -= count;
        this.#unacknowledgedBytes -= bytes;
      },
    });
  }

  // Sending. A method that returns an error has sent nothing; the message of the error is a reason without an action.

  sendUser(
    id: CommandId,
    reactorId: ReactorID,
    cmd: unknown,
    transfer: Transfer = NOTHING_MOVED,
  ): Error | undefined {
    const refusal = this.#admit();
    if (refusal !== undefined) return refusal;
    if (transfer.length > 0) {
      return this.#sendMoved(id, reactorId, cmd, transfer);
    }
    try {
      if (!this.#isTurnBegun) this.#sendFirst(id, reactorId, cmd);
      else if (this.#outbox.putUser(id, reactorId, cmd)) {
        this.#unacknowledgedCount++;
        if (this.#outbox.count >= BATCH_SIZE) this.#postOutbox();
      } else this.#postAlone(loneCommand(id, reactorId, parcelOf(cmd)));
      return undefined;
    } catch (thrown) {
      return notCloneable(cmd, thrown);
    }
  }

  sendConnect(record: OpenRecord): Error | undefined {
    return this.#admit() ?? this.#sendOpen(RecordKind.Connect, record);
  }

  sendListen(
    record: OpenRecord,
    transfer?: readonly unknown[],
  ): Error | undefined {
    return this.#admit() ?? this.#sendOpen(RecordKind.Listen, record, transfer);
  }

  sendClose(
    id: CommandId,
    reactorId: ReactorID,
    abort: boolean,
  ): Error | undefined {
    const refusal = this.#admit();
    if (refusal !== undefined) return refusal;
    this.#unacknowledgedCount++;
    this.#outbox.putClose(id, reactorId, abort);
    this.#onCommand();
    return undefined;
  }

  /** Cancels a connect that is on its way or in progress there. */
  sendCancel(id: CommandId): void {
    this.#pending.remove(id);
    if (this.#loss !== undefined) return;
    this.#outbox.putCancel(id);
    this.#onCommand();
  }

  sendAsk(
    id: QuestionId,
    service: string,
    param: unknown,
    transfer: Transfer,
  ): Error | undefined {
    return this.#admit() ??
      this.#sendParam(
        param,
        transfer,
        (parcel) => askBatch(id, service, parcel),
        () => {
          const seen = new PlainCopy();
          const copy = copyPlain(param, seen);
          if (copy === NOT_PLAIN) return undefined;
          this.#outbox.putAsk(id, service, copy, seen.size);
          return seen.size;
        },
      );
  }

  sendTell(
    service: string,
    param: unknown,
    transfer: Transfer,
  ): Error | undefined {
    if (this.#loss !== undefined) return this.#loss;
    return this.#sendParam(
      param,
      transfer,
      (parcel) => tellBatch(service, parcel),
      () => this.#outbox.putTell(service, param),
      (size) => this.room.take(size),
    );
  }

  sendWithdraw(id: QuestionId): void {
    if (this.#loss !== undefined) return;
    this.#outbox.putWithdraw(id);
    this.#onCommand();
  }

  /** `command` was sent: it is completed when the answer comes, or when the link is lost. */
  expect(command: RemoteCommand<unknown>): void {
    this.#pending.add(command);
  }

  /** Sends what has been collected, then `message`, which is not a batch. */
  post(message: object, transfer?: readonly unknown[]): void {
    if (this.#loss !== undefined) return;
    this.#postOutbox();
    this.#port.postMessage(message, transfer);
  }

  onTurnEnd(): void {
    this.flush();
  }

  flush(): void {
    this.#isTurnBegun = false;
    this.#postOutbox();
  }

  /** Sends everything that has been collected, answers included. */
  flushAll(): void {
    this.flush();
    this.#answers.onTurnEnd();
  }

  /** The other thread is gone: whatever waits for an answer fails with `error`, and so does every later send. */
  lose(error: Error): void {
    this.#loss = error;
    this.#outbox.take();
    this.#answers.lose();
    this.#pending.lose(error);
    this.questions.lose(error);
    this.room.lose();
    this.#received?.lose();
    this.#port.close();
  }

  // Receiving.

  /** A batch or a single command came in. */
  receive(message: Batch | LoneCommand): void {
    this.#inbox.read(message, this.#receiver);
    this.#receiver.onRead(bytesInMessage(message));
  }

  #admit(): Error | undefined {
    if (this.#loss !== undefined) return this.#loss;
    const count = this.#unacknowledgedCount;
    const bytes = this.#unacknowledgedBytes + this.#outbox.size;
    if (count < MAX_UNACKNOWLEDGED && bytes < MAX_UNACKNOWLEDGED_BYTES) {
      return undefined;
    }
    return new CommandQueueFullError(
      `${countIs(count, "command")} on the way to the thread, with ${
        countOf(bytes, "byte")
      }`,
    );
  }

  /** Sends a question or message through `put`, which returns its size; if that returns undefined, sends it on its own. Calls `onSent` with the size. */
  #sendParam(
    param: unknown,
    transfer: Transfer,
    alone: (parcel: Parcel) => Batch,
    put: () => number | undefined,
    onSent?: (size: number) => void,
  ): Error | undefined {
    const moved = movedBuffers(transfer);
    if (isError(moved)) return moved;
    try {
      let size = moved.length > 0 ? undefined : put();
      if (size === undefined) {
        const parcel = parcelOf(param, moved);
        this.#postAlone(alone(parcel), moved);
        size = parcel.size;
      } else {
        this.#unacknowledgedCount++;
        this.#onCommand();
      }
      onSent?.(size);
      return undefined;
    } catch (thrown) {
      return notCloneable(param, thrown);
    }
  }

  #onCommand(): void {
    if (!this.#isTurnBegun) {
      this.#beginTurn();
      this.#postOutbox();
    } else if (this.#outbox.count >= BATCH_SIZE) {
      this.#postOutbox();
    }
  }

  #beginTurn(): void {
    this.#isTurnBegun = true;
    this.#loop.atTurnEnd(this);
  }

  #postOutbox(): void {
    if (this.#outbox.count === 0 || this.#loss !== undefined) return;
    const batch = this.#outbox.take();
    this.#unacknowledgedBytes += bytesInMessage(batch);
    this.#port.postMessage(messageWith(batch));
  }

  /** The first of a turn is sent on its own: for a single command, that is faster. */
  #sendFirst(id: CommandId, reactorId: ReactorID, cmd: unknown): void {
    const seen = new PlainCopy();
    const copy = copyPlain(cmd, seen);
    const parcel = copy === NOT_PLAIN
      ? parcelOf(cmd)
      : { value: copy, size: seen.size };
    this.#postAlone(loneCommand(id, reactorId, parcel));
    if (!this.#isTurnBegun) this.#beginTurn();
  }

  #sendMoved(
    id: CommandId,
    reactorId: ReactorID,
    cmd: unknown,
    transfer: Transfer,
  ): Error | undefined {
    const moved = movedBuffers(transfer);
    if (isError(moved)) return moved;
    try {
      const command = loneCommand(id, reactorId, parcelOf(cmd, moved));
      this.#postAlone(command, moved);
      return undefined;
    } catch (thrown) {
      return notCloneable(cmd, thrown);
    }
  }

  #sendOpen(
    kind: typeof RecordKind.Connect | typeof RecordKind.Listen,
    record: OpenRecord,
    transfer?: readonly unknown[],
  ): Error | undefined {
    try {
      const { value: param, size } = parcelOf(record.param);
      const batch = openBatch(kind, { ...record, param }, size);
      this.#postNow(batch, transfer); // as it is: a port may be in it
      this.#unacknowledgedBytes += size;
      return undefined;
    } catch (thrown) {
      return notCloneable(record.param, thrown);
    }
  }

  #postAlone(
    records: Batch | LoneCommand,
    transfer?: readonly unknown[],
  ): void {
    this.#postNow(messageWith(records), transfer);
    this.#unacknowledgedBytes += bytesInMessage(records);
  }

  /** Cloning may run the user's code, which may itself send, so nothing changes until it is done. */
  #postNow(message: unknown, transfer?: readonly unknown[]): void {
    this.#postOutbox();
    this.#port.postMessage(message, transfer);
    this.#unacknowledgedCount++;
  }
}
