import type { Clock } from "../contract/clock.ts";
import { type CommandId, INVALID_COMMAND_ID } from "../api/command.ts";
import { type Deferred, delayOf } from "../api/deferred.ts";
import { CommandCancelledError, CommandQueueFullError } from "../api/errors.ts";
import { INVALID_REACTOR_ID, type ReactorID } from "../api/reactor_id.ts";
import { MAX_PENDING_COMMANDS } from "../tuning.ts";
import { Fifo } from "../util/fifo.ts";
import { logDebug } from "../util/log.ts";
import {
  CloseCommand,
  type Command,
  type CommandExecutor,
  type CommandOwner,
  RemoteCommand,
  userCmdAction,
} from "./commands.ts";
import { toError, withAction } from "./failures.ts";
import { PendingCommands } from "./pending_commands.ts";
import { Returned } from "./returned_values.ts";
import { countOf } from "../util/text.ts";

/** The commands of a runtime: takes them on, executes them in their turn, and withdraws them. */
export class CommandQueue<UserCommand> {
  readonly #clock: Pick<Clock, "now" | "wallNow">;
  readonly #onCommand: () => void;
  readonly #warn: (say: () => string, error: Error) => void;
  readonly #pending = new PendingCommands<UserCommand>();
  /** Those due at once. */
  readonly #queue = new Fifo<Command<UserCommand>>();
  #receivedCount = 0;
  #withdrawnCount = 0;
  #executedCount = 0;
  #deferredTotal = 0;
  #refusal: Error | undefined = undefined;

