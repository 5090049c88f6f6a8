import type { AutoSendBuffer } from "../api/auto_send_buffer.ts";
import { ConnectionClosedError } from "../api/errors.ts";
import type { FailingContext } from "../api/failing_context.ts";
import type {
  CmdSender,
  Reactor,
  ReactorReadableContext,
} from "../api/reactor.ts";
import { INVALID_REACTOR_ID } from "../api/reactor_id.ts";
import type { ScheduledCall } from "../api/scheduled_call.ts";
import type { SendCompletion, SendOrQueueResult } from "../api/send_result.ts";
import type { TcpSocket } from "../api/tcp_socket.ts";
import type { StartTlsOptions } from "../api/options/tls.ts";
import type { TlsInfo } from "../contract/tls_info.ts";
import type { InboundBuffer } from "../io/inbound_buffer.ts";
import type { OutboundBuffer } from "../io/outbound_buffer.ts";
import type { ConnectionMessage, Events } from "../stats/events.ts";
import type { RequestTally } from "../stats/request_tally.ts";
import { UNTIMED } from "../stats/sampled_times.ts";
import type { ConnectionStats } from "../stats/stats.ts";
import { promiseOf, watchPromise } from "../util/promises.ts";
import { type GivenCommand, notSupported, userCmdAction } from "./commands.ts";
import { toError } from "../api/to_error.ts";
import type { PeerLog } from "./peer_log.ts";
import {
  PromisedValues,
  type Returned,
  ReturnedValue,
} from "./returned_values.ts";
import { ScheduledCalls } from "./scheduled_calls.ts";
import type { TurnLoop, TurnTask } from "./turn_loop.ts";

/** What a context needs from its runtime. */
export interface ContextHost<UserCommand> {
  readonly loop: TurnLoop<UserCommand>;
  readonly cmdSender: CmdSender<UserCommand>;
  readonly peerLog: PeerLog;
  /** The requests that the runtime serves. */
  readonly served: RequestTally;
  readonly events: Events;
}

/** Which code of a connection is running. */
export const Running = { Nothing: 0, Handler: 1, Reading: 2 } as const;
/** One of the values of {@linkcode (Running:variable)}. */
export type Running = typeof Running[keyof typeof Running];

/**
 * The context of a reactor's handlers, and the code that calls them: one at a
 * time. If one throws, or returns a promise that rejects, the connection is
 * closed. It knows no socket, and no state but whether the connection is open;
 * those are up to `Connection`, which extends it instead of holding it, because
 * each further object is a cache miss after a system call.
 */
