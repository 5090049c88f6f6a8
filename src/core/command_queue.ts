import type { Clock } from "../contract/clock.ts";
import type { AddressLike } from "../api/address.ts";
import {
  type CloseCommandOptions,
  type CommandId,
  type CommandOptions,
  type ConnectCommandOptions,
  INVALID_COMMAND_ID,
  type ListenCommandOptions,
} from "../api/command.ts";
import type { CmdSender } from "../api/reactor.ts";
import { type Deferred, delayOf } from "../api/deferred.ts";
import { CommandCancelledError, CommandQueueFullError } from "../api/errors.ts";
import { CONNECT_OPTION_NAMES, LISTEN_OPTIONS } from "../api/options.ts";
import type { Reactor, TcpListenerHandler } from "../api/reactor.ts";
import {
  INVALID_REACTOR_ID,
  type ReactorID,
  type ReactorRef,
} from "../api/reactor_id.ts";
import { forget } from "../util/forget.ts";
import { logDebug } from "../util/log.ts";
import { SlotMap, slotOf } from "../util/slot_map.ts";
import { TimerQueue } from "../util/timer_queue.ts";
import {
  CloseCommand,
  type Command,
  type CommandExecutor,
  type CommandOwner,
  ConnectCommand,
  ListenCommand,
  RemoteCommand,
  userCmdAction,
  UserCmdCommand,
} from "./commands.ts";
import { toError, withAction } from "./failures.ts";
import { CLOSE_OPTION_NAMES, givenOptions, idOf, unreadable } from "./given.ts";

const NO_OPTIONS = {};

/** How many commands may wait to be carried out or completed. */
const MAX_COMMANDS = 2 ** 20;

/** The part of the queue that is dealt with is cut off when it is this long and half of all. */
const COMPACT_SIZE = 1024;

/** The commands of a runtime: a queue of those due at once, and a heap of the deferred ones. */
export class CommandQueue<UserCommand> implements CmdSender<UserCommand> {
  readonly #clock: Pick<Clock, "now" | "wallNow">;
  readonly #onCommand: () => void;
  readonly #warn: (say: () => string, error: Error) => void;
  /**
   * The commands that are not completed. Of a user command that waits for its
   * time and that nobody awaits there is only what the user gave: there may be
   * very many, and of an object for each the collector would make two copies.
   * (`unknown`, so that a runtime stays one for other commands, too.)
   */
  readonly #unsettled = new SlotMap<unknown>();
  /** The slots of those that wait for their time; noted with one that is bare is its target. */
  readonly #deferred = new TimerQueue();
  #queue: Command<UserCommand>[] = [];
  #head = 0;
  #remoteCount = 0;
  #withdrawnCount = 0;
  #executedCount = 0;
  #refusal: Error | undefined = undefined;

  /** `onCommand` is called when there is something new to do, `warn` when what nobody awaits has failed, or a completion. */
  constructor(
    clock: Pick<Clock, "now" | "wallNow">,
    onCommand: () => void,
    warn: (say: () => string, error: Error) => void,
  ) {
    this.#clock = clock;
    this.#onCommand = onCommand;
    this.#warn = warn;
  }

  /** How many are due at once. */
  get queuedCount(): number {
    return this.#queue.length - this.#head;
  }

  /** How many are deferred. */
  get deferredCount(): number {
    return this.#deferred.size;
  }

  /** How many were taken on and are not completed, those that are being carried out or were withdrawn included. */
  get unsettledCount(): number {
    return this.#unsettled.size + this.#withdrawnCount;
  }

  /** How many came from other threads and wait to be carried out or refused. */
  get remoteCount(): number {
    return this.#remoteCount;
  }

  /** How many were carried out so far. */
  get executedCount(): number {
    return this.#executedCount;
  }

  /** When the first deferred one is due, `Infinity` if there is none. */
  get earliestDeadline(): number {
    return this.#deferred.earliest;
  }

  sendConnect(
    address: AddressLike,
    reactor: Reactor<UserCommand>,
    options?: ConnectCommandOptions,
  ): CommandId {
    forget(reactor);
    const given = givenOptions(options, CONNECT_OPTION_NAMES);
    return this.send(
      new ConnectCommand(address, () => reactor, given),
      given.deferred,
    );
  }

  sendListen(
    address: AddressLike,
    handler: TcpListenerHandler<UserCommand>,
    options?: ListenCommandOptions,
  ): CommandId {
    forget(handler);
    const given = givenOptions(options, LISTEN_OPTIONS.names);
    return this.send(
      new ListenCommand(address, () => handler, given),
      given.deferred,
    );
  }

