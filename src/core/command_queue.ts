import type { Adapter } from "../adapters/adapter.ts";
import type { AddressLike } from "../address.ts";
import {
  type CloseCommandOptions,
  type CmdSender,
  type CommandId,
  type CommandOptions,
  type ConnectCommandOptions,
  INVALID_COMMAND_ID,
  type ListenCommandOptions,
} from "../cmd_sender.ts";
import { type Deferred, delayOf } from "../deferred.ts";
import { CommandCancelledError, CommandQueueFullError } from "../errors.ts";
import type { Reactor, TcpListenerHandler } from "../reactor.ts";
import type { ReactorID } from "../reactor_id.ts";
import { SlotMap } from "../util/slot_map.ts";
import { TimerQueue } from "../util/timer_queue.ts";
import {
  CloseCommand,
  type Command,
  type CommandExecutor,
  ConnectCommand,
  ListenCommand,
  RemoteCommand,
  UserCmdCommand,
} from "./commands.ts";
import { withAction } from "./failures.ts";

const NO_OPTIONS = {};

/** How many commands may wait to be carried out or completed. */
const MAX_COMMANDS = 2 ** 20;

/** The part of the queue that is dealt with is cut off when it is this long and half of all. */
const COMPACT_SIZE = 1024;

type Clocks = Pick<Adapter, "now" | "wallNow">;

/** The commands of a runtime: a queue of those due at once, and a heap of the deferred ones. */
export class CommandQueue<UserCommand> implements CmdSender<UserCommand> {
  readonly #clocks: Clocks;
  readonly #onCommand: () => void;
  readonly #unsettled = new SlotMap<Command<UserCommand>>();
  readonly #deferred = new TimerQueue<Command<UserCommand>>();
  readonly #queue: Command<UserCommand>[] = [];
  #head = 0;
  #countForeign = 0;
  #countWithdrawn = 0;
  #countExecuted = 0;
  #refusal: Error | undefined = undefined;

  /** `onCommand` is called when there is something new to do. */
  constructor(clocks: Clocks, onCommand: () => void) {
    this.#clocks = clocks;
    this.#onCommand = onCommand;
  }

  /** How many are due at once. */
  get countQueued(): number {
    return this.#queue.length - this.#head;
  }

  /** How many are deferred. */
  get countDeferred(): number {
    return this.#deferred.size;
  }

  /** How many were taken on and are not completed, those that are being carried out or were withdrawn included. */
  get countUnsettled(): number {
    return this.#unsettled.size + this.#countWithdrawn;
  }

  /** How many came from other threads and wait to be carried out or refused. */
  get countForeign(): number {
    return this.#countForeign;
  }

  /** How many were carried out so far. */
  get countExecuted(): number {
    return this.#countExecuted;
  }

  /** When the first deferred one is due, `Infinity` if there is none. */
  get earliestDeadline(): number {
    return this.#deferred.earliest;
  }

  sendConnect(
    address: AddressLike,
    reactor: Reactor<UserCommand>,
    options: ConnectCommandOptions = NO_OPTIONS,
  ): CommandId {
    return this.send(
      new ConnectCommand(address, () => reactor, options),
      options.deferred,
    );
  }

  sendListen(
    address: AddressLike,
    handler: TcpListenerHandler<UserCommand>,
    options: ListenCommandOptions = NO_OPTIONS,
  ): CommandId {
    return this.send(
      new ListenCommand(address, () => handler, options),
      options.deferred,
    );
  }

  sendClose(
    reactorId: ReactorID,
    options: CloseCommandOptions = NO_OPTIONS,
  ): CommandId {
    return this.send(new CloseCommand(reactorId, options), options.deferred);
  }

  sendUserCmd(
    reactorId: ReactorID,
    cmd: UserCommand,
    options: CommandOptions = NO_OPTIONS,
  ): CommandId {
    return this.send(
      new UserCmdCommand(reactorId, cmd, options),
      options.deferred,
    );
  }

  cancel(id: CommandId): boolean {
    const command = this.#unsettled.get(id);
    if (command === undefined) return false;
    return this.withdraw(
      command,
      command.isAwaited
        ? new CommandCancelledError(
          `Did not ${command.action}: the command was cancelled`,
        )
        : undefined,
    );
  }

  /** Takes `command` on. One that is for another thread and due at once is sent there now, to keep its place. */
  send(command: Command<UserCommand>, deferred?: Deferred): CommandId {
    const delay = this.#admit(command, deferred);
    if (delay > 0) {
      this.#deferred.push(command, this.#clocks.now() + delay);
    } else if (
      command instanceof RemoteCommand && command.failure === undefined
    ) {
      command.isRunning = true;
      command.execute();
    } else {
      this.#queue.push(command);
    }
    this.#onCommand();
    return command.id ?? INVALID_COMMAND_ID;
  }

