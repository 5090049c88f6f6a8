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
import { withAction } from "./failures.ts";
import { toError } from "../api/to_error.ts";
import { PendingCommands } from "./pending_commands.ts";
import { Returned } from "./returned_values.ts";
import { countOf } from "../util/text.ts";

/**
 * The commands of a runtime: accepts them, executes them when they are due, and
 * withdraws them.
 */
export class CommandQueue<UserCommand> {
  readonly #clock: Pick<Clock, "now" | "wallNow">;
  readonly #onCommand: () => void;
  readonly #warn: (say: () => string, error: Error) => void;
  readonly #pending = new PendingCommands<UserCommand>();
  /** Commands that are due at once. */
  readonly #queue = new Fifo<Command<UserCommand>>();
  #receivedCount = 0;
  #withdrawnCount = 0;
  #executedCount = 0;
  #deferredTotal = 0;
  #refusal: Error | undefined = undefined;

  /**
   * `onCommand` is called when there is new work; `warn` when a completion
   * fails, or a command that nobody awaits.
   */
  constructor(
    clock: Pick<Clock, "now" | "wallNow">,
    onCommand: () => void,
    warn: (say: () => string, error: Error) => void,
  ) {
    this.#clock = clock;
    this.#onCommand = onCommand;
    this.#warn = warn;
  }

  /** Number of commands that are due at once. */
  get queuedCount(): number {
    return this.#queue.size;
  }

  /** Number of deferred commands. */
  get deferredCount(): number {
    return this.#pending.deferredCount;
  }

  /**
   * Number of commands accepted but not completed, including those being
   * executed or withdrawn.
   */
  get unsettledCount(): number {
    return this.#pending.size + this.#withdrawnCount;
  }

  /**
   * Number of commands from other threads that wait to be executed or refused.
   */
  get receivedCount(): number {
    return this.#receivedCount;
  }

  /** Number of commands executed so far. */
  get executedCount(): number {
    return this.#executedCount;
  }

  /** Number of commands deferred so far. */
  get deferredTotal(): number {
    return this.#deferredTotal;
  }

  /** When the first deferred command is due; `Infinity` if there is none. */
  get earliestDeadline(): number {
    return this.#pending.earliestDeadline;
  }

  /**
   * Withdraws the command `id` on behalf of its sender. Returns false if it is
   * too late, or withdrawn already.
   */
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

  /**
   * Accepts `command`. If it is for another thread and due at once, it is sent
   * there immediately, to keep the order.
   */
  send(command: Command<UserCommand>, deferred?: Deferred): CommandId {
    return this.takeOn(command, this.delayOf(deferred));
  }

  /**
   * Accepts `command`, to execute it after `delay` milliseconds; if `delay` is
   * an error, the command fails with it.
   */
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

  /**
   * Accepts `cmd` for `target` as a detached command, to execute after `delay`
   * (at least 1) milliseconds. Must not be called while there is a
   * {@linkcode refusal}.
   */
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

  /**
   * Returns the delay of a command with `deferred` in milliseconds, or why it
   * is invalid.
   */
  delayOf(deferred: Deferred | undefined): number | Error {
    if (deferred === undefined) return 0;
    try {
      return delayOf(deferred, this.#wallNow);
    } catch (error) {
      return error as Error;
    }
  }

  /** Logs a failure that nobody awaits. */
  logFailure(action: string, error: Error): void {
    this.#warn(() => `Did not ${action}`, error);
  }

  /** Counts a command that was executed without being queued. */
  countExecuted(): void {
    this.#executedCount++;
  }

  /**
   * Queues a command from another thread, which already has an id, or fails it
   * at once. The caller ensures that a turn follows.
   */
  enqueue(command: Command<UserCommand>): void {
    command.owner = this.#owner;
    if (this.#refuses(command)) return command.fail(command.failure as Error);
    command.isReceived = true;
    this.#receivedCount++;
    this.#queue.push(command);
  }

  /**
   * Returns why no commands are accepted, without the action; undefined if they
   * are.
   */
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

  /**
   * Withdraws `command`, unless it is too late. It fails with `error` in the
   * next turn; without an error it is dropped silently.
   */
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

  /** Executes at most `limit` deferred commands that are due. */
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

  /** Executes at most `limit` commands that are due at once. */
  executeQueued(executor: CommandExecutor<UserCommand>, limit: number): void {
    for (; limit > 0 && this.#queue.size > 0; limit--) {
      this.#execute(this.#queue.shift(), executor);
    }
  }

  /**
   * Refuses all commands from now on, including those that are waiting or can
   * be abandoned, for `reason`. Close commands are exempt: `close` is called
   * with each.
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
      this.withdraw(command, reasonFor(command, reason));
    }
    for (const command of this.#pending.commands()) {
      this.withdraw(command, reasonFor(command, reason));
    }
    for (const command of this.#queue) {
      if (command.isWithdrawn) continue;
      command.failure ??= reasonFor(command, reason);
    }
  }

  /** Removes the close commands from those that are waiting. */
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

  /** Fails `command` if no commands are accepted. Returns whether it did. */
  #refuses(command: Command<UserCommand>): boolean {
    const reason = this.refusal();
    if (reason === undefined) return false;
    command.failure = reasonFor(command, reason);
    return true;
  }

  readonly #wallNow = (): number => this.#clock.wallNow();

  readonly #owner: CommandOwner<UserCommand> = {
    onSettled: (command, unreported) => {
      this.#pending.remove(command);
      if (unreported === undefined) return;
      if (command.isNeedless(unreported)) logDebug(`Did not ${command.action}`);
      else this.logFailure(command.action, unreported);
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
    this.logFailure(userCmdAction(target), given);
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

/**
 * Creates the error of `command` for `reason`. If nobody awaits the command, it
 * is only logged, together with the action, so no new error is created: there
 * may be a million commands, and errors are slow to create.
 */
function reasonFor<UserCommand>(
  command: Command<UserCommand>,
  reason: Error,
): Error {
  return command.isAwaited ? withAction(reason, command.action) : reason;
}