  /** `onCommand` is called when there is something new to do; `warn` when a completion has failed, or a command that nobody awaits. */
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
    return this.#queue.size;
  }

  /** How many are deferred. */
  get deferredCount(): number {
    return this.#pending.deferredCount;
  }

  /** How many were taken on and are not completed; this includes those that are being executed or were withdrawn. */
  get unsettledCount(): number {
    return this.#pending.size + this.#withdrawnCount;
  }

  /** How many came from other threads and wait to be executed or refused. */
  get receivedCount(): number {
    return this.#receivedCount;
  }

  /** How many were executed so far. */
  get executedCount(): number {
    return this.#executedCount;
  }

  /** How many were deferred so far. */
  get deferredTotal(): number {
    return this.#deferredTotal;
  }

  /** When the first deferred one is due, `Infinity` if there is none. */
  get earliestDeadline(): number {
    return this.#pending.earliestDeadline;
  }

  /** Withdraws the command `id` for its sender; false if it is too late, or was withdrawn before. */
  cancel(id: CommandId): boolean {
    if (!this.#pending.has(id)) return false;
    if (this.#pending.cancelDetached(id)) {
      this.#onCommand();
      return true;
    }
    const command = this.#pending.get(id);
    return this.withdraw(
      command,
      command.isAwaited
        ? new CommandCancelledError(
          `Did not ${command.action}: the command was cancelled`,
        )
        : undefined,
    );
  }

  /** Takes `command` on. If it is for another thread and due at once, it is sent there now, so that the order is kept. */
  send(command: Command<UserCommand>, deferred?: Deferred): CommandId {
    return this.takeOn(command, this.delayOf(deferred));
  }

  /** Takes `command` on, to be executed after `delay` milliseconds, or to fail if `delay` is an error. */
  takeOn(command: Command<UserCommand>, delay: number | Error): CommandId {
    command.owner = this.#owner;
    if (!this.#refuses(command)) {
      const id = this.#pending.add(command);
      if (typeof delay !== "number") command.failure ??= delay;
      else if (delay > 0 && command.failure === undefined) {
        this.#pending.defer(id, this.#clock.now() + delay);
        this.#deferredTotal++;
        this.#onCommand();
        return id;
      }
    }
    if (command instanceof RemoteCommand && command.failure === undefined) {
      command.isExecuting = true;
      command.execute();
    } else {
      this.#queue.push(command);
    }
    this.#onCommand();
    return command.id ?? INVALID_COMMAND_ID;
  }

  /** Takes on `cmd` for `target`, which nobody awaits, to be executed after `delay` milliseconds, 1 or more. Must not be called if there is a {@linkcode refusal}. */
  deferDetached(
    target: ReactorID,
    cmd: UserCommand,
    delay: number,
  ): CommandId {
    const deadline = this.#clock.now() + delay;
    const id = this.#pending.addDetached(target, cmd, deadline);
    this.#deferredTotal++;
    this.#onCommand();
    return id;
  }

  /** Milliseconds until a command with `deferred` is due, or why that cannot be told. */
  delayOf(deferred: Deferred | undefined): number | Error {
    if (deferred === undefined) return 0;
    try {
      return delayOf(deferred, this.#wallNow);
    } catch (error) {
      return error as Error;
    }
  }

  /** Reports a failure that nobody awaits. */
  tellUnheard(action: string, error: Error): void {
    this.#warn(() => `Did not ${action}`, error);
  }

  /** A command was executed without having been queued. */
  countExecuted(): void {
    this.#executedCount++;
  }

  /** Queues a command from another thread, which has given it an id, or fails it now. The caller makes sure that a turn comes. */
  enqueue(command: Command<UserCommand>): void {
    command.owner = this.#owner;
    if (this.#refuses(command)) return command.fail(command.failure as Error);
    command.isReceived = true;
    this.#receivedCount++;
    this.#queue.push(command);
  }

  /** Why nothing more is taken on, if that is so; without the action. */
  refusal(): Error | undefined {
    if (this.#refusal !== undefined) return this.#refusal;
    const count = Math.max(
      this.#pending.size,
      this.queuedCount - this.#withdrawnCount,
    );
    if (count < MAX_PENDING_COMMANDS) return undefined;
    return new CommandQueueFullError(
      `${countOf(count, "command")} ${
        count === 1 ? "waits" : "wait"
      } to be completed`,
    );
  }

  /** Takes `command` back, unless it is too late. It fails with `error` in the next turn; without an error, nobody is told. */
  withdraw(command: Command<UserCommand>, error?: Error): boolean {
    if (command.failure !== undefined) return false;
    if (command.isExecuting && !command.abandon?.()) return false;
    command.abandon = undefined;
    let isQueued = !command.isExecuting && !this.#pending.undefer(command);
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

  /** Executes deferred commands that are due, `limit` at most. */
  executeDeferred(executor: CommandExecutor<UserCommand>, limit: number): void {
    const now = this.#clock.now();
    for (; limit > 0; limit--) {
      const slot = this.#pending.popDue(now);
      if (slot === undefined) return;
      const target = this.#pending.detachedTarget(slot);
      if (target === INVALID_REACTOR_ID) {
        this.#execute(this.#pending.commandAt(slot), executor);
      } else {
        this.#executeDetached(slot, target, executor);
      }
    }
  }

  /** Executes commands that are due at once, `limit` at most. */
  executeQueued(executor: CommandExecutor<UserCommand>, limit: number): void {
    for (; limit > 0 && this.#queue.size > 0; limit--) {
      this.#execute(this.#queue.shift(), executor);
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
      if (command.isReceived) this.#leaveQueue(command);
      this.#beginExecuting(command);
      close(command);
    }
    for (const command of this.#pending.attachAll()) {
      command.owner = this.#owner;
      this.#queue.push(command);
      this.withdraw(command, failureOf(command, reason));
    }
    for (const command of this.#pending.commands()) {
      this.withdraw(command, failureOf(command, reason));
    }
    for (const command of this.#queue) {
      if (command.isWithdrawn) continue;
      command.failure ??= failureOf(command, reason);
    }
  }

  /** Takes the close commands out of those that wait. */
  #takeCloses(): CloseCommand<UserCommand>[] {
    const closes = this.#queue.takeAll((command) =>
      command instanceof CloseCommand && !command.isWithdrawn &&
      command.failure === undefined
    );
    for (const command of this.#pending.commands()) {
      if (command instanceof CloseCommand && this.#pending.undefer(command)) {
        closes.push(command);
      }
    }
    return closes as CloseCommand<UserCommand>[];
  }

  /** Fails `command` if nothing more is taken on; returns whether it did. */
  #refuses(command: Command<UserCommand>): boolean {
    const reason = this.refusal();
    if (reason === undefined) return false;
    command.failure = failureOf(command, reason);
    return true;
  }

  readonly #wallNow = (): number => this.#clock.wallNow();

  readonly #owner: CommandOwner<UserCommand> = {
    onSettled: (command, unheard) => {
      this.#pending.remove(command);
      if (unheard === undefined) return;
      if (command.isNeedless(unheard)) logDebug(`Did not ${command.action}`);
      else this.tellUnheard(command.action, unheard);
    },
    onCompletionThrew: (command, thrown) => {
      const error = toError(thrown, "a completion");
      this.#warn(() => `The completion of "${command.action}" failed`, error);
    },
  };

  #execute(
    command: Command<UserCommand>,
    executor: CommandExecutor<UserCommand>,
  ): void {
    if (command.isReceived) this.#leaveQueue(command);
    if (command.isWithdrawn) this.#withdrawnCount--;
    if (command.failure !== undefined) {
      command.fail(command.failure);
    } else if (!command.isWithdrawn) {
      this.#beginExecuting(command);
      command.execute(executor);
    }
  }

  #executeDetached(
    slot: number,
    target: ReactorID,
    executor: CommandExecutor<UserCommand>,
  ): void {
    this.#executedCount++;
    const cmd = this.#pending.takeDetached(slot) as UserCommand;
    const given = executor.giveCommand(target, cmd);
    if (given === undefined || given instanceof Returned) return;
    this.tellUnheard(userCmdAction(target), given);
  }

  #leaveQueue(command: Command<UserCommand>): void {
    command.isReceived = false;
    this.#receivedCount--;
  }

  #beginExecuting(command: Command<UserCommand>): void {
    command.isExecuting = true;
    if (!(command instanceof RemoteCommand)) this.#executedCount++;
  }
}

/** What `command` fails with for `reason`. That of one that nobody awaits is only logged, behind the action: there may be a million of them, and errors are slow to make. */
function failureOf<UserCommand>(
  command: Command<UserCommand>,
  reason: Error,
): Error {
  return command.isAwaited ? withAction(reason, command.action) : reason;
}