  /** A command was carried out without having been queued. */
  count(): void {
    this.#countExecuted++;
  }

  /** Queues a command that came from another thread, where it has its id. The caller sees to it that a turn comes. */
  enqueue(command: Command<UserCommand>): void {
    this.#refuses(command);
    command.isForeign = true;
    this.#countForeign++;
    this.#queue.push(command);
  }

  /** Why nothing more is taken on, if that is so: the reason alone. */
  refusal(): Error | undefined {
    if (this.#refusal !== undefined) return this.#refusal;
    const count = Math.max(
      this.#unsettled.size,
      this.countQueued - this.#countWithdrawn,
    );
    if (count < MAX_COMMANDS) return undefined;
    return new CommandQueueFullError(
      `${count} commands wait to be completed`,
    );
  }

  /** Takes `command` back, if it is not too late. It fails with `error` in the next turn; without one nobody is told. */
  withdraw(command: Command<UserCommand>, error?: Error): boolean {
    if (command.failure !== undefined) return false;
    if (command.isRunning && !command.abandon?.()) return false;
    command.abandon = undefined;
    let isQueued = !command.isRunning && !this.#deferred.remove(command);
    if (!isQueued && error !== undefined) {
      this.#queue.push(command);
      isQueued = true;
    }
    if (isQueued) {
      command.isWithdrawn = true;
      this.#countWithdrawn++;
    }
    command.failure = error;
    this.#onSettled(command);
    this.#onCommand();
    return true;
  }

  /** Carries out deferred commands that are due, `limit` at most. */
  runDeferred(executor: CommandExecutor<UserCommand>, limit: number): void {
    const now = this.#clocks.now();
    for (; limit > 0; limit--) {
      const command = this.#deferred.popDue(now);
      if (command === undefined) return;
      this.#run(command, executor);
    }
  }

  /** Carries out commands that are due at once, `limit` at most. */
  runQueued(executor: CommandExecutor<UserCommand>, limit: number): void {
    for (; limit > 0 && this.#head < this.#queue.length; limit--) {
      this.#run(this.#take(), executor);
    }
  }

  /**
   * Refuses every command from now on for `reason`, those that wait or can be
   * abandoned included.
   */
  refuse(reason: Error): void {
    this.#refusal = reason;
    for (const command of this.#unsettled.values()) {
      this.withdraw(command, withAction(reason, command.action));
    }
    for (let i = this.#head; i < this.#queue.length; i++) {
      const command = this.#queue[i];
      if (command.isWithdrawn) continue;
      command.failure ??= withAction(reason, command.action);
    }
  }

  /** Has `command` fail if nothing more is taken on. */
  #refuses(command: Command<UserCommand>): boolean {
    const reason = this.refusal();
    if (reason === undefined) return false;
    command.failure = withAction(reason, command.action);
    return true;
  }

  /** Gives `command` its id, or its failure; returns the milliseconds until it is due. */
  #admit(command: Command<UserCommand>, deferred?: Deferred): number {
    if (this.#refuses(command)) return 0;
    command.id = this.#unsettled.add(command) as CommandId;
    command.onSettled = this.#onSettled;
    if (deferred === undefined) return 0;
    try {
      return delayOf(deferred, this.#wallNow);
    } catch (error) {
      command.failure = error as Error;
      return 0;
    }
  }

  readonly #wallNow = (): number => this.#clocks.wallNow();

  readonly #onSettled = (command: Command<UserCommand>): void => {
    this.#unsettled.remove(command.id ?? INVALID_COMMAND_ID);
  };

  #run(
    command: Command<UserCommand>,
    executor: CommandExecutor<UserCommand>,
  ): void {
    if (command.isForeign) {
      command.isForeign = false;
      this.#countForeign--;
    }
    if (command.isWithdrawn) this.#countWithdrawn--;
    if (command.failure !== undefined) {
      command.fail(command.failure);
    } else if (!command.isWithdrawn) {
      command.isRunning = true;
      if (!(command instanceof RemoteCommand)) this.#countExecuted++;
      command.execute(executor);
    }
  }

  #take(): Command<UserCommand> {
    const command = this.#queue[this.#head++];
    if (this.#head === this.#queue.length) {
      this.#queue.length = this.#head = 0;
    } else if (
      this.#head >= COMPACT_SIZE && this.#head * 2 >= this.#queue.length
    ) {
      this.#queue.splice(0, this.#head);
      this.#head = 0;
    }
    return command;
  }
}