  sendClose(
    target: ReactorRef,
    options?: CloseCommandOptions,
  ): CommandId {
    const id = idOf(target);
    const given = givenOptions(options, CLOSE_OPTION_NAMES);
    return this.send(new CloseCommand(id, given), given.deferred);
  }

  sendUserCmd(
    target: ReactorRef,
    cmd: UserCommand,
    options: CommandOptions = NO_OPTIONS,
  ): CommandId {
    const id = idOf(target);
    let completion: CommandOptions["completion"];
    let delay: number | Error;
    try {
      completion = options.completion;
      delay = this.#delayOf(options.deferred);
    } catch (thrown) {
      delay = unreadable(thrown);
    }
    const canBeDetached = completion === undefined &&
      typeof id === "number" && id > 0 &&
      typeof delay === "number" && delay > 0 && this.refusal() === undefined;
    return canBeDetached
      ? this.#deferDetached(id, cmd, delay as number)
      : this.#takeOn(new UserCmdCommand(id, cmd, completion), delay);
  }

  cancel(id: CommandId): boolean {
    if (!this.#unsettled.has(id)) return false;
    const slot = slotOf(id);
    if (this.#isDetached(slot)) {
      this.#deferred.remove(slot);
      this.#takeDetached(slot);
      this.#onCommand();
      return true;
    }
    const command = this.#commandAt(slot);
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
    return this.#takeOn(command, this.#delayOf(deferred));
  }

  /** Tells of a failure that nobody awaits. */
  tellUnheard(action: string, error: Error): void {
    this.#warn(() => `Did not ${action}`, error);
  }

  /** A command was carried out without having been queued. */
  count(): void {
    this.#executedCount++;
  }

  /** Queues a command that came from another thread, where it has its id, or has it fail now. The caller sees to it that a turn comes. */
  enqueue(command: Command<UserCommand>): void {
    command.owner = this.#owner;
    if (this.#refuses(command)) return command.fail(command.failure as Error);
    command.isFromRemote = true;
    this.#remoteCount++;
    this.#queue.push(command);
  }

  /** Why nothing more is taken on, if that is so: the reason alone. */
  refusal(): Error | undefined {
    if (this.#refusal !== undefined) return this.#refusal;
    const count = Math.max(
      this.#unsettled.size,
      this.queuedCount - this.#withdrawnCount,
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
    let isQueued = !command.isRunning && !this.#isTakenFromDeferred(command);
    if (!isQueued && error !== undefined) {
      this.#queue.push(command);
      isQueued = true;
    }
    if (isQueued) {
      command.isWithdrawn = true;
      this.#withdrawnCount++;
    }
    command.failure = error;
    this.#owner.onSettled(command);
    this.#onCommand();
    return true;
  }

  /** Carries out deferred commands that are due, `limit` at most. */
  runDeferred(executor: CommandExecutor<UserCommand>, limit: number): void {
    const now = this.#clock.now();
    for (; limit > 0; limit--) {
      const slot = this.#deferred.popDue(now);
      if (slot === undefined) return;
      if (this.#isDetached(slot)) this.#giveDetached(slot, executor);
      else this.#run(this.#commandAt(slot), executor);
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
   * abandoned included, but for those to close something: `close` is called with
   * each.
   */
  refuse(
    reason: Error,
    close: (command: CloseCommand<UserCommand>) => void,
  ): void {
    this.#refusal = reason;
    for (const command of this.#takeCloses()) {
      if (command.isFromRemote) this.#leavesQueue(command);
      this.#begins(command);
      close(command);
    }
    for (const slot of this.#unsettled.slots()) {
      const command = this.#isDetached(slot)
        ? this.#queueDetached(slot)
        : this.#commandAt(slot);
      this.withdraw(command, withAction(reason, command.action));
    }
    for (let i = this.#head; i < this.#queue.length; i++) {
      const command = this.#queue[i];
      if (command.isWithdrawn) continue;
      command.failure ??= withAction(reason, command.action);
    }
  }

  /** The close commands that wait, which wait no more. */
  #takeCloses(): CloseCommand<UserCommand>[] {
    const closes: CloseCommand<UserCommand>[] = [];
    const rest: Command<UserCommand>[] = [];
    for (const command of this.#queue.slice(this.#head)) {
      const isClose = command instanceof CloseCommand &&
        !command.isWithdrawn && command.failure === undefined;
      if (isClose) closes.push(command);
      else rest.push(command);
    }
    this.#queue = rest;
    this.#head = 0;
    for (const slot of this.#unsettled.slots()) {
      if (this.#isDetached(slot)) continue;
      const command = this.#commandAt(slot);
      if (
        command instanceof CloseCommand && this.#isTakenFromDeferred(command)
      ) closes.push(command);
    }
    return closes;
  }

  /** Has `command` fail if nothing more is taken on. */
  #refuses(command: Command<UserCommand>): boolean {
    const reason = this.refusal();
    if (reason === undefined) return false;
    command.failure = withAction(reason, command.action);
    return true;
  }

  /** Milliseconds until a command with `deferred` is due, or why that cannot be told. */
  #delayOf(deferred: Deferred | undefined): number | Error {
    if (deferred === undefined) return 0;
    try {
      return delayOf(deferred, this.#wallNow);
    } catch (error) {
      return error as Error;
    }
  }

  #takeOn(command: Command<UserCommand>, delay: number | Error): CommandId {
    command.owner = this.#owner;
    if (!this.#refuses(command)) {
      const id = this.#unsettled.add(command) as CommandId;
      command.id = id;
      if (typeof delay !== "number") command.failure ??= delay;
      else if (delay > 0 && command.failure === undefined) {
        this.#defer(id, delay);
        return id;
      }
    }
    if (command instanceof RemoteCommand && command.failure === undefined) {
      command.isRunning = true;
      command.execute();
    } else {
      this.#queue.push(command);
    }
    this.#onCommand();
    return command.id ?? INVALID_COMMAND_ID;
  }

  #defer(id: CommandId, delay: number): void {
    this.#deferred.push(slotOf(id), this.#clock.now() + delay);
    this.#onCommand();
  }

  #isTakenFromDeferred({ id }: Command<UserCommand>): boolean {
    return id !== undefined && this.#deferred.remove(slotOf(id));
  }

  /** The command in `slot`, which is not bare. */
  #commandAt(slot: number): Command<UserCommand> {
    return this.#unsettled.at(slot) as Command<UserCommand>;
  }

  #deferDetached(
    target: ReactorID,
    cmd: UserCommand,
    delay: number,
  ): CommandId {
    const id = this.#unsettled.add(cmd) as CommandId;
    this.#deferred.setTag(slotOf(id), target);
    this.#defer(id, delay);
    return id;
  }

  #isDetached(slot: number): boolean {
    return this.#targetOf(slot) !== INVALID_REACTOR_ID;
  }

