import type { SocketAddress } from "../../contract/address.ts";
import type { CommandId } from "../../api/command.ts";
import type { ReactorID } from "../../api/reactor_id.ts";
import type { QuestionId, Questions } from "../asking/questions.ts";
import type { ReceivedQuestions } from "../asking/received_questions.ts";
import type { TellRoom } from "../asking/tell_room.ts";
import { type Amount, GrowingAmount } from "./amount.ts";
import type { Answers } from "./answers.ts";
import type { OpenRecord } from "./batch.ts";
import { errorFromRecord, type ErrorRecord } from "./error_record.ts";
import type { RecordReceiver } from "./inbox.ts";
import type { UnansweredCommands } from "./unanswered_commands.ts";

/** Executes commands from another thread; those with an id need an answer. */
export interface LinkExecutor {
  onUser(
    answers: Answers,
    id: CommandId,
    reactorId: ReactorID,
    cmd: unknown,
  ): void;
  onConnect(answers: Answers, record: OpenRecord): void;
  onListen(answers: Answers, record: OpenRecord): void;
  onClose(
    answers: Answers,
    id: CommandId,
    reactorId: ReactorID,
    abort: boolean,
  ): void;
  onCancel(answers: Answers, id: CommandId): void;
}

/** What a receiver needs of its link. */
export interface LinkReceiverHost {
  readonly answers: Answers;
  readonly pending: UnansweredCommands;
  readonly questions: Questions;
  readonly room: TellRoom;
  readonly executor: LinkExecutor | undefined;
  readonly received: ReceivedQuestions | undefined;
  /** The other thread has connected although the command was cancelled. */
  onUnwanted(reactorId: ReactorID): void;
  /** The other thread has received this many more commands, questions and messages. */
  onAcknowledged(amount: Amount): void;
}

/** Handles the records that come in over a link: the other thread's requests, and its answers. */
export class LinkReceiver implements RecordReceiver {
  readonly #host: LinkReceiverHost;
  readonly #answers: Answers;
  readonly #executor: LinkExecutor | undefined;
  /** Commands, questions and messages that are not acknowledged yet. */
  readonly #received = new GrowingAmount();
  /** How many of them are in the message that is being read. */
  #receivedCount = 0;

  constructor(host: LinkReceiverHost) {
    this.#host = host;
    this.#answers = host.answers;
    this.#executor = host.executor;
  }

  /** A message of `size` bytes was read. Acknowledges what has come in, once there is enough. */
  onRead(size: number): void {
    if (this.#receivedCount === 0) return;
    const amount = this.#received.add(this.#receivedCount, size);
    this.#receivedCount = 0;
    if (amount !== undefined) this.#answers.acknowledge(amount);
  }

  onUser(id: CommandId, reactorId: ReactorID, cmd: unknown): void {
    this.#receivedCount++;
    this.#executor?.onUser(this.#answers, id, reactorId, cmd);
  }

  onConnect(record: OpenRecord): void {
    this.#receivedCount++;
    this.#executor?.onConnect(this.#answers, record);
  }

  onListen(record: OpenRecord): void {
    this.#receivedCount++;
    this.#executor?.onListen(this.#answers, record);
  }

  onClose(id: CommandId, reactorId: ReactorID, abort: boolean): void {
    this.#receivedCount++;
    this.#executor?.onClose(this.#answers, id, reactorId, abort);
  }

  onCancel(id: CommandId): void {
    this.#executor?.onCancel(this.#answers, id);
  }

  onAsk(id: QuestionId, service: string, param: unknown): void {
    this.#receivedCount++;
    this.#host.received?.onAsk(this.#answers, id, service, param);
  }

  onWithdraw(id: QuestionId): void {
    this.#host.received?.onWithdraw(id);
  }

  onTell(service: string, param: unknown, size: number): void {
    this.#receivedCount++;
    this.#host.received?.onTell(this.#answers, service, param, size);
  }

  onProcessed(amount: Amount): void {
    this.#host.room.giveBack(amount);
  }

  onDone(
    id: CommandId,
    reactorId: ReactorID,
    localAddress?: SocketAddress,
  ): void {
    const isAwaited = this.#host.pending.succeed(id, reactorId, localAddress);
    if (!isAwaited) this.#host.onUnwanted(reactorId);
  }

  onReturned(id: CommandId, reactorId: ReactorID, value: unknown): void {
    this.#host.pending.succeedWith(id, reactorId, value);
  }

  onFailed(id: CommandId, error: ErrorRecord): void {
    this.#host.pending.fail(id, errorFromRecord(error));
  }

  onAnswered(id: QuestionId, value: unknown): void {
    this.#host.questions.take(id)?.succeed(value);
  }

  onRefused(id: QuestionId, error: ErrorRecord): void {
    this.#host.questions.take(id)?.fail(errorFromRecord(error));
  }

  onAcknowledged(amount: Amount): void {
    this.#host.onAcknowledged(amount);
  }
}
