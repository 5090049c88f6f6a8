import type {
  Adapter,
  Address,
  Socket,
  SocketFailure,
  TimerHandle,
} from "../adapters/adapter.ts";
import { type AddressLike, formatAddress, parseAddress } from "../address.ts";
import {
  CommandNotSupportedError,
  ConnectionClosedError,
  InvalidReactorError,
  ListenError,
  ReactorNotFoundError,
  ResourcesExhaustedError,
  RuntimeStoppedError,
} from "../errors.ts";
import { BufferPool } from "../io/buffer_pool.ts";
import {
  type ConnectionOptions,
  type ConnectionSettings,
  connectionSettings,
  type ConnectOptions,
  connectTimeout,
  DEFAULT_CONNECTION_SETTINGS,
  type ListenOptions,
  listenSettings,
} from "../options.ts";
import type { Reactor, TcpListenerHandler } from "../reactor.ts";
import { INVALID_REACTOR_ID, type ReactorID } from "../reactor_id.ts";
import { logError } from "../util/log.ts";
import { watchPromise } from "../util/promises.ts";
import { SlotMap } from "../util/slot_map.ts";
import { TimerHeap } from "../util/timer_heap.ts";
import { CommandQueue } from "./command_queue.ts";
import type {
  CloseCommand,
  CommandExecutor,
  ConnectCommand,
  ListenCommand,
  UserCmdCommand,
} from "./commands.ts";
import { Connecting } from "./connecting.ts";
import { Connection, Timeout } from "./connection.ts";
import { listenError, textOf, toError } from "./failures.ts";
import { Listening, type ListeningHost } from "./listening.ts";

/** Told what became of a connect or listen: one of the two, once. */
export interface Outcome {
  succeed(reactorId: ReactorID): void;
  fail(error: Error): void;
}

/** How many commands a turn carries out before sockets are served again. */
const COMMANDS_PER_TURN = 1024;

const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * The heart of a runtime: holds the reactors, carries commands out, keeps time,
 * and ends every turn by flushing what was sent in it.
 *
 * It drives itself, by the adapter's end of turn and one timer, unless it is
 * polled: then commands and time limits wait for `work`.
 */