  #targetOf(slot: number): ReactorID {
    return this.#deferred.tag(slot) as ReactorID;
  }

  #takeDetached(slot: number): unknown {
    this.#deferred.setTag(slot, INVALID_REACTOR_ID);
    return this.#unsettled.removeAt(slot);
  }

  #giveDetached(slot: number, executor: CommandExecutor<UserCommand>): void {
    const target = this.#targetOf(slot);
    this.#executedCount++;
    const cmd = this.#takeDetached(slot) as UserCommand;
    const error = executor.giveCommand(target, cmd);
    if (error !== undefined) this.tellUnheard(userCmdAction(target), error);
  }

  /** Has a bare command that waits be due at once. */
  #queueDetached(slot: number): Command<UserCommand> {
    const target = this.#targetOf(slot);
    this.#deferred.remove(slot);
    const cmd = this.#takeDetached(slot) as UserCommand;
    const command = new UserCmdCommand(target, cmd, undefined);
    command.owner = this.#owner;
    this.#queue.push(command);
    return command;
  }

  readonly #wallNow = (): number => this.#clock.wallNow();

  readonly #owner: CommandOwner<UserCommand> = {
    onSettled: (command, unheard) => {
      this.#unsettled.remove(command.id ?? INVALID_COMMAND_ID);
      if (unheard === undefined) return;
      if (command.isNeedless(unheard)) logDebug(`Did not ${command.action}`);
      else this.tellUnheard(command.action, unheard);
    },
    onCompletionThrew: (command, thrown) => {
      const error = toError(thrown, "a completion");
      this.#warn(() => `The completion of "${command.action}" failed`, error);
    },
  };

  #run(
    command: Command<UserCommand>,
    executor: CommandExecutor<UserCommand>,
  ): void {
    if (command.isFromRemote) this.#leavesQueue(command);
    if (command.isWithdrawn) this.#withdrawnCount--;
    if (command.failure !== undefined) {
      command.fail(command.failure);
    } else if (!command.isWithdrawn) {
      this.#begins(command);
      command.execute(executor);
    }
  }

  #leavesQueue(command: Command<UserCommand>): void {
    command.isFromRemote = false;
    this.#remoteCount--;
  }

  #begins(command: Command<UserCommand>): void {
    command.isRunning = true;
    if (!(command instanceof RemoteCommand)) this.#executedCount++;
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
