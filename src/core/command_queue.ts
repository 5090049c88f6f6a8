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
import { TimerHeap } from "../util/timer_heap.ts";
import {
  CloseCommand,
  type Command,
  type CommandExecutor,
  ConnectCommand,
  ListenCommand,
  UserCmdCommand,
} from "./commands.ts";

const NO_OPTIONS = {};

/** The part of the queue that is dealt with is cut off when it is this long and half of all. */
const COMPACT_SIZE = 1024;

type Clocks = Pick<Adapter, "now" | "wallNow">;

/** The commands of a runtime: a queue of those due at once, and a heap of the deferred ones. */
export class CommandQueue<UserCommand> implements CmdSender<UserCommand> {
  readonly #clocks: Clocks;
  readonly #onCommand: () => void;
  readonly #unsettled = new SlotMap<Command<UserCommand>>();
  readonly #deferred = new TimerHeap<Command<UserCommand>>();
  readonly #queue: Command<UserCommand>[] = [];
  #head = 0;
  #countExecuted = 0;
  #refusal: ((action: string) => Error) | undefined = undefined;

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

  /** How many were taken on and are not completed, those that are being carried out included. */
  get countUnsettled(): number {
    return this.#unsettled.size;
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
    return this.#send(
      new ConnectCommand(address, reactor, options),
      options.deferred,
    );
  }

  sendListen(
    address: AddressLike,
    handler: TcpListenerHandler<UserCommand>,
    options: ListenCommandOptions = NO_OPTIONS,
  ): CommandId {
    return this.#send(
      new ListenCommand(address, handler, options),
      options.deferred,
    );
  }

  sendClose(
    reactorId: ReactorID,
    options: CloseCommandOptions = NO_OPTIONS,
  ): CommandId {
    return this.#send(new CloseCommand(reactorId, options), options.deferred);
  }

  sendUserCmd(
    reactorId: ReactorID,
    cmd: UserCommand,
    options: CommandOptions = NO_OPTIONS,
  ): CommandId {
    return this.#send(
      new UserCmdCommand(reactorId, cmd, options),
      options.deferred,
    );
  }

  cancel(id: CommandId): boolean {
    const command = this.#unsettled.get(id);
    if (command === undefined) return false;
    return this.#withdraw(
      command,
      new CommandCancelledError(
        `Did not ${command.action}: the command was cancelled`,
      ),
    );
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
   * Refuses every command from now on with `refusal`, those that wait or can be
   * abandoned included.
   */
  refuse(refusal: (action: string) => Error): void {
    this.#refusal = refusal;
    for (const command of this.#unsettled.values()) {
      this.#withdraw(command, refusal(command.action));
    }
  }

  #send(command: Command<UserCommand>, deferred?: Deferred): CommandId {
    if (this.#refusal !== undefined) {
      command.failure = this.#refusal(command.action);
    } else if (this.#unsettled.full) {
      command.failure = new CommandQueueFullError(
        `Cannot ${command.action}: ${this.#unsettled.size} commands wait to be completed`,
      );
    } else {
      command.id = this.#unsettled.add(command) as CommandId;
      command.onSettled = this.#onSettled;
    }
    let delay = 0;
    if (command.failure === undefined && deferred !== undefined) {
      try {
        delay = delayOf(deferred, () => this.#clocks.wallNow());
      } catch (error) {
        command.failure = error as Error;
      }
    }
    if (delay > 0) this.#deferred.push(command, this.#clocks.now() + delay);
    else this.#queue.push(command);
    this.#onCommand();
    return command.id ?? INVALID_COMMAND_ID;
  }

  #onSettled = (command: Command<UserCommand>): void => {
    if (command.id !== undefined) this.#unsettled.remove(command.id);
  };

  #run(
    command: Command<UserCommand>,
    executor: CommandExecutor<UserCommand>,
  ): void {
    if (command.failure !== undefined) {
      command.fail(command.failure);
    } else {
      command.isRunning = true;
      this.#countExecuted++;
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

  /** Has `command` fail with `error` in the next turn, if it is not too late. */
  #withdraw(command: Command<UserCommand>, error: Error): boolean {
    if (command.failure !== undefined) return false;
    if (command.isRunning) {
      if (command.abandon === undefined) return false;
      command.abandon();
      command.abandon = undefined;
      this.#queue.push(command);
    } else if (this.#deferred.remove(command)) {
      this.#queue.push(command);
    }
    command.failure = error;
    this.#onCommand();
    return true;
  }
}
