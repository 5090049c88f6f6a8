/**
 * The runtime that serves reactors.
 *
 * @module
 */

import type { Adapter } from "./contract/adapter.ts";
import { hostAdapter } from "./adapters/host.ts";
import type { AddressLike, AddressOf } from "./api/address.ts";
import type { ConnectionHandle, ListenerHandle } from "./api/handles.ts";
import type { CmdSender } from "./api/reactor.ts";
import { OpenedConnection } from "./core/connection_handle.ts";
import { Engine } from "./core/engine.ts";
import type { OpenCallbacks } from "./core/open_callbacks.ts";
import { RuntimeBusyError } from "./api/errors.ts";
import { abortSignal, checkOption, readOption } from "./api/options/rules.ts";
import {
  PROCESS_EVENTS_OPTIONS,
  type ProcessEventsOptions,
  type RunOptions,
} from "./api/options/driving.ts";
import type { ConnectOptions } from "./api/options/connect.ts";
import type { ListenOptions } from "./api/options/listen.ts";
import type { RuntimeOptions } from "./api/options/runtime.ts";
import { type StopOptions, stopSettings } from "./api/options/stop.ts";
import type { Reactor, TcpListenerHandler } from "./api/reactor.ts";
import type { ScheduledCall } from "./api/scheduled_call.ts";
import type { RuntimeStats } from "./stats/stats.ts";
import { forget } from "./util/forget.ts";

/** The engine of a runtime: for other parts of the library that build on it. */
export let engineOf: <UserCommand>(
  runtime: ReactRuntime<UserCommand>,
) => Engine<UserCommand>;

/**
 * Connects as {@linkcode ReactRuntime.connect} does, for other parts of the
 * library. Returns a function that cancels the connect without a callback, unless
 * it is too late.
 */
export function openConnection<UserCommand, Cmd extends UserCommand, Value>(
  runtime: ReactRuntime<UserCommand>,
  address: AddressLike,
  reactor: Reactor<Cmd, Value>,
  options: ConnectOptions,
  { succeed, fail }: OpenCallbacks<ConnectionHandle<Cmd, Value>>,
): (() => boolean) | undefined {
  return engineOf(runtime).connector.connect(address, reactor, options, {
    succeed: (connection) => succeed(new OpenedConnection(connection)),
    fail,
  });
}

/**
 * Owns reactors and listeners, and serves their sockets and commands, all in one
 * thread.
 *
 * It need not be driven: handlers run as the host delivers events, and commands run
 * in the turn after they were sent. {@linkcode ReactRuntime.run} only waits for the
 * end. A program that wants to decide when commands are executed calls
 * {@linkcode ReactRuntime.processEvents} repeatedly instead. From the first call on,
 * commands and time limits wait for the next one.
 *
 * A time limit takes effect only after sockets have been served once more. So what
 * came in on time is not lost because the thread was busy.
 *
 * Handlers and completions run in no asynchronous context: an `AsyncLocalStorage`
 * has no store there, and never that of somebody else's request. Whatever a handler
 * needs from a request has to be passed with the command.
 *
 * @example A server and a client of it
 * ```ts
 * import { DefaultTcpListenerHandler, MessageResult, ReactRuntime } from "@reactio/reactio";
 *
 * await using runtime = new ReactRuntime();
 * const listener = await runtime.listen(
 *   "127.0.0.1:0",
 *   new DefaultTcpListenerHandler(() => ({
 *     onInboundMessage(buf, ctx) {
 *       ctx.sendOrQueue(buf);
 *       return MessageResult.dropMsgSize(buf.length);
 *     },
 *   })),
 * );
 * const answer = await new Promise<string>((resolve) =>
 *   runtime.connect(listener.address, {
 *     onConnected: (ctx) => void ctx.sendOrQueue(new TextEncoder().encode("hello")),
 *     onInboundMessage(buf, ctx) {
 *       resolve(new TextDecoder().decode(buf));
 *       ctx.close();
 *       return MessageResult.dropMsgSize(buf.length);
 *     },
 *   })
 * );
 * console.log(answer); // hello
 * ```
 *
 * @category Reactors
 */
