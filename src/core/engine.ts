import type { Adapter } from "../contract/adapter.ts";
import { ReactioError } from "../api/errors.ts";
import type { RuntimeLimits } from "../api/options/runtime.ts";
import type { StopSettings } from "../api/options/stop.ts";
import type { CmdSender } from "../api/reactor.ts";
import type { ReactorID } from "../api/reactor_id.ts";
import type { TlsListenOptions } from "../api/options/tls.ts";
import { ServiceMessageTally } from "../stats/service_message_tally.ts";
import type { RuntimeStats } from "../stats/stats.ts";
import { summaryOf } from "../util/one_line.ts";
import { callGuarded } from "../util/promises.ts";
import { CommandQueue } from "./command_queue.ts";
import {
  type CloseCommand,
  type CommandExecutor,
  type ConnectCommand,
  type GivenCommand,
  type ListenCommand,
  notSupported,
  userCmdAction,
} from "./commands.ts";
import { Connection } from "./connection.ts";
import { notFound } from "./failures.ts";
import { toError } from "../api/to_error.ts";
import { STOPPED } from "./open_callbacks.ts";
import { Connector } from "./connector.ts";
import { PeerLog } from "./peer_log.ts";
import { ReactorRegistry } from "./reactor_registry.ts";
import { RuntimeCmdSender } from "./runtime_cmd_sender.ts";
import { ScheduledCalls } from "./scheduled_calls.ts";
import { Shutdown } from "./shutdown.ts";
import { TurnLoop } from "./turn_loop.ts";

/** The heart of a runtime: puts its parts together, executes commands, and stops. */
export class Engine<UserCommand> implements CommandExecutor<UserCommand> {
  readonly commands: CommandQueue<UserCommand>;
  readonly cmdSender: CmdSender<UserCommand>;
  readonly loop: TurnLoop<UserCommand>;
  readonly peerLog: PeerLog;
  readonly connector: Connector<UserCommand>;
  /** Counts messages between this thread and others. */
  readonly serviceMessages: ServiceMessageTally = new ServiceMessageTally();
  /** The calls scheduled on the runtime itself. */
  readonly calls: ScheduledCalls;

  readonly reactors: ReactorRegistry<UserCommand>;
  readonly #shutdown: Shutdown<UserCommand>;
  readonly #madeAt: number;
  #whenIdle: (() => void)[] = [];

