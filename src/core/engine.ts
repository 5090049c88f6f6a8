import type { Adapter } from "../contract/adapter.ts";
import type { Listener } from "../contract/listener.ts";
import type { Socket } from "../contract/socket.ts";
import type { SocketFailure } from "../contract/failure.ts";
import {
  type AddressLike,
  formatAddress,
  parseAddress,
} from "../api/address.ts";
import {
  ReactioError,
  ResourcesExhaustedError,
  RuntimeStoppedError,
} from "../api/errors.ts";
import { BufferPool } from "../io/buffer_pool.ts";
import {
  CONNECT_OPTIONS,
  type ConnectionOptions,
  type ConnectionSettings,
  connectionSettings,
  type ConnectOptions,
  LISTEN_OPTIONS,
  type ListenOptions,
} from "../api/options.ts";
import type { Reactor, TcpListenerHandler } from "../api/reactor.ts";
import { INVALID_REACTOR_ID, type ReactorID } from "../api/reactor_id.ts";
import { summaryOf } from "../util/one_line.ts";
import { SlotMap } from "../util/slot_map.ts";
import {
  adapterConnectOptions,
  adapterListenOptions,
} from "./adapter_options.ts";
import { CommandQueue } from "./command_queue.ts";
import {
  type CloseCommand,
  type CommandExecutor,
  type ConnectCommand,
  type ListenCommand,
  notSupported,
  userCmdAction,
} from "./commands.ts";
import { ConnectAttempt } from "./connect_attempt.ts";
import { Connection } from "./connection.ts";
import {
  checkListenerHandler,
  checkReactor,
  listenError,
  notFound,
  toError,
  withAction,
} from "./failures.ts";
import { type ListenerHost, ListenerState } from "./listener_state.ts";
import { PeerLog } from "./peer_log.ts";
import { Timeout, TurnLoop } from "./turn_loop.ts";

const STOPPED = new RuntimeStoppedError("the runtime was stopped");
const CLOSED = new RuntimeStoppedError("Closed: the runtime was stopped");

/** Told what became of a connect or listen: one of the two, once. */
export interface Outcome<Opened> {
  succeed(opened: Opened): void;
  fail(error: Error): void;
}

