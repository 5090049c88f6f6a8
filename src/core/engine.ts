import type {
  Adapter,
  Address,
  Socket,
  SocketFailure,
} from "../adapters/adapter.ts";
import { type AddressLike, formatAddress, parseAddress } from "../address.ts";
import {
  CommandNotSupportedError,
  ConnectionClosedError,
  ListenError,
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
import { SlotMap } from "../util/slot_map.ts";
import { CommandQueue } from "./command_queue.ts";
import {
  type CloseCommand,
  type CommandExecutor,
  type ConnectCommand,
  type ListenCommand,
  userCmdAction,
} from "./commands.ts";
import { Connecting } from "./connecting.ts";
import { Connection } from "./connection.ts";
import {
  checkListenerHandler,
  checkReactor,
  listenError,
  notFound,
  toError,
  withAction,
} from "./failures.ts";
import { Listening, type ListeningHost } from "./listening.ts";
import { Timeout, TurnLoop } from "./turn_loop.ts";

const STOPPED = new RuntimeStoppedError("the runtime was stopped");
const CLOSED = new RuntimeStoppedError("Closed: the runtime was stopped");

/** Told what became of a connect or listen: one of the two, once. */
export interface Outcome {
  succeed(reactorId: ReactorID, localAddress: Address): void;
  fail(error: Error): void;
}

/** The heart of a runtime: holds the reactors, connects, listens, carries commands out, and stops. */
export class Engine<UserCommand>
  implements ListeningHost<UserCommand>, CommandExecutor<UserCommand> {
  readonly pool = new BufferPool();
  readonly commands: CommandQueue<UserCommand>;
  readonly loop: TurnLoop<UserCommand>;

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
  #whenIdle: (() => void)[] = [];
  #isStopped = false;
  readonly #graceTimeout = new Timeout(() => this.#abortAll());

  constructor(adapter: Adapter, options: ConnectOptions) {
    this.#adapter = adapter;
    this.#defaults = connectionSettings(options, DEFAULT_CONNECTION_SETTINGS);
    this.#connectTimeoutMs = connectTimeout(options);
    this.commands = new CommandQueue(adapter, () => this.loop.onCommand());
    this.loop = new TurnLoop(
      adapter,
      this.commands,
      this,
      () => this.#onTurnEnd(),
    );
  }

  // Counts.

  get countReactors(): number {
    return this.#reactors.size;
  }

  get countStreams(): number {
    return this.#countStreams;
  }

  /** True while anything is left to do. */
  get isBusy(): boolean {
    return this.#reactors.size > 0 || this.#connecting.size > 0 ||
      this.#countListenersInChange > 0 || this.commands.countUnsettled > 0 ||
      this.commands.countForeign > 0 ||
      (!this.#isStopped &&
        (this.loop.hasCalls || this.commands.countQueued > 0));
  }

  localAddress(id: ReactorID): Address | undefined {
    const found = this.#reactors.get(id);
    return found instanceof Connection
      ? found.socket.localAddress
      : found?.localAddress;
  }

  /** Calls back when the reactor `id` is closed, after its `onClose`; false if it is closed. */
  whenClosed(id: ReactorID, callback: () => void): boolean {
    const found = this.#reactors.get(id);
    found?.whenClosed(callback);
    return found !== undefined;
  }

  /** Keeps the ids of reactors within these generations; to be called before there is one. */
  limitGenerations(first: number, last: number): void {
    this.#reactors.limitGenerations(first, last);
  }

  // The end.

  /** Resolves when nothing is left to do. */
  whenIdle(): Promise<void> {
    return new Promise((resolve) => {
      this.#whenIdle.push(resolve);
      this.loop.requestTurn();
    });
  }

  /** Takes on nothing new, closes everything, aborts after `graceMs` what is not closed by then. */
  stop(graceMs: number): Promise<void> {
    this.loop.setPolled(false);
    this.loop.arm(this.#graceTimeout, graceMs);
    if (!this.#isStopped) {
      this.#isStopped = true;
      this.commands.refuse(STOPPED);
      for (const [connecting, outcome] of this.#connecting) {
        connecting.cancel();
        this.loop.defer(() => outcome.fail(stopped(connecting.action)));
      }
      this.#connecting.clear();
      for (const reactor of this.#reactors.values()) reactor.close(CLOSED);
    }
    return this.whenIdle().then(() => this.loop.disarm(this.#graceTimeout));
  }

  // Connecting and listening.

  /** Connects and tells `outcome`. Returns how to give up without telling it, which may be too late. */
  connect(
    address: AddressLike,
    reactor: Reactor<UserCommand>,
    options: ConnectOptions,
    outcome: Outcome,
  ): (() => boolean) | undefined {
    try {
      if (this.#isStopped) throw stopped("connect");
      checkReactor(reactor);
      const target = parseAddress(address);
      const settings = connectionSettings(options, this.#defaults);
      const timeoutMs = connectTimeout(options, this.#connectTimeoutMs);
      const connecting: Connecting<UserCommand> = new Connecting(
        this.loop,
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
            this.loop.requestTurn();
          },
        },
      );
      this.#connecting.set(connecting, outcome);
      return () => {
        if (!this.#connecting.delete(connecting)) return false;
        connecting.cancel();
        return true;
      };
    } catch (error) {
      outcome.fail(error as Error);
      return undefined;
    }
  }

  /** Listens, by the adapter or by `bind`, and tells `outcome`. */
  listen(
    address: AddressLike,
    handler: TcpListenerHandler<UserCommand>,
    options: ListenOptions,
    outcome: Outcome,
    bind: Adapter["listen"] = (...args) => this.#adapter.listen(...args),
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
      bind({ ...target, backlog, reusePort }, listening).then(
        (listener) => {
          this.#countListenersInChange--;
          this.loop.requestTurn();
          if (this.#isStopped) {
            listener.close();
            return outcome.fail(stopped("listen"));
          }
          let id: ReactorID;
          try {
            id = this.#addReactor(listening);
          } catch (error) {
            listener.close();
            return outcome.fail(error as Error);
          }
          const error = listening.start(listener);
          if (error === undefined) outcome.succeed(id, listener.address);
          else outcome.fail(error);
        },
        (failure: SocketFailure) => {
          this.#countListenersInChange--;
          this.loop.requestTurn();
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
    try {
      const reactor = command.makeReactor();
      const { address, options } = command;
      command.abandon = this.connect(address, reactor, options, command);
    } catch (thrown) {
      command.fail(toError(thrown, "the factory"));
    }
  }

  executeListen(command: ListenCommand<UserCommand>): void {
    try {
      const handler = command.makeHandler();
      const { address, options, bind } = command;
      this.listen(address, handler, options, command, bind);
    } catch (thrown) {
      command.fail(toError(thrown, "the factory"));
    }
  }

  executeClose(command: CloseCommand<UserCommand>): void {
    const found = this.#reactors.get(command.target);
    if (found === undefined) return command.fail(notFound(command.action));
    found.whenClosed(() => command.succeed(command.target));
    if (command.abort && found instanceof Connection) found.abort();
    else found.close();
  }

  /** True if a command from another thread may be carried out at once. */
  get canWorkNow(): boolean {
    return !this.#isStopped && this.loop.canWorkNow;
  }

  /** Gives `cmd` to the reactor `target`; returns why that failed, or what its handler threw. */
  giveCommand(target: ReactorID, cmd: UserCommand): Error | undefined {
    const found = this.#reactors.get(target);
    if (
      found instanceof Connection && found.takesCommands && !found.isClosing
    ) {
      return found.command(cmd);
    }
    const action = userCmdAction(target);
    if (found === undefined) return notFound(action);
    if (!(found instanceof Connection) || !found.takesCommands) {
      return new CommandNotSupportedError(
        `Cannot ${action}: ${
          found instanceof Connection ? "it has no onCommand" : "it listens"
        }`,
      );
    }
    return new ConnectionClosedError(`Cannot ${action}: it is closing`);
  }

  // What connections and listeners ask of it.

  get cmdSender(): CommandQueue<UserCommand> {
    return this.commands;
  }

  get borrowsWrites(): boolean {
    return this.#adapter.borrowsWrites;
  }

  remove(connection: Connection<UserCommand>): void {
    this.#reactors.remove(connection.reactorId);
    this.#countStreams--;
    if (this.#reactors.size === 0) this.loop.requestTurn(); // maybe nothing is left to do
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
      this.loop.requestTurn();
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
    if (refusal === undefined) {
      outcome.succeed(connection.reactorId, socket.localAddress);
    } else outcome.fail(refusal);
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
      if (reactor instanceof Connection) reactor.abort(CLOSED);
    }
  }

  #onTurnEnd(): void {
    if (this.#whenIdle.length === 0 || this.isBusy) return;
    const waiting = this.#whenIdle;
    this.#whenIdle = [];
    for (const resolve of waiting) resolve();
  }
}

function stopped(action: string): Error {
  return withAction(STOPPED, action);
}