  /** `maxReactors` is the largest number of reactors and listeners at once. */
  constructor(
    adapter: Adapter,
    options: RuntimeLimits,
    maxReactors?: number,
  ) {
    this.#madeAt = adapter.clock.now();
    this.reactors = new ReactorRegistry(maxReactors);
    this.commands = new CommandQueue(
      adapter.clock,
      () => this.loop.onCommand(),
      (say, error) => this.#warn(say, error),
    );
    this.cmdSender = new RuntimeCmdSender(this.commands);
    this.loop = new TurnLoop(
      adapter,
      this.commands,
      this,
      () => this.#onTurnEnd(),
    );
    this.calls = new ScheduledCalls(
      this.loop,
      (callback) => this.#call(callback),
      () => this.#onNoCalls(),
    );
    this.peerLog = new PeerLog(this.loop);
    this.connector = new Connector({
      adapter,
      loop: this.loop,
      cmdSender: this.cmdSender,
      peerLog: this.peerLog,
      reactors: this.reactors,
    }, options);
    this.#shutdown = new Shutdown({
      loop: this.loop,
      connector: this.connector,
      reactors: this.reactors,
      refuseAll: () => this.#refuseAll(),
    });
  }

  // Its reactors.

  get reactorCount(): number {
    return this.reactors.size;
  }

  get connectionCount(): number {
    return this.reactors.connectionCount;
  }

  stats(): RuntimeStats {
    const { loop, connector, commands } = this;
    const now = loop.now();
    loop.probeDelays(now);
    const all = connector.tally.stats(this.reactors.connections(), now);
    return {
      uptimeMs: now - this.#madeAt,
      listeners: this.reactorCount - this.connectionCount,
      ...all,
      bytesHeld: connector.bytesHeld,
      connects: connector.connects.stats(),
      commands: {
        executed: commands.executedCount,
        deferred: commands.deferredTotal,
        queued: commands.queuedCount,
        waiting: commands.deferredCount,
      },
      serviceMessages: { ...this.serviceMessages },
      requested: connector.requested.stats(),
      served: connector.served.stats(),
      handlerTime: loop.handlerTimes.histogram.stats(),
      turnTime: loop.turnTimes.histogram.stats(),
      loopDelay: loop.turnDelays.histogram.stats(),
    };
  }

  /**
   * Calls `callback` when the reactor `id` has closed, after its `onClose`.
   * Returns false if it is closed already.
   */
  whenClosed(id: ReactorID, callback: () => void): boolean {
    const found = this.reactors.get(id);
    found?.onceClosed(callback);
    return found !== undefined;
  }

  /** Calls `setTls` of the listener `id`, unless it is closed. */
  setTls(id: ReactorID, tls: TlsListenOptions): void {
    const found = this.reactors.get(id);
    if (found instanceof Connection) return;
    found?.setTls(tls);
  }

  // Commands.

  executeConnect(command: ConnectCommand<UserCommand>): void {
    try {
      const reactor = command.makeReactor();
      const { endpoint, options } = command;
      command.abandon = this.connector.connect(
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
      this.connector.binder.listen(endpoint.address, handler, options, {
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

  /** Gives `cmd` to the reactor `target`. Returns the outcome. */
  giveCommand(target: ReactorID, cmd: UserCommand): GivenCommand {
    const found = this.reactors.get(target);
    if (found instanceof Connection) return found.command(cmd);
    return found === undefined
      ? notFound(userCmdAction(target))
      : notSupported(target, "it listens");
  }

  /** True once everything is being closed: nothing new is accepted. */
  get isClosing(): boolean {
    return this.#shutdown.isClosing;
  }

  /** True if a command from another thread may be executed at once. */
  get canWorkNow(): boolean {
    return !this.isClosing && this.loop.canWorkNow;
  }

  /**
   * Closes the target of `command`, then completes it. Returns false if there
   * is nothing to close.
   */
  #close(command: CloseCommand<UserCommand>): boolean {
    const found = this.reactors.get(command.target);
    if (found === undefined) return false;
    found.onceClosed(() => command.succeed(command.target));
    if (command.abort && found instanceof Connection) found.abort();
    else found.close();
    return true;
  }

  /**
   * Logs a failure that nobody awaits, without its location if it is an error
   * of the library.
   */
  #warn(say: () => string, error: Error): void {
    if (error instanceof ReactioError) {
      this.peerLog.warn(() => `${say()}: ${summaryOf(error)}`);
    } else {
      this.peerLog.warn(say, error);
    }
  }

  // Scheduled calls.

  #call(callback: () => void): void {
    callGuarded(callback, (thrown) =>
      this.peerLog.warn(
        () => "A call that was scheduled on a runtime failed",
        toError(thrown, "a scheduled call"),
      ));
  }

  /** Makes waiters check whether anything is left to do. */
  #onNoCalls(): void {
    if (!this.isBusy) this.loop.requestTurn();
  }

  // The end.

  /** True while anything is left to do. */
  get isBusy(): boolean {
    return this.reactors.size > 0 || !this.calls.isEmpty ||
      this.connector.isBusy || this.#shutdown.isDraining ||
      this.connector.events.isPublishing ||
      this.commands.unsettledCount > 0 || this.commands.receivedCount > 0 ||
      (!this.isClosing &&
        (this.loop.hasCalls || this.commands.queuedCount > 0));
  }

  /** Resolves when nothing is left to do. */
  whenIdle(): Promise<void> {
    return new Promise((resolve) => {
      this.#whenIdle.push(resolve);
      this.loop.requestTurn();
    });
  }

  /**
   * Stops the runtime: reactors have `drainMs` to finish their work, and
   * connections then have `graceMs` to close.
   */
  stop({ drainMs, graceMs }: StopSettings): Promise<void> {
    this.loop.setPolled(false);
    this.#shutdown.request(drainMs, graceMs);
    return this.whenIdle().then(() => {
      this.#shutdown.end();
      this.peerLog.logSuppressed();
    });
  }

  #refuseAll(): void {
    this.calls.end();
    this.commands.refuse(STOPPED, (command) => {
      if (this.#close(command)) return;
      this.loop.defer(() => command.fail(notFound(command.action)));
    });
  }

  #onTurnEnd(): void {
    if (this.#whenIdle.length === 0 || this.isBusy) return;
    const waiting = this.#whenIdle;
    this.#whenIdle = [];
    for (const resolve of waiting) resolve();
  }
}
