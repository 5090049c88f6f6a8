/**
 * The context that handlers of messages get.
 *
 * @module
 */

import type { AutoSendBuffer } from "../../api/auto_send_buffer.ts";
import type { FailingContext } from "../../api/failing_context.ts";
import type { MsgSender } from "../../api/msg_sender.ts";
import type { CmdSender, DispatchContext } from "../../api/reactor.ts";
import type { ReactorID } from "../../api/reactor_id.ts";
import type { ScheduledCall } from "../../api/scheduled_call.ts";
import type {
  SendCompletion,
  SendOrQueueResult,
} from "../../api/send_result.ts";
import type { TcpSocket } from "../../api/tcp_socket.ts";
import type { RequestTally } from "../../stats/request_tally.ts";
import type { ConnectionStats } from "../../stats/stats.ts";
import type { StartTlsOptions } from "../../api/options/tls.ts";
import type { TlsInfo } from "../../contract/tls_info.ts";
import type { Codec } from "../../codec/codec.ts";
import { sendMessage } from "./send_message.ts";

/**
 * The context of the handlers of {@linkcode framed}: a
 * {@linkcode DispatchContext} that also sends messages. The same object in every
 * call for one connection.
 *
 * @category Reactors
 */
export interface MessageContext<Sent, UserCommand = unknown>
  extends DispatchContext<UserCommand> {
  /**
   * Encodes `message` straight into what is sent next; for the rest see
   * {@linkcode MsgSender.sendOrQueue}. May be called from anywhere in this
   * thread.
   *
   * @param message What to send; it is the caller's again when the call
   * returns.
   * @param completion Called once it is out, or lost with the connection.
   * @returns As `sendOrQueue`.
   * @throws {CodecError} If it cannot be encoded. Whatever encoding throws,
   * nothing of the message goes out, and the connection stays as it is.
   * @throws {SendQueueFullError} As `sendOrQueue`, or if the message alone is
   * larger than `maxSendQueue`.
   * @throws {InvalidCallbackError} If `completion` is not a function.
   */
  send(message: Sent, completion?: SendCompletion): SendOrQueueResult;
}

/** A connection's context with a codec. */
export class FramedContext<Sent, UserCommand>
  implements MessageContext<Sent, UserCommand> {
  readonly connection: DispatchContext<UserCommand>;
  readonly #codec: Codec<unknown, Sent>;

  constructor(
    connection: DispatchContext<UserCommand>,
    codec: Codec<unknown, Sent>,
  ) {
    this.connection = connection;
    this.#codec = codec;
  }

  send(message: Sent, completion?: SendCompletion): SendOrQueueResult {
    return sendMessage(this.connection, this.#codec, message, completion);
  }

  get id(): ReactorID {
    return this.connection.id;
  }

  get socket(): TcpSocket {
    return this.connection.socket;
  }

  get sender(): MsgSender {
    return this.connection.sender;
  }

  get cmdSender(): CmdSender<UserCommand> {
    return this.connection.cmdSender;
  }

  sendOrQueue(
    bytes: ArrayBufferView,
    completion?: SendCompletion,
  ): SendOrQueueResult {
    return this.connection.sendOrQueue(bytes, completion);
  }

  sendSlice(
    bytes: ArrayBufferView,
    start: number,
    end: number,
    completion?: SendCompletion,
  ): SendOrQueueResult {
    return this.connection.sendSlice(bytes, start, end, completion);
  }

  sendNoQueue(bytes: ArrayBufferView): number {
    return this.connection.sendNoQueue(bytes);
  }

  acquireSend(): AutoSendBuffer {
    return this.connection.acquireSend();
  }

  stats(): ConnectionStats {
    return this.connection.stats();
  }

  end(): void {
    this.connection.end();
  }

  close(reason?: Error): void {
    this.connection.close(reason);
  }

  abort(reason?: Error): void {
    this.connection.abort(reason);
  }

  pauseReading(): void {
    this.connection.pauseReading();
  }

  resumeReading(): void {
    this.connection.resumeReading();
  }

  read(messageCount: number): void {
    this.connection.read(messageCount);
  }

  startTls(options?: StartTlsOptions): Promise<TlsInfo> {
    return this.connection.startTls(options);
  }

  after(delayMs: number, callback: () => void): ScheduledCall {
    return this.connection.after(delayMs, callback);
  }

  every(intervalMs: number, callback: () => void): ScheduledCall {
    return this.connection.every(intervalMs, callback);
  }

  watch(work: PromiseLike<unknown>): void {
    this.connection.watch(work);
  }

  /** See {@linkcode FailingContext}. */
  get served(): RequestTally {
    return (this.connection as FailingContext<UserCommand>).served;
  }

  /** See {@linkcode FailingContext}. */
  failed(name: string, thrown: unknown): void {
    (this.connection as FailingContext<UserCommand>).failed(name, thrown);
  }
}