/** The heart of a runtime: holds the reactors, connects, listens, carries commands out, and stops. */
export class Engine<UserCommand>
  implements ListenerHost<UserCommand>, CommandExecutor<UserCommand> {
  readonly pool = new BufferPool();
  readonly commands: CommandQueue<UserCommand>;
  readonly loop: TurnLoop<UserCommand>;
  readonly peerLog: PeerLog;

  readonly #adapter: Adapter;
  readonly #defaults: ConnectionSettings;

  readonly #reactors: SlotMap<
    Connection<UserCommand> | ListenerState<UserCommand>
  >;
  readonly #connecting = new Map<
    ConnectAttempt<UserCommand>,
    Outcome<Connection<UserCommand>>
  >();
  /** Listeners that are being bound or released. */
  #changingListenerCount = 0;
  #connectionCount = 0;
  #whenIdle: (() => void)[] = [];
  #isStopped = false;
  readonly #graceTimeout = new Timeout(() => this.#abortAll());

  /** `maxReactors` is how many reactors and listeners there may be at once. */
  constructor(
    adapter: Adapter,
    options: ConnectionOptions,
    maxReactors?: number,
  ) {
    this.#adapter = adapter;
    this.#reactors = new SlotMap(maxReactors);
    this.#defaults = connectionSettings(options);
    this.commands = new CommandQueue(
      adapter.clock,
      () => this.loop.onCommand(),
      (say, error) => this.#warn(say, error),
    );
    this.loop = new TurnLoop(
      adapter,
      this.commands,
      this,
      () => this.#onTurnEnd(),
    );
    this.peerLog = new PeerLog(this.loop);
  }

  // Counts.

  get reactorCount(): number {
    return this.#reactors.size;
  }

  get connectionCount(): number {
    return this.#connectionCount;
  }

  /** True while anything is left to do. */
  get isBusy(): boolean {
    return this.#reactors.size > 0 || this.#connecting.size > 0 ||
      this.#changingListenerCount > 0 || this.commands.unsettledCount > 0 ||
      this.commands.remoteCount > 0 ||
      (!this.#isStopped &&
        (this.loop.hasCalls || this.commands.queuedCount > 0));
  }

  /** Calls back when the reactor `id` is closed, after its `onClose`; false if it is closed. */
  whenClosed(id: ReactorID, callback: () => void): boolean {
    const found = this.#reactors.get(id);
    found?.onceClosed(callback);
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
      this.commands.refuse(STOPPED, (command) => {
        if (this.#close(command)) return;
        this.loop.defer(() => command.fail(notFound(command.action)));
      });
      for (const [connecting, outcome] of this.#connecting) {
        connecting.cancel();
        this.loop.defer(() => outcome.fail(stopped(connecting.action)));
      }
      this.#connecting.clear();
      for (const reactor of this.#reactors.values()) reactor.close(CLOSED);
    }
    return this.whenIdle().then(() => {
      this.loop.disarm(this.#graceTimeout);
      this.peerLog.tellHeldBack();
    });
  }

  // Connecting and listening.

  /** Connects and tells `outcome`. Returns how to give up without telling it, which may be too late. */
  connect(
    address: AddressLike,
    reactor: Reactor<UserCommand>,
    options: ConnectOptions,
    outcome: Outcome<Connection<UserCommand>>,
  ): (() => boolean) | undefined {
    try {
      checkReactor(reactor);
      const target = parseAddress(address);
      const settings = connectionSettings(options, this.#defaults);
      const { connectTimeoutMs } = CONNECT_OPTIONS.fill(options);
      // Checked last: what was given may have stopped it while it was read.
      if (this.#isStopped) {
        throw stopped(`connect to ${formatAddress(target)}`);
      }
      const connecting: ConnectAttempt<UserCommand> = new ConnectAttempt(
        this.loop,
        this.#adapter,
        adapterConnectOptions(this.#adapter, target),
        connectTimeoutMs,
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
    } catch (thrown) {
      outcome.fail(toError(thrown, "the adapter"));
      return undefined;
    }
  }

  /** Listens, by the adapter or by `bind`, and tells `outcome`. */
  listen(
    address: AddressLike,
    handler: TcpListenerHandler<UserCommand>,
    options: ListenOptions,
    outcome: Outcome<ListenerState<UserCommand>>,
    bind: Adapter["listen"] = (...args) => this.#adapter.listen(...args),
  ): void {
    try {
      checkListenerHandler(handler);
      const target = parseAddress(address);
      const settings = LISTEN_OPTIONS.fill(options);
      if (this.#isStopped) throw stopped(`listen on ${formatAddress(target)}`);
      const { maxConnections } = settings;
      const listening = new ListenerState(this, handler, maxConnections);
      const bound = bind(
        adapterListenOptions(this.#adapter, target, settings),
        listening,
      );
      this.#changingListenerCount++;
      bound.then(
        (listener) => {
          this.#endListenerChange();
          this.#onBound(listening, listener, outcome);
        },
        (failure: SocketFailure) => {
          this.#endListenerChange();
          outcome.fail(listenError(target, failure));
        },
      );
    } catch (thrown) {
      outcome.fail(toError(thrown, "the adapter"));
    }
  }

  adopt(
    socket: Socket,
    reactor: Reactor<UserCommand>,
    options: ConnectionOptions,
  ): Connection<UserCommand> {
    checkReactor(reactor);
    const settings = connectionSettings(options, this.#defaults);
    if (this.#isStopped) throw stopped("serve a connection");
    return this.#addConnection(socket, reactor, settings);
  }

  // Commands.

  executeConnect(command: ConnectCommand<UserCommand>): void {
    try {
      const reactor = command.makeReactor();
      const { endpoint, options } = command;
      command.abandon = this.connect(
        endpoint.address,
        reactor,
        options,
        {
          succeed: ({ id, socket }) => command.succeed(id, socket.localAddress),
          fail: (error) => command.fail(error),
        },
      );
    } catch (thrown) {
      command.fail(toError(thrown, "the factory"));
    }
  }

  executeListen(command: ListenCommand<UserCommand>): void {
    try {
      const handler = command.makeHandler();
      const { endpoint, options, bind } = command;
      this.listen(endpoint.address, handler, options, {
        succeed: ({ id, address }) => command.succeed(id, address),
        fail: (error) => command.fail(error),
      }, bind);
    } catch (thrown) {
      command.fail(toError(thrown, "the factory"));
    }
  }

  executeClose(command: CloseCommand<UserCommand>): void {
    if (!this.#close(command)) command.fail(notFound(command.action));
  }

  /** True if a command from another thread may be carried out at once. */
  get canWorkNow(): boolean {
    return !this.#isStopped && this.loop.canWorkNow;
  }

  /** Gives `cmd` to the reactor `target`; returns why that failed, or what its handler threw. */
  giveCommand(target: ReactorID, cmd: UserCommand): Error | undefined {
    const found = this.#reactors.get(target);
    if (found instanceof Connection) return found.command(cmd);
    return found === undefined
      ? notFound(userCmdAction(target))
      : notSupported(target, "it listens");
  }

  // What connections and listeners ask of it.

  get cmdSender(): CommandQueue<UserCommand> {
    return this.commands;
  }

  remove(connection: Connection<UserCommand>): void {
    this.#reactors.remove(connection.id);
    this.#connectionCount--;
    if (this.#reactors.size === 0) this.loop.requestTurn(); // maybe nothing is left to do
  }

  removeListener(
    listening: ListenerState<UserCommand>,
    isFree: Promise<void>,
  ): void {
    this.#reactors.remove(listening.id);
    this.#awaitRelease(isFree, () => listening.onClosed());
  }

  /** Serves what was bound, if there is room for it. */
  #onBound(
    listening: ListenerState<UserCommand>,
    listener: Listener,
    outcome: Outcome<ListenerState<UserCommand>>,
  ): void {
    try {
      if (this.#isStopped) throw stopped("listen");
      this.#addReactor(listening);
    } catch (error) {
      this.#awaitRelease(listener.close(), () => outcome.fail(error as Error));
      return;
    }
    const error = listening.start(listener);
    if (error === undefined) outcome.succeed(listening);
    else outcome.fail(error);
  }

  /** Calls back when the address of a listener that was closed is free. */
  #awaitRelease(isFree: Promise<void>, onFree: () => void): void {
    this.#changingListenerCount++;
    const callback = () => {
      this.#endListenerChange();
      onFree();
    };
    isFree.then(callback, callback);
  }

  #endListenerChange(): void {
    this.#changingListenerCount--;
    this.loop.requestTurn();
  }

  #open(
    socket: Socket,
    reactor: Reactor<UserCommand>,
    settings: ConnectionSettings,
    outcome: Outcome<Connection<UserCommand>>,
  ): void {
    let connection: Connection<UserCommand>;
    try {
      connection = this.#addConnection(socket, reactor, settings);
    } catch (error) {
      socket.destroy();
      return outcome.fail(error as Error);
    }
    const refusal = connection.start(INVALID_REACTOR_ID);
    if (refusal === undefined) outcome.succeed(connection);
    else outcome.fail(refusal);
  }

  /** Closes what `command` says, and then completes it; false if there is nothing to close. */
  #close(command: CloseCommand<UserCommand>): boolean {
    const found = this.#reactors.get(command.target);
    if (found === undefined) return false;
    found.onceClosed(() => command.succeed(command.target));
    if (command.abort && found instanceof Connection) found.abort();
    else found.close();
    return true;
  }

  #addConnection(
    socket: Socket,
    reactor: Reactor<UserCommand>,
    settings: ConnectionSettings,
  ): Connection<UserCommand> {
    const connection = new Connection(this, socket, reactor, settings);
    this.#addReactor(connection);
    this.#connectionCount++;
    return connection;
  }

  #addReactor(
    reactor: Connection<UserCommand> | ListenerState<UserCommand>,
  ): ReactorID {
    if (this.#reactors.full) {
      throw new ResourcesExhaustedError(
        `Cannot add a reactor: the runtime has ${this.#reactors.size}`,
      );
    }
    const id = this.#reactors.add(reactor) as ReactorID;
    reactor.id = id;
    return id;
  }

  /** Tells of a failure that nobody awaits. Where the library's own error was made says nothing. */
  /** Of the library's own errors it says nothing where they were made. */
  #warn(say: () => string, error: Error): void {
    if (error instanceof ReactioError) {
      this.peerLog.warn(() => `${say()}: ${summaryOf(error)}`);
    } else {
      this.peerLog.warn(say, error);
    }
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