export abstract class ReactorContext<UserCommand>
  implements
    ReactorReadableContext<UserCommand>,
    FailingContext<UserCommand>,
    TurnTask {
  // Fields that every read uses come first, to lie together in memory.
  protected readonly loop: TurnLoop<UserCommand>;
  protected readonly reactor: Reactor<UserCommand>;
  /**
   * While a handler runs, nothing is flushed; its sends go out when it returns.
   */
  protected running: Running = Running.Nothing;
  /** The handler that is running, or ran last. */
  protected handlerName = "";
  /**
   * True if it must be flushed before the turn ends, or hand out what a pause
   * held back.
   */
  protected isDue = false;

  id = INVALID_REACTOR_ID;
  readonly #host: ContextHost<UserCommand>;
  #calls: ScheduledCalls | undefined = undefined;
  #promisedValues: PromisedValues | undefined = undefined;

  constructor(host: ContextHost<UserCommand>, reactor: Reactor<UserCommand>) {
    this.#host = host;
    this.loop = host.loop;
    this.reactor = reactor;
  }

  // The socket as handlers see it.

  abstract readonly socket: TcpSocket;
  abstract readonly reader: InboundBuffer;
  abstract readonly sender: OutboundBuffer;
  abstract close(reason?: Error): void;
  abstract end(): void;
  abstract abort(reason?: Error): void;
  abstract pauseReading(): void;
  abstract resumeReading(): void;
  abstract read(messageCount: number): void;
  abstract startTls(options?: StartTlsOptions): Promise<TlsInfo>;

  get cmdSender(): CmdSender<UserCommand> {
    return this.#host.cmdSender;
  }

  sendOrQueue(
    bytes: ArrayBufferView,
    completion?: SendCompletion,
  ): SendOrQueueResult {
    return this.sender.sendOrQueue(bytes, completion);
  }

  sendSlice(
    bytes: ArrayBufferView,
    start: number,
    end: number,
    completion?: SendCompletion,
  ): SendOrQueueResult {
    return this.sender.sendSlice(bytes, start, end, completion);
  }

  sendNoQueue(bytes: ArrayBufferView): number {
    return this.sender.sendNoQueue(bytes);
  }

  acquireSend(): AutoSendBuffer {
    return this.sender.acquireSend();
  }

  after(delayMs: number, callback: () => void): ScheduledCall {
    return this.#scheduledCalls.after(delayMs, callback);
  }

  every(intervalMs: number, callback: () => void): ScheduledCall {
    return this.#scheduledCalls.every(intervalMs, callback);
  }

  get served(): RequestTally {
    return this.#host.served;
  }

  watch(work: PromiseLike<unknown>): void {
    watchPromise(
      work,
      (thrown) => this.failed("a promise that it watches", thrown),
    );
  }

  failed(name: string, thrown: unknown): Error {
    const error = toError(thrown, name);
    this.close(error);
    const { error: channel } = this.#host.events;
    if (channel.hasSubscribers) {
      channel.publish({ ...this.eventOf(), handler: name, error });
    }
    this.#host.peerLog.warn(() => `${this.description}: ${name} failed`, error);
    return error;
  }

  abstract stats(): ConnectionStats;

  // Implemented by the connection.

  /** True while messages are handed out or sends are taken. */
  protected abstract get isOpen(): boolean;
  /** Describes the peer, for the log. */
  protected abstract get peer(): string;
  abstract onTurnEnd(): void;
  abstract onceClosed(callback: () => void): void;

  /** Gives `cmd` to the reactor. Returns the outcome. */
  command(cmd: UserCommand): GivenCommand {
    return this.runInTurn("onCommand", this.#giveCommand, cmd);
  }

  /** Cancels its scheduled calls, when the connection closes. */
  protected endCalls(): void {
    this.#calls?.end();
  }

  /**
   * Calls the reactor through `handler`, and closes the connection if that
   * throws. Returns the error, or what `handler` returned. The caller flushes
   * what the reactor sent.
   */
  protected run<Given, Result = undefined>(
    name: string,
    handler: (given: Given) => Result,
    given: Given,
    running: Running = Running.Handler,
  ): Result | Error {
    this.running = running;
    this.handlerName = name;
    const startedAt = this.loop.handlerTimes.begin();
    try {
      return handler.call(this, given);
    } catch (thrown) {
      return this.failed(this.handlerName, thrown);
    } finally {
      this.running = Running.Nothing;
      if (startedAt !== UNTIMED) this.#onTimed(startedAt);
    }
  }

  /** Called after a timed handler. */
  #onTimed(startedAt: number): void {
    const { loop } = this;
    const ms = loop.handlerTimes.end(startedAt);
    if (startedAt < loop.probesEndAt) loop.probeDelay(startedAt);
    const { slowHandler, slowHandlerMs } = this.#host.events;
    if (ms < slowHandlerMs || !slowHandler.hasSubscribers) return;
    slowHandler.publish({ ...this.eventOf(), handler: this.handlerName, ms });
  }

  /** The fields that all events have for this connection. */
  protected eventOf(): ConnectionMessage {
    const { cmdSender, id, socket: { remoteAddress } } = this;
    return { cmdSender: cmdSender as CmdSender<unknown>, id, remoteAddress };
  }

  /**
   * Like `run`, in a turn of the runtime, at whose end the sends are flushed.
   */
  protected runInTurn<Given, Result = undefined>(
    name: string,
    handler: (given: Given) => Result,
    given: Given,
  ): Result | Error {
    const result = this.run(name, handler, given);
    if (this.isDue) this.loop.atTurnEnd(this);
    return result;
  }

  /** Handles what the last handler returned, in case it is a promise. */
  protected watchResult(result: unknown): undefined {
    if (result === undefined) return;
    const name = this.handlerName;
    watchPromise(result, (thrown) => this.failed(name, thrown));
  }

  /** Describes it, for the log. */
  protected get description(): string {
    return `reactor ${this.id}, of ${this.peer}`;
  }

  // Commands.

  #giveCommand(cmd: UserCommand): GivenCommand {
    const { reactor } = this;
    if (reactor.onCommand === undefined) {
      return notSupported(this.id, "it has no onCommand");
    }
    if (!this.isOpen) {
      return new ConnectionClosedError(
        `Cannot ${userCmdAction(this.id)}: it is closing`,
      );
    }
    const result: unknown = reactor.onCommand(cmd, this);
    return result === undefined ? undefined : this.#returned(result);
  }

  #returned(result: unknown): Returned {
    const promise = promiseOf(result);
    if (promise === undefined) return new ReturnedValue(result);
    return (this.#promisedValues ??= this.#newPromisedValues()).add(promise);
  }

  #newPromisedValues(): PromisedValues {
    const values = new PromisedValues(
      (callback) => this.loop.defer(callback),
      (thrown) => this.failed("onCommand", thrown),
    );
    this.onceClosed(() =>
      values.lose(
        new ConnectionClosedError(
          `Cannot ${
            userCmdAction(this.id)
          }: it was closed before its onCommand was done`,
        ),
      )
    );
    return values;
  }

  // Scheduled calls.

  /** Created on first use. */
  get #scheduledCalls(): ScheduledCalls {
    const calls = this.#calls ??= new ScheduledCalls(
      this.loop,
      (callback) => {
        this.runInTurn("a scheduled call", this.#makeCall, callback);
      },
    );
    if (!this.isOpen) calls.end();
    return calls;
  }

  #makeCall(callback: () => void): undefined {
    return this.watchResult(callback());
  }
}