export class Engine<UserCommand>
  implements ListeningHost<UserCommand>, CommandExecutor<UserCommand> {
  readonly pool = new BufferPool();
  readonly commands: CommandQueue<UserCommand>;

  readonly #adapter: Adapter;
  readonly #defaults: ConnectionSettings;
  readonly #connectTimeoutMs: number;

  readonly #reactors = new SlotMap<
    Connection<UserCommand> | Listening<UserCommand>
  >();
  readonly #connecting = new Map<Connecting<UserCommand>, Outcome>();
  /** Listeners that are being bound or released. */
  #countListenersInChange = 0;
  #countStreams = 0;
  #countSocketEvents = 0;

  readonly #timeouts = new TimerHeap<Timeout>();
  #timer: TimerHandle = undefined;
  #timerDeadline = Infinity;

  #isTurnRequested = false;
  #isPolled = false;
  #toFlush: Connection<UserCommand>[] = [];
  #toCall: (() => void)[] = [];
  #whenIdle: (() => void)[] = [];
  #onEvent: (() => void) | undefined = undefined;

  #isStopped = false;
  readonly #graceTimeout = new Timeout(() => this.#abortAll());

  constructor(adapter: Adapter, options: ConnectOptions) {
    this.#adapter = adapter;
    this.#defaults = connectionSettings(options, DEFAULT_CONNECTION_SETTINGS);
    this.#connectTimeoutMs = connectTimeout(options);
    this.commands = new CommandQueue(
      () => adapter.now(),
      () => this.#onCommand(),
    );
  }

  // Counts.

  get countReactors(): number {
    return this.#reactors.size;
  }

  get countStreams(): number {
    return this.#countStreams;
  }

  get countSocketEvents(): number {
    return this.#countSocketEvents;
  }

  /** True while anything is left to do. */
  get isBusy(): boolean {
    return this.#reactors.size > 0 || this.#connecting.size > 0 ||
      this.#countListenersInChange > 0 || this.commands.countUnsettled > 0 ||
      (!this.#isStopped &&
        (this.#toCall.length > 0 || this.commands.countQueued > 0));
  }

  localAddress(id: ReactorID): Address | undefined {
    const found = this.#reactors.get(id);
    return found instanceof Connection
      ? found.socket.localAddress
      : found?.localAddress;
  }

  // What drives it.

  /** From now on commands and time limits wait for `work` (true), or do not (false). */
  setPolled(isPolled: boolean): void {
    if (this.#isPolled === isPolled) return;
    this.#isPolled = isPolled;
    this.#setTimer();
    if (!isPolled) this.#requestTurn();
  }

  /** Carries out what is due, `maxCommands` queued commands at most, and ends the turn. */
  work(maxCommands: number): void {
    const now = this.#adapter.now();
    for (;;) {
      const timeout = this.#timeouts.popDue(now);
      if (timeout === undefined) break;
      timeout.onTimeout();
    }
    this.commands.runDeferred(this, COMMANDS_PER_TURN);
    this.commands.runQueued(this, maxCommands);
    this.#endTurn();
  }

  /** Resolves when a socket event or a command has come in, something is due, or `timeoutMs` have passed; not before sockets were served. */
  nextEvent(timeoutMs: number): Promise<void> {
    const now = this.#adapter.now();
    const isReady = this.commands.countQueued > 0 || this.#toCall.length > 0;
    const delay = isReady ? 0 : Math.min(timeoutMs, this.#earliest - now);
    return new Promise((resolve) => {
      if (delay <= 0) return this.#adapter.endOfTurn(resolve);
      const timer = this.#adapter.setTimer(() => this.#onEvent?.(), delay);
      this.#onEvent = () => {
        this.#onEvent = undefined;
        this.#adapter.clearTimer(timer);
        resolve();
      };
    });
  }

  /** Resolves when nothing is left to do. */
  whenIdle(): Promise<void> {
    return new Promise((resolve) => {
      this.#whenIdle.push(resolve);
      this.#requestTurn();
    });
  }

  /** Takes on nothing new, closes everything, aborts after `graceMs` what is not closed by then. */
  stop(graceMs: number): Promise<void> {
    this.setPolled(false);
    this.arm(this.#graceTimeout, graceMs);
    if (!this.#isStopped) {
      this.#isStopped = true;
      this.commands.refuse(stopped);
      for (const [connecting, outcome] of this.#connecting) {
        connecting.cancel();
        this.defer(() => outcome.fail(stopped("connect")));
      }
      this.#connecting.clear();
      const reason = new RuntimeStoppedError("Closed: the runtime was stopped");
      for (const reactor of this.#reactors.values()) reactor.close(reason);
    }
    return this.whenIdle().then(() => this.disarm(this.#graceTimeout));
  }

  // Connecting and listening.

  /** Connects and tells `outcome`. Returns how to give up without telling it, if that can still be done. */
  connect(
    address: AddressLike,
    reactor: Reactor<UserCommand>,
    options: ConnectOptions,
    outcome: Outcome,
  ): (() => void) | undefined {
    try {
      if (this.#isStopped) throw stopped("connect");
      checkReactor(reactor);
      const target = parseAddress(address);
      const settings = connectionSettings(options, this.#defaults);
      const timeoutMs = connectTimeout(options, this.#connectTimeoutMs);
      const connecting: Connecting<UserCommand> = new Connecting(
        this,
        this.#adapter,
        target,
        timeoutMs,
        {
          onConnect: (socket) => {
            this.#connecting.delete(connecting);
            this.#open(socket, reactor, settings, outcome);
          },
          onFailure: (error) => {
            this.#connecting.delete(connecting);
            outcome.fail(error);
            this.#requestTurn();
          },
        },
      );
      this.#connecting.set(connecting, outcome);
      return () => {
        this.#connecting.delete(connecting);
        connecting.cancel();
      };
    } catch (error) {
      outcome.fail(error as Error);
      return undefined;
    }
  }

  /** Listens and tells `outcome`. */
  listen(
    address: AddressLike,
    handler: TcpListenerHandler<UserCommand>,
    options: ListenOptions,
    outcome: Outcome,
  ): void {
    try {
      if (this.#isStopped) throw stopped("listen");
      checkListenerHandler(handler);
      const target = parseAddress(address);
      const { maxConnections, backlog, reusePort } = listenSettings(options);
      if (reusePort && !this.#adapter.reusesPorts) {
        throw new ListenError(
          `Cannot listen on ${
            formatAddress(target)
          } with reusePort: ${this.#adapter.name} cannot share ports here`,
        );
      }
      const listening = new Listening(this, handler, maxConnections);
      this.#countListenersInChange++;
      this.#adapter.listen({ ...target, backlog, reusePort }, listening).then(
        (listener) => {
          this.#countListenersInChange--;
          this.#requestTurn();
          if (this.#isStopped) {
            listener.close();
            return outcome.fail(stopped("listen"));
          }
          const id = this.#addReactor(listening);
          const error = listening.start(listener);
          if (error === undefined) outcome.succeed(id);
          else outcome.fail(error);
        },
        (failure: SocketFailure) => {
          this.#countListenersInChange--;
          this.#requestTurn();
          outcome.fail(listenError(target, failure));
        },
      );
    } catch (error) {
      outcome.fail(error as Error);
    }
  }

  adopt(
    socket: Socket,
    reactor: Reactor<UserCommand>,
    options: ConnectionOptions,
  ): Connection<UserCommand> {
    checkReactor(reactor);
    return this.#addConnection(
      socket,
      reactor,
      connectionSettings(options, this.#defaults),
    );
  }

  // Commands.

  executeConnect(command: ConnectCommand<UserCommand>): void {
    command.abandon = this.connect(
      command.address,
      command.reactor,
      command.options,
      command,
    );
  }

  executeListen(command: ListenCommand<UserCommand>): void {
    this.listen(command.address, command.handler, command.options, command);
  }

  executeClose(command: CloseCommand<UserCommand>): void {
    const found = this.#reactors.get(command.target);
    if (found === undefined) return command.fail(notFound(command.action));
    found.whenClosed(() => command.succeed(command.target));
    if (command.abort && found instanceof Connection) found.abort();
    else found.close();
  }

  executeUser(command: UserCmdCommand<UserCommand>): void {
    const found = this.#reactors.get(command.target);
    if (found === undefined) return command.fail(notFound(command.action));
    if (!(found instanceof Connection) || !found.takesCommands) {
      return command.fail(
        new CommandNotSupportedError(
          `Cannot ${command.action}: ${
            found instanceof Connection ? "it has no onCommand" : "it listens"
          }`,
        ),
      );
    }
    if (found.isClosing) {
      return command.fail(
        new ConnectionClosedError(`Cannot ${command.action}: it is closing`),
      );
    }
    const error = found.command(command.cmd);
    if (error === undefined) command.succeed(command.target);
    else command.fail(error);
  }

  // What connections and listeners ask of it.

  get cmdSender(): CommandQueue<UserCommand> {
    return this.commands;
  }

  get borrowsWrites(): boolean {
    return this.#adapter.borrowsWrites;
  }

  now(): number {
    return this.#adapter.now();
  }

  arm(timeout: Timeout, delayMs: number): void {
    this.#timeouts.remove(timeout);
    this.#timeouts.push(timeout, this.#adapter.now() + delayMs);
    this.#setTimer();
  }

  disarm(timeout: Timeout): void {
    if (this.#timeouts.remove(timeout)) this.#setTimer();
  }

  countSocketEvent(): void {
    this.#countSocketEvents++;
    this.#onEvent?.();
  }

  flushLater(connection: Connection<UserCommand>): void {
    this.#toFlush.push(connection);
    this.#requestTurn();
  }

  defer(callback: () => void): void {
    this.#toCall.push(callback);
    this.#requestTurn();
  }

  remove(connection: Connection<UserCommand>): void {
    this.#reactors.remove(connection.reactorId);
    this.#countStreams--;
    this.#requestTurn();
  }

  removeListening(
    listening: Listening<UserCommand>,
    isFree: Promise<void>,
  ): void {
    this.#reactors.remove(listening.reactorId);
    this.#countListenersInChange++;
    isFree.then(() => {
      this.#countListenersInChange--;
      listening.onClosed();
      this.#requestTurn();
    });
  }

  #open(
    socket: Socket,
    reactor: Reactor<UserCommand>,
    settings: ConnectionSettings,
    outcome: Outcome,
  ): void {
    let connection: Connection<UserCommand>;
    try {
      connection = this.#addConnection(socket, reactor, settings);
    } catch (error) {
      socket.destroy();
      return outcome.fail(error as Error);
    }
    const refusal = connection.start(INVALID_REACTOR_ID);
    if (refusal === undefined) outcome.succeed(connection.reactorId);
    else outcome.fail(refusal);
  }

  #addConnection(
    socket: Socket,
    reactor: Reactor<UserCommand>,
    settings: ConnectionSettings,
  ): Connection<UserCommand> {
    const connection = new Connection(this, socket, reactor, settings);
    this.#addReactor(connection);
    this.#countStreams++;
    return connection;
  }

  #addReactor(
    reactor: Connection<UserCommand> | Listening<UserCommand>,
  ): ReactorID {
    if (this.#reactors.full) {
      throw new ResourcesExhaustedError(
        `Cannot add a reactor: the runtime has ${this.#reactors.size}`,
      );
    }
    const id = this.#reactors.add(reactor) as ReactorID;
    reactor.reactorId = id;
    return id;
  }

  #abortAll(): void {
    for (const reactor of this.#reactors.values()) {
      if (reactor instanceof Connection) reactor.abort();
    }
  }

  #onCommand(): void {
    this.#onEvent?.();
    if (this.#isPolled) return;
    if (this.commands.countQueued > 0) this.#requestTurn();
    this.#setTimer();
  }

  #requestTurn(): void {
    if (this.#isTurnRequested) return;
    this.#isTurnRequested = true;
    this.#adapter.endOfTurn(this.#turn);
  }

  readonly #turn = (): void => {
    this.#isTurnRequested = false;
    if (this.#isPolled) this.#endTurn();
    else this.work(COMMANDS_PER_TURN);
    this.#onEvent?.(); // maybe nothing is left to do
  };

  /** Makes the calls that were put off, flushes what was sent, and sees what comes next. */
  #endTurn(): void {
    const callbacks = this.#toCall;
    this.#toCall = [];
    for (const callback of callbacks) this.#call(callback);
    const connections = this.#toFlush;
    this.#toFlush = [];
    for (const connection of connections) connection.flush();
    if (!this.#isPolled && this.commands.countQueued > 0) this.#requestTurn();
    this.#setTimer();
    if (this.#whenIdle.length > 0 && !this.isBusy) this.#tellIdle();
  }

  #call(callback: () => void): void {
    try {
      watchPromise(callback(), logThrown);
    } catch (thrown) {
      logThrown(thrown);
    }
  }

  #tellIdle(): void {
    const waiting = this.#whenIdle;
    this.#whenIdle = [];
    for (const resolve of waiting) resolve();
  }

  get #earliest(): number {
    return Math.min(this.#timeouts.earliest, this.commands.earliestDeadline);
  }

  /** Keeps the one timer armed for what is due first, and none if nothing is. */
  #setTimer(): void {
    const earliest = this.#isPolled ? Infinity : this.#earliest;
    const isLate = earliest < this.#timerDeadline;
    if (!isLate && (earliest !== Infinity || this.#timer === undefined)) return;
    if (this.#timer !== undefined) this.#adapter.clearTimer(this.#timer);
    this.#timer = undefined;
    this.#timerDeadline = earliest;
    if (earliest === Infinity) return;
    const delay = Math.max(0, earliest - this.#adapter.now());
    this.#timer = this.#adapter.setTimer(
      this.#onTimer,
      Math.min(delay, MAX_TIMER_MS),
    );
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined;
    this.#timerDeadline = Infinity;
    if (this.#isPolled) return;
    this.work(COMMANDS_PER_TURN);
  };
}

function logThrown(thrown: unknown): void {
  logError("a callback threw:", toError(thrown, "a callback"));
}

function stopped(action: string): RuntimeStoppedError {
  return new RuntimeStoppedError(`Cannot ${action}: the runtime was stopped`);
}

function notFound(action: string): ReactorNotFoundError {
  return new ReactorNotFoundError(
    `Cannot ${action}: it was closed, or never was`,
  );
}

function checkReactor(reactor: unknown): void {
  const { onInboundMessage } = (reactor ?? {}) as Record<string, unknown>;
  if (typeof onInboundMessage === "function") return;
  throw new InvalidReactorError(
    `Cannot use ${textOf(reactor)} as a reactor: it has no onInboundMessage`,
  );
}

function checkListenerHandler(handler: unknown): void {
  const { onNewConnection } = (handler ?? {}) as Record<string, unknown>;
  if (typeof onNewConnection === "function") return;
  throw new InvalidReactorError(
    `Cannot use ${
      textOf(handler)
    } as a listener handler: it has no onNewConnection`,
  );
}