export class ReactRuntime<UserCommand = unknown> implements AsyncDisposable {
  /** The sockets and the clock that this runtime uses. */
  readonly adapter: Adapter;

  readonly #engine: Engine<UserCommand>;
  #isDriven = false;

  static {
    engineOf = (runtime) => runtime.#engine;
  }

  /**
   * Makes a runtime, which does nothing until asked.
   *
   * @param options Its adapter, and the defaults for its connections.
   * @throws {InvalidOptionError} If an option is out of range.
   */
  constructor(options: RuntimeOptions = {}) {
    this.adapter = readOption(options, "adapter") ?? hostAdapter();
    this.#engine = new Engine(this.adapter, options);
  }

  /** Sends commands to this runtime and its reactors. */
  get cmdSender(): CmdSender<UserCommand> {
    return this.#engine.cmdSender;
  }

  /**
   * Listens on `address`.
   * @param address Where to listen. Port 0 lets the operating system choose;
   * {@linkcode ListenerHandle.address} has the port.
   * @param handler Decides who serves the connections. If its `onStartListen`
   * throws, the promise rejects with what it threw.
   * @param options Options of the listener.
   * @returns Resolves to the listener when `onStartListen` has returned.
   * @throws {AddressInUseError} If another socket is bound to the address.
   * @throws {AddressNotAvailableError} If the address is not one of this machine's.
   * @throws {NameNotFoundError} If the host name does not resolve.
   * @throws {PermissionDeniedError} If the runtime or the system does not permit it.
   * @throws {ResourcesExhaustedError} If the process is out of descriptors, buffers
   * or memory, or the runtime of reactors.
   * @throws {ListenError} If the system refuses for another reason; the classes
   * for an address in use or not available extend it.
   * @throws {InvalidAddressError} If `address` is invalid.
   * @throws {InvalidOptionError} If an option is out of range.
   * @throws {InvalidReactorError} If `handler` has no `onNewConnection`.
   * @throws {LoadError} If what it takes, such as TLS, cannot be loaded.
   * @throws {RuntimeStoppedError} If the runtime was stopped before, or is meanwhile.
   */
  listen<const Given extends AddressLike>(
    address: Given,
    handler: TcpListenerHandler<UserCommand>,
    options: ListenOptions = {},
  ): Promise<ListenerHandle<AddressOf<Given>>> {
    forget(options);
    return new Promise((resolve, reject) =>
      this.#engine.connector.binder.listen(address, handler, options, {
        succeed: resolve as (listener: ListenerHandle) => void,
        fail: reject,
      })
    );
  }

  /**
   * Connects to `address`. If it is a name, up to 16 of its addresses are tried,
   * IPv6 and IPv4 in turn, starting with the family the operating system prefers.
   * The next one is tried when the previous one fails, or has not answered for 250
   * ms. The first that connects wins, and the others are given up.
   *
   * @param address Where to connect.
   * @param reactor Serves the connection. If its `onConnected` throws, the promise
   * rejects with what it threw.
   * @param options Those of the connection.
   * @returns Resolves to the connection when `onConnected` has returned.
   * @throws {ConnectionRefusedError} If nobody listens at the address.
   * @throws {ConnectTimeoutError} If it takes longer than `connectTimeoutMs`, or
   * than the system allows.
   * @throws {ConnectResetError} If the peer resets the connection before it is open.
   * @throws {HostUnreachableError} If there is no route to the host.
   * @throws {NameNotFoundError} If the host name does not resolve.
   * @throws {PermissionDeniedError} If the runtime or the system does not permit it.
   * @throws {ResourcesExhaustedError} If the process is out of descriptors, buffers
   * or memory, or the runtime of reactors.
   * @throws {ConnectError} If the system refuses for another reason, or the
   * addresses of a name failed for different ones; the classes for a connect that
   * is refused, timed out or without a route extend it. Of several addresses the
   * message says what became of each, and the `cause` is an `AggregateError` of
   * their errors.
   * @throws {InvalidAddressError} If `address` is invalid.
   * @throws {InvalidOptionError} If an option is out of range.
   * @throws {InvalidReactorError} If `reactor` has no `onInboundMessage`.
   * @throws {LoadError} If what it takes, such as TLS, cannot be loaded.
   * @throws {RuntimeStoppedError} If the runtime was stopped before, or is meanwhile.
   */
  connect<Cmd extends UserCommand = UserCommand, Value = unknown>(
    address: AddressLike,
    reactor: Reactor<Cmd, Value>,
    options: ConnectOptions = {},
  ): Promise<ConnectionHandle<Cmd, Value>> {
    forget(options);
    return new Promise((resolve, reject) =>
      openConnection(this, address, reactor, options, {
        succeed: resolve,
        fail: reject,
      })
    );
  }

  /**
   * Calls `callback` once, after `delayMs` and never earlier.
   *
   * The call is made in a turn of its own, never inside a handler; what it sends
   * goes out at the end of that turn. Calls are made in the order of their times,
   * and of scheduling where the times are equal. What came in before a call was due
   * is handled before it is made, even if the thread was busy. So you can rely on it
   * as a time limit. If the callback throws, or its promise rejects, that is logged.
   *
   * A pending call counts as something left to do, so {@linkcode ReactRuntime.run}
   * waits for it. `stop` cancels it; on a stopped runtime, calls are never made. All
   * pending calls together take one timer of the host.
   *
   * @param delayMs Milliseconds from now, which may be fractional; 0 is the next
   * turn.
   * @param callback What to call. Its result is ignored, except for a promise that
   * rejects.
   * @returns The scheduled call, which can be cancelled.
   * @throws {InvalidOptionError} If `delayMs` is not a finite number of 0 or more.
   * @throws {InvalidCallbackError} If `callback` is not a function.
   * @throws {ResourcesExhaustedError} If 2^20 calls and time limits are pending.
   */
  after(delayMs: number, callback: () => void): ScheduledCall {
    return this.#engine.calls.after(delayMs, callback);
  }

  /**
   * Calls `callback` every `intervalMs` from now on, until it is cancelled or the
   * runtime stops. Otherwise as {@linkcode ReactRuntime.after}.
   *
   * The calls are scheduled `intervalMs` apart, however late one is made. Those
   * missed because the thread was busy are skipped. A callback that throws is called
   * again all the same.
   *
   * @param intervalMs Milliseconds, which may be fractional.
   * @param callback What to call.
   * @returns The scheduled calls, which can be cancelled.
   * @throws {InvalidOptionError} If `intervalMs` is not a finite number of 1 or more.
   * @throws {InvalidCallbackError} If `callback` is not a function.
   * @throws {ResourcesExhaustedError} If 2^20 calls and time limits are pending.
   */
  every(intervalMs: number, callback: () => void): ScheduledCall {
    return this.#engine.calls.every(intervalMs, callback);
  }

  /**
   * Waits for an event, `timeoutMs` at most. Then it does what is due, and executes
   * at most `maxCommands` commands. One call at a time.
   *
   * @param options How long to wait, and how much to do.
   * @returns Resolves to true while anything is left to do: reactors, listeners,
   * commands, scheduled calls.
   * @throws {RuntimeBusyError} If another call is in progress, or
   * {@linkcode ReactRuntime.run}.
   * @throws {InvalidOptionError} If an option is out of range.
   */
  processEvents(options: ProcessEventsOptions = {}): Promise<boolean> {
    return this.#drive("processEvents", async () => {
      const { timeoutMs, maxCommands } = PROCESS_EVENTS_OPTIONS.fill(options);
      this.#engine.loop.setPolled(true);
      if (this.#engine.isBusy) {
        await this.#engine.loop.poll(timeoutMs, maxCommands);
      }
      return this.#engine.isBusy;
    });
  }

  /**
   * Serves until nothing is left to do: no reactor, no listener, no command, no
   * scheduled call. If `signal` is aborted, it stops as {@linkcode ReactRuntime.stop}
   * does.
   *
   * @param options What stops it.
   * @returns Resolves when nothing is left to do.
   * @throws {RuntimeBusyError} If another call is in progress, or
   * {@linkcode ReactRuntime.processEvents}.
   * @throws {InvalidOptionError} If `signal` is not an `AbortSignal`.
   */
  run(options: RunOptions = {}): Promise<void> {
    return this.#drive("run", async () => {
      const signal = readOption(options, "signal");
      if (signal !== undefined) checkOption("signal", signal, abortSignal());
      this.#engine.loop.setPolled(false);
      const stop = () => void this.stop();
      if (signal?.aborted) stop();
      signal?.addEventListener("abort", stop, { once: true });
      try {
        await this.#engine.whenIdle();
      } finally {
        signal?.removeEventListener("abort", stop);
      }
    });
  }

  /**
   * Stops everything, in three steps:
   *
   * 1. Draining, if a reactor has {@linkcode Reactor.onDrain}. Listeners close, and
   *    new ones are refused with {@linkcode RuntimeStoppedError}. On the accepted
   *    connections, `onDrain` is called; those whose reactors have none close.
   *    Commands, scheduled calls and connects go on as before. When the last
   *    accepted connection has closed, the connections that this end opened follow
   *    in the same way, since they may have served the others; from then on,
   *    connects fail, too. After `drainMs`, connections that are still open are
   *    closed with {@linkcode DrainTimeoutError}.
   * 2. Closing. Scheduled calls are cancelled. Waiting commands and connects in
   *    progress fail with {@linkcode RuntimeStoppedError}, except commands to close
   *    something, which are executed now. Connections send what is queued and close.
   *    For a peer that took all of it at once and stays silent, this waits about
   *    half a second; for others, until `graceMs`.
   *    Whatever is asked of the runtime from then on fails.
   * 3. Aborting. After `graceMs` of closing, connections that are left are aborted.
   *
   * May be called again: the current step then takes as long as the new call says,
   * counted from now. A `drainMs` of 0 ends the draining.
   *
   * @param options How long to wait for what is in progress, and for connections to
   * close.
   * @returns Resolves when every `onClose`, `onCloseListen` and completion has been
   * called.
   * @throws {InvalidOptionError} If an option is out of range.
   */
  async stop(options: StopOptions = {}): Promise<void> {
    await this.#engine.stop(stopSettings(options));
  }

  /**
   * Stops the runtime; called at the end of its scope by `await using`.
   *
   * @returns Resolves as {@linkcode ReactRuntime.stop} does.
   */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /**
   * Returns the statistics of the runtime. It visits every connection; nothing has
   * to be switched on.
   *
   * @returns A copy, which is plain data. On a stopped runtime, the final figures.
   *
   * @example
   * ```ts
   * import { quantile, ReactRuntime } from "@reactio/reactio";
   *
   * await using runtime = new ReactRuntime();
   * const { open, bytesIn, closed, loopDelay } = runtime.stats();
   * console.log(open, bytesIn, closed, quantile(loopDelay, 0.99)); // 0 0 {} 0
   * ```
   */
  stats(): RuntimeStats {
    return this.#engine.stats();
  }

  /** How many reactors and listeners there are. */
  get reactorCount(): number {
    return this.#engine.reactorCount;
  }

  /** How many connections there are. */
  get connectionCount(): number {
    return this.#engine.connectionCount;
  }

  /**
   * Size of the buffers in use, in bytes, for incoming messages and send queues of
   * all connections: what `maxBufferedBytes` bounds.
   */
  get bufferedBytes(): number {
    return this.#engine.connector.bytesHeld;
  }

  /** How many deferred commands are not due yet. */
  get deferredCommandCount(): number {
    return this.#engine.commands.deferredCount;
  }

  /** How many socket events were served so far. */
  get socketEventCount(): number {
    return this.#engine.loop.socketEventCount;
  }

  /** How many commands were executed so far. */
  get executedCommandCount(): number {
    return this.#engine.commands.executedCount;
  }

  async #drive<T>(name: string, body: () => Promise<T>): Promise<T> {
    if (this.#isDriven) {
      throw new RuntimeBusyError(
        `Cannot call ${name}: run, runOnSignals or processEvents is under way`,
      );
    }
    this.#isDriven = true;
    try {
      return await body();
    } finally {
      this.#isDriven = false;
    }
  }
}
