import type { AddressLike } from "../api/address.ts";
import type {
  CloseCommandOptions,
  CommandId,
  CommandOptions,
  ConnectCommandOptions,
  ListenCommandOptions,
} from "../api/command.ts";
import type { ReactorID } from "../api/reactor_id.ts";
import type { ReactRuntime } from "../runtime.ts";
import type {
  FactoryArguments,
  ListenersOf,
  ModuleShape,
  ReactorsOf,
} from "./module_shape.ts";
import type { NamingOptions } from "./names/naming.ts";
import type { ReactorUID } from "./reactor_uid.ts";

/**
 * Sends commands to the runtime of one thread, from any thread. As
 * `CmdSender`, with these differences:
 *
 * - A connect or listen names a factory of the module of reactors instead of
 *   bringing an object. The parameter, and the command of `sendUserCmd`, are
 *   copied by the structured clone algorithm when they are sent, or when they
 *   are due if they are deferred; within one thread they are not copied. What
 *   cannot be copied fails with `NotCloneableError`.
 * - The commands that one thread sends to another are carried out in the order
 *   they were sent; a deferred one takes its place when it is due.
 * - Completions are called in the thread that sent. If the other thread ends
 *   before it answers, they get `WorkerExitedError`, and nobody knows whether
 *   the command was carried out.
 * - A command that is due at once is on its way when the call returns. It cannot
 *   be cancelled, except a connect; without a completion its id is
 *   `INVALID_COMMAND_ID`.
 * - At most 2^20 commands may be on their way to a thread; what is sent beyond
 *   fails with `CommandQueueFullError`.
 */
export interface ThreadCmdSender<
  UserCommand = unknown,
  Module extends ModuleShape = ModuleShape,
> {
  /** The runtime that the commands go to. */
  readonly runtimeId: number;

  /** Connects to `address` and gives the connection to a reactor that the factory `reactor` makes of `param`. */
  sendConnect<Name extends string & keyof ReactorsOf<Module>>(
    address: AddressLike,
    reactor: Name,
    ...args: FactoryArguments<ReactorsOf<Module>[Name], ConnectCommandOptions>
  ): CommandId;

  /** Listens on `address` and gives the listener to a handler that the factory `listener` makes of `param`. */
  sendListen<Name extends string & keyof ListenersOf<Module>>(
    address: AddressLike,
    listener: Name,
    ...args: FactoryArguments<ListenersOf<Module>[Name], ListenCommandOptions>
  ): CommandId;

  /** Closes a reactor in good order, or a listener. */
  sendClose(reactorId: ReactorID, options?: CloseCommandOptions): CommandId;

  /** Gives `cmd` to the reactor's `onCommand`. */
  sendUserCmd(
    reactorId: ReactorID,
    cmd: UserCommand,
    options?: CommandOptions,
  ): CommandId;

  /**
   * Cancels a command that is still deferred, or a connect that is under way;
   * its completion gets `CommandCancelledError`. A connect that opens all the
   * same is aborted. False if it is too late or was done before.
   */
  cancel(id: CommandId): boolean;
}

/** What every thread has of the others: their command senders, and the names of reactors. */
export interface ReactorThreads<
  UserCommand = unknown,
  Module extends ModuleShape = ModuleShape,
> {
  /** How many threads there are; their runtimes are numbered from 0. */
  readonly threadCount: number;

  /** Sends commands to the runtime `runtimeId`, also after its thread was restarted. Throws `UnknownRuntimeError`. */
  getCmdSender(runtimeId: number): ThreadCmdSender<UserCommand, Module>;

  /** The reactor called `name`, if there is one: a look-up in this thread, without waiting. */
  findByName(name: string): ReactorUID | undefined;

  /**
   * Gives a reactor a name, by which every thread finds it until it is closed
   * or its thread ends. When this resolves, all threads know the name, except
   * those that were busy all the time of `timeoutMs`: they learn it when they are
   * free.
   *
   * Rejects, and then nobody has the name, with `DuplicateNameError` if it stands
   * for another reactor, which keeps it; with `ReactorNotFoundError` if the
   * reactor is gone; with `NamingTimeoutError` if its thread does not confirm
   * within `timeoutMs` that it is there; with `WorkerExitedError` if that thread
   * has ended; with `InvalidNameError`, `InvalidOptionError`, and
   * `RuntimeStoppedError`.
   *
   * The main thread decides, and counts `timeoutMs` from when it hears of the
   * name. What a worker asks waits for that without a limit while the main thread
   * is busy: before it has answered, nobody knows whether the name will be given.
   */
  addName(
    name: string,
    uid: ReactorUID,
    options?: NamingOptions,
  ): Promise<void>;

  /**
   * Takes the name `name` from the reactor `uid`. When this resolves, no thread
   * finds it any more, except those that were busy all the time of `timeoutMs`,
   * which the main thread counts as for `addName`.
   * Resolves to false, and changes nothing, if the name stands for nothing or
   * for another reactor. Rejects with `InvalidNameError`, `InvalidOptionError`,
   * and with `ReactorNotFoundError` if `uid` is no identity at all.
   */
  removeName(
    name: string,
    uid: ReactorUID,
    options?: NamingOptions,
  ): Promise<boolean>;

  /** How many names there are. */
  readonly nameCount: number;
}

/** A worker thread, as its reactors see it: given to every factory. */
export interface ReactorThread<
  UserCommand = unknown,
  Module extends ModuleShape = ModuleShape,
> extends ReactorThreads<UserCommand, Module> {
  /** The number of this thread and of its runtime. */
  readonly runtimeId: number;
  /** The runtime of this thread. */
  readonly runtime: ReactRuntime<UserCommand>;
}
