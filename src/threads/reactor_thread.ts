/**
 * What a thread has of itself and of the others.
 *
 * @module
 */

import type { AddressLike } from "../api/address.ts";
import type {
  CloseCommandOptions,
  CommandFor,
  CommandId,
  CommandOptions,
  ConnectCommandOptions,
  ListenCommandOptions,
  UserCommandResult,
} from "../api/command.ts";
import type { ReactorRef } from "../api/reactor_id.ts";
import type { ReactRuntime } from "../runtime.ts";
import type {
  Ask,
  FactoryArguments,
  ListenersOf,
  ModuleShape,
  ReactorsOf,
  ReturnedBy,
  TakenBy,
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
 *
 * @category Threads
 */
export interface ThreadCmdSender<
  UserCommand = unknown,
  Module extends ModuleShape = ModuleShape,
> {
  /** The runtime that the commands go to. */
  readonly runtimeId: number;

  /**
   * Connects to `address`, and has a factory make the reactor there.
   *
   * @param address Where to connect.
   * @param reactor The name of the factory.
   * @param args The parameter of the factory, and the options: when, how, and who
   * is told.
   * @returns The command, for {@linkcode ThreadCmdSender.cancel}.
   */
  sendConnect<Name extends string & keyof ReactorsOf<Module>>(
    address: AddressLike,
    reactor: Name,
    ...args: FactoryArguments<
      ReactorsOf<Module>[Name],
      ConnectCommandOptions<
        TakenBy<ReactorsOf<Module>[Name]>,
        ReturnedBy<ReactorsOf<Module>[Name]>
      >
    >
  ): CommandId;

  /**
   * Listens on `address`, and has a factory make the handler there.
   *
   * @param address Where to listen; port 0 lets the system choose.
   * @param listener The name of the factory.
   * @param args The parameter of the factory, and the options: when, how, and who
   * is told.
   * @returns The command, for {@linkcode ThreadCmdSender.cancel}.
   */
  sendListen<Name extends string & keyof ListenersOf<Module>>(
    address: AddressLike,
    listener: Name,
    ...args: FactoryArguments<ListenersOf<Module>[Name], ListenCommandOptions>
  ): CommandId;

  /**
   * Closes a reactor in good order, or a listener.
   *
   * @param target Which of that runtime: its id, or what has it.
   * @param options When, how, and who is told.
   * @returns The command, for {@linkcode ThreadCmdSender.cancel}.
   */
  sendClose(target: ReactorRef, options?: CloseCommandOptions): CommandId;

  /**
   * Gives a copy of `cmd` to a reactor's `onCommand`. The completion gets a copy
   * of what that returns, or of what its promise is resolved to.
   *
   * @param target Which of that runtime: its id, or what has it. If its type
   * tells which commands it takes, others are an error to the type checker.
   * @param cmd The command.
   * @param options When, and who is told.
   * @returns The command, for {@linkcode ThreadCmdSender.cancel}.
   */
  sendUserCmd<Taken = unknown, Value = unknown>(
    target: ReactorRef<Taken, Value>,
    cmd: CommandFor<NoInfer<Taken>, UserCommand>,
    options?: CommandOptions<UserCommandResult<NoInfer<Value>>>,
  ): CommandId;

  /**
   * Cancels a command that is still deferred, or a connect that is under way;
   * its completion gets {@linkcode CommandCancelledError}. A connect that opens
   * all the same is aborted.
   *
   * @param id What the method that sent it returned.
   * @returns False if it is too late or was done before.
   */
  cancel(id: CommandId): boolean;
}

/**
 * What every thread has of the others: their command senders, and the names of
 * reactors.
 *
 * @category Threads
 */
export interface ReactorThreads<
  UserCommand = unknown,
  Module extends ModuleShape = ModuleShape,
> {
  /** How many threads there are; their runtimes are numbered from 0. */
  readonly threadCount: number;

  /**
   * The command sender of a runtime.
   *
   * @param runtimeId The number of the runtime: 0 to `threadCount` - 1.
   * @returns What sends commands to it, also after its thread was restarted.
   * @throws {UnknownRuntimeError} If no thread has that number.
   */
  getCmdSender(runtimeId: number): ThreadCmdSender<UserCommand, Module>;

  /**
   * Asks a service of a thread, of this one as well: `ask(thread, service, param,
   * options)`. `service` is its name in the module, or `service.function` if it
   * has several functions. Resolves to a copy of what that returns; `param` is
   * copied when this is called. Questions and commands to a thread come in the
   * order they were sent.
   *
   * Rejects with what the service throws, and with `AnswerNotCloneableError` if
   * what it returns cannot be copied. If the service was not called, and will
   * not be, rejects with
   *
   * - `NotCloneableError`, if `param` cannot be copied,
   * - `UnknownRuntimeError`, `UnknownServiceError`, if there is no such thread, or
   *   no such service in it,
   * - `TooManyQuestionsError`, if 2^14 questions of this thread to that one are not
   *   answered, those included that nobody waits for any more,
   * - `CommandQueueFullError`, if too much is on its way to the thread,
   * - `WorkerExitedError`, if the thread was gone before; `RuntimeStoppedError`,
   *   if that is the main thread, and all were stopped,
   * - `InvalidOptionError`, or the reason of a `signal` that was aborted before.
   *
   * With `AskOutcomeUnknownError` if nobody knows whether the service was called:
   * the thread has ended, or, as `AskTimeoutError`, did not answer in time. So it
   * is with the reason of a `signal` that is aborted later.
   */
  readonly ask: Ask<Module>;

  /** How many answers were dropped so far because nobody waited for them any more. */
  readonly lateAnswerCount: number;

  /**
   * Finds a reactor by its name: a look-up in this thread, without waiting.
   *
   * @param name The name of the reactor.
   * @returns The reactor, of the commands that the caller says it takes;
   * `undefined` if there is none of that name.
   */
  findByName<Taken = unknown, Value = unknown>(
    name: string,
  ): ReactorUID<Taken, Value> | undefined;

  /**
   * Gives a reactor a name, by which every thread finds it until it is closed
   * or its thread ends. If this fails, nobody has the name.
   *
   * The main thread decides, and counts `timeoutMs` from when it hears of the
   * name. What a worker asks waits for that without a limit while the main thread
   * is busy: before it has answered, nobody knows whether the name will be given.
   *
   * @param name The name.
   * @param uid The reactor.
   * @param options How long to wait.
   * @returns Resolves when all threads know the name, except those that were busy
   * all the time of `timeoutMs`: they learn it when they are free.
   * @throws {DuplicateNameError} If it stands for another reactor, which keeps it.
   * @throws {ReactorNotFoundError} If the reactor is gone.
   * @throws {NamingTimeoutError} If the reactor's thread does not confirm within
   * `timeoutMs` that it is there.
   * @throws {WorkerExitedError} If that thread has ended.
   * @throws {InvalidNameError} If `name` is no string.
   * @throws {InvalidOptionError} If an option is out of range.
   * @throws {RuntimeStoppedError} If the threads are stopping.
   */
  addName(
    name: string,
    uid: ReactorUID,
    options?: NamingOptions,
  ): Promise<void>;

  /**
   * Takes a name from a reactor.
   *
   * @param name The name.
   * @param uid The reactor.
   * @param options How long to wait; the main thread counts, as for `addName`.
   * @returns Resolves when no thread finds the reactor by the name any more, except
   * those that were busy all the time of `timeoutMs`. Resolves to false, and
   * nothing is changed, if the name stands for nothing or for another reactor.
   * @throws {InvalidNameError} If `name` is no string.
   * @throws {InvalidOptionError} If an option is out of range.
   * @throws {ReactorNotFoundError} If `uid` is no identity at all.
   */
  removeName(
    name: string,
    uid: ReactorUID,
    options?: NamingOptions,
  ): Promise<boolean>;

  /** How many names there are. */
  readonly nameCount: number;
}

/**
 * A worker thread, as its reactors see it: given to every factory. A factory that
 * says `thread: ReactorThread<Command, { services: typeof services }>` has `ask`
 * checked as the manager's is.
 *
 * @category Threads
 */
export interface ReactorThread<
  UserCommand = unknown,
  Module extends ModuleShape = ModuleShape,
> extends ReactorThreads<UserCommand, Module> {
  /** The number of this thread and of its runtime. */
  readonly runtimeId: number;
  /** The runtime of this thread. */
  readonly runtime: ReactRuntime<UserCommand>;
}
