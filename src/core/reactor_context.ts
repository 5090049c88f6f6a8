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
import { toError } from "./failures.ts";
import type { PeerLog } from "./peer_log.ts";
import {
  PromisedValues,
  type Returned,
  ReturnedValue,
} from "./returned_values.ts";
import { ScheduledCalls } from "./scheduled_calls.ts";
import type { TurnLoop, TurnTask } from "./turn_loop.ts";

/** What a context needs of its runtime. */
export interface ContextHost<UserCommand> {
  readonly loop: TurnLoop<UserCommand>;
  readonly cmdSender: CmdSender<UserCommand>;
  readonly peerLog: PeerLog;
  /** The requests that it serves. */
  readonly served: RequestTally;
  readonly events: Events;
}

/** What code of a connection is running now. */
export const Running = { Nothing: 0, Handler: 1, Reading: 2 } as const;
/** One of the values of {@linkcode (Running:variable)}. */
export type Running = typeof Running[keyof typeof Running];

/**
 * The context that the handlers of a reactor get, and what calls them: one at a
 * time, and whatever one throws, or its promise rejects with, closes the
 * connection. Knows no socket, and no state but whether the connection is open;
 * these are the `Connection`'s, which extends it rather than holds it: after
 * each system call every further object has to be fetched anew.
 */
export abstract class ReactorContext<UserCommand>
  implements
    ReactorReadableContext<UserCommand>,
    FailingContext<UserCommand>,
    TurnTask {
  // What every read needs comes first, and lies together in memory.
  protected readonly loop: TurnLoop<UserCommand>;
  protected readonly reactor: Reactor<UserCommand>;
  /** While a handler runs, nothing is flushed: what it sends goes out when it is done. */
  protected running: Running = Running.Nothing;
  /** The handler that runs, or ran last. */
  protected handlerName = "";
  /** Before the turn ends, it must be flushed, or hand out what a pause left. */
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

  // What handlers see of it.

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
    watchPromise(work, (thrown) => this.failed("what it watches", thrown));
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

  // What the connection says, and asks of it.

  /** True while messages are handed out or sends are taken. */
  protected abstract get isOpen(): boolean;
  /** The peer, for the log. */
  protected abstract get peer(): string;
  abstract onTurnEnd(): void;
  abstract onceClosed(callback: () => void): void;

  /** Gives `cmd` to the reactor; returns what became of it. */
  command(cmd: UserCommand): GivenCommand {
    return this.runInTurn("onCommand", this.#giveCommand, cmd);
  }

  /** The connection closes: cancels its scheduled calls. */
  protected endCalls(): void {
    this.#calls?.end();
  }

  /**
   * Has `handler` call the reactor, whose connection is closed if that throws;
   * returns what was thrown, or what `handler` returns. What the reactor sends is
   * the caller's to flush.
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

  /** A timed handler is done. While somebody subscribes to slow handlers, every handler is timed. */
  #onTimed(startedAt: number): void {
    const ms = this.loop.onHandlerTimed(startedAt);
    const { slowHandler, slowHandlerMs } = this.#host.events;
    const { hasSubscribers } = slowHandler;
    this.loop.handlerTimes.timesAll = hasSubscribers;
    if (!hasSubscribers || ms < slowHandlerMs) return;
    slowHandler.publish({ ...this.eventOf(), handler: this.handlerName, ms });
  }

  /** What every event says about this connection. */
  protected eventOf(): ConnectionMessage {
    const { cmdSender, id, socket: { remoteAddress } } = this;
    return { cmdSender: cmdSender as CmdSender<unknown>, id, remoteAddress };
  }

  /** The same as `run`, in a turn of the runtime: what the reactor sends is flushed at its end. */
  protected runInTurn<Given, Result = undefined>(
    name: string,
    handler: (given: Given) => Result,
    given: Given,
  ): Result | Error {
    const result = this.run(name, handler, given);
    if (this.isDue) this.loop.atTurnEnd(this);
    return result;
  }

  /** Watches what the last handler has returned, in case it is a promise. */
  protected watchResult(result: unknown): undefined {
    if (result === undefined) return;
    const name = this.handlerName;
    watchPromise(result, (thrown) => this.failed(name, thrown));
  }

  /** Names it, for the log. */
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

  /** Made when it is asked for. */
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
