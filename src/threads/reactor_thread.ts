/**
 * A thread, and how it reaches the others.
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
  Tell,
} from "./module_shape.ts";
import type { NamingOptions } from "./names/naming.ts";
import type { ReactorUID } from "./reactor_uid.ts";
import type { ThreadId } from "./thread_id.ts";

/**
 * Options of {@linkcode ThreadCmdSender.sendUserCmd}.
 *
 * @category Threads
 */
export interface UserCmdOptions<Value = unknown>
  extends CommandOptions<UserCommandResult<Value>> {
  /**
   * Buffers of the command that are transferred to the other thread when it is
   * sent, instead of being copied. They are detached here, even if the reactor is
   * in this thread. Default `[]`. If one cannot be transferred, the command fails
   * with `NotTransferableError`.
   */
  readonly transfer?: readonly ArrayBuffer[] | undefined;
}

/**
 * Sends commands to the runtime of one thread, from any thread. It works like
 * `CmdSender`, with these differences:
 *
 * - A connect or listen names a factory of the module of reactors instead of
 *   passing an object. The parameter, and the command of `sendUserCmd`, are
 *   copied by the structured clone algorithm when they are sent, or when they
 *   are due if they are deferred; within one thread they are not copied, unless
 *   `transfer` lists some of their buffers. If one cannot be copied, the command
 *   fails with `NotCloneableError`.
 * - The commands that one thread sends to another are executed in the order they
 *   were sent; a deferred one takes its place when it is due.
 * - Completions are called in the thread that sent the command. If the other
 *   thread ends before it answers, they get `WorkerExitedError`, and it is not
 *   known whether the command was executed.
 * - A command that is due at once is on its way when the call returns. It cannot
 *   be cancelled, except a connect; without a completion its id is
 *   `INVALID_COMMAND_ID`.
 * - At most 2^20 commands, with 1 GiB, may be on their way to a thread; any more
 *   fail with `CommandQueueFullError`.
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
   * @param args The parameter of the factory, and the options: when and how, and
   * the completion.
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
   * @param args The parameter of the factory, and the options: when and how, and
   * the completion.
   * @returns The command, for {@linkcode ThreadCmdSender.cancel}.
   */
  sendListen<Name extends string & keyof ListenersOf<Module>>(
    address: AddressLike,
    listener: Name,
    ...args: FactoryArguments<ListenersOf<Module>[Name], ListenCommandOptions>
  ): CommandId;

  /**
   * Closes a reactor gracefully, or a listener.
   *
   * @param target The reactor or listener of that runtime: its id, or an object
   * that has the id.
   * @param options When and how, and the completion.
   * @returns The command, for {@linkcode ThreadCmdSender.cancel}.
   */
  sendClose(target: ReactorRef, options?: CloseCommandOptions): CommandId;

  /**
   * Passes a copy of `cmd` to a reactor's `onCommand`. The completion gets a copy
   * of what that returns, or of what its promise resolves to.
   *
   * @param target The reactor of that runtime: its id, or an object that has the
   * id. If its type names the commands that it takes, the type checker rejects any
   * others.
   * @param cmd The command.
   * @param options When, which buffers are transferred, and the completion.
   * @returns The command, for {@linkcode ThreadCmdSender.cancel}.
   */
  sendUserCmd<Taken = unknown, Value = unknown>(
    target: ReactorRef<Taken, Value>,
    cmd: CommandFor<NoInfer<Taken>, UserCommand>,
    options?: UserCmdOptions<NoInfer<Value>>,
  ): CommandId;

  /**
   * Cancels a command that is still deferred, or a connect that is under way;
   * its completion gets {@linkcode CommandCancelledError}. If the connection opens
   * nevertheless, it is aborted.
   *
   * @param id What the method that sent the command returned.
   * @returns False if it is too late, or the command was cancelled before.
   */
  cancel(id: CommandId): boolean;
}

/**
 * How a thread reaches the others: their command senders, their services, and the
 * names of reactors.
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
   * @returns Its command sender, which stays valid after its thread was restarted.
   * @throws {UnknownRuntimeError} If no thread has that number.
   */
  getCmdSender(runtimeId: number): ThreadCmdSender<UserCommand, Module>;

  /**
   * Asks a service of a thread, which may be this one: `ask(thread, service, param,
   * options)`. `service` is its name in the module, or `service.function` if it
   * has several functions. Resolves to a copy of what the service returns; `param`
   * is copied when this is called. Questions, messages and commands arrive at a
   * thread in the order in which they were sent.
   *
   * Rejects with what the service throws, and with `AnswerNotCloneableError` if
   * what it returns cannot be copied, or `AnswerNotTransferableError` if it lists a
   * buffer, by {@linkcode transfer}, that cannot be transferred. If the service was
   * not called, and never will be, it rejects with
   *
   * - `NotCloneableError`, if `param` cannot be copied; `NotTransferableError`, if a
   *   buffer of `transfer` cannot be transferred,
   * - `UnknownRuntimeError`, `UnknownServiceError`, if there is no such thread, or
   *   no such service in it,
   * - `TooManyQuestionsError`, if 2^14 questions from this thread to that one are
   *   unanswered, including those that nobody waits for any more,
   * - `CommandQueueFullError`, if too much is on its way to the thread,
   * - `WorkerExitedError`, if the thread was already gone; `RuntimeStoppedError`,
   *   if it is the main thread, and the threads were stopped,
   * - `InvalidOptionError`, or the reason of a `signal` that was already aborted.
   *
   * It rejects with `AskOutcomeUnknownError` if the thread ended before it
   * answered, and with `AskTimeoutError` if it did not answer in time: then it is
   * not known whether the service was called. The same holds if it rejects with the
   * reason of a `signal` that was aborted later.
   */
  readonly ask: Ask<Module>;

  /**
   * Sends a message to a service of a thread, which may be this one:
   * `tell(thread, service, param, options)`. It costs less than `ask`, since there
   * is no answer. `service`, `param` and the order are those of `ask`; what the
   * service returns is dropped.
   *
   * Returns one of {@linkcode (TellResult:variable)}. A message is done when the
   * service has returned, or when its promise has settled. At most 2^16 messages
   * from this thread to that one, with 64 MiB, may be unfinished; further ones are
   * not sent. If the service throws, or does not exist, the thread that got the
   * message logs a line. `serviceMessages` of the statistics counts both. If the
   * thread ends, its unfinished messages are lost.
   *
   * Throws, and has sent nothing,
   *
   * - `NotCloneableError`, if `param` cannot be copied,
   * - `NotTransferableError`, if a buffer of `transfer` cannot be transferred,
   * - `UnknownRuntimeError`, if there is no such thread; `UnknownServiceError`, if
   *   `service` is not a string,
   * - `InvalidOptionError`, if an option is not valid.
   */
  readonly tell: Tell<Module>;

  /**
   * Waits until a thread takes more messages, after `tell` has returned `"full"`.
   *
   * @param thread The thread.
   * @returns Resolves at once if there is room; otherwise when half of it is free,
   * or when the thread is gone.
   * @throws {UnknownRuntimeError} If no thread has that number.
   */
  whenRoom(thread: ThreadId): Promise<void>;

  /** How many answers came too late and were dropped, so far. */
  readonly lateAnswerCount: number;

  /**
   * Finds a reactor by its name: a look-up in this thread, without waiting.
   *
   * @param name The name of the reactor.
   * @returns The reactor, typed by the commands that the caller says it takes;
   * `undefined` if none has that name.
   */
  findByName<Taken = unknown, Value = unknown>(
    name: string,
  ): ReactorUID<Taken, Value> | undefined;

  /**
   * Gives a reactor a name, by which every thread finds it until it is closed
   * or its thread ends. If this fails, nobody has the name.
   *
   * The main thread decides. It counts `timeoutMs` from when the request reaches
   * it, so while it is busy, a worker's request waits without a limit: until the
   * main thread answers, it is not known whether the name will be given.
   *
   * @param name The name.
   * @param uid The reactor.
   * @param options How long to wait.
   * @returns Resolves when all threads know the name, except those that were busy
   * during the whole of `timeoutMs`: they learn it when they are free.
   * @throws {DuplicateNameError} If another reactor has the name, and keeps it.
   * @throws {ReactorNotFoundError} If the reactor is gone.
   * @throws {NamingTimeoutError} If the reactor's thread does not confirm within
   * `timeoutMs` that it is there.
   * @throws {WorkerExitedError} If that thread has ended.
   * @throws {InvalidNameError} If `name` is not a string.
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
   * those that were busy during the whole of `timeoutMs`. Resolves to false, and
   * changes nothing, if no reactor or another one has the name.
   * @throws {InvalidNameError} If `name` is not a string.
   * @throws {InvalidOptionError} If an option is out of range.
   * @throws {ReactorNotFoundError} If `uid` is not the identity of a reactor at all.
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
 * A worker thread, as its reactors see it: every factory gets it. In a factory that
 * declares `thread: ReactorThread<Command, { services: typeof services }>`, the
 * type checker checks `ask` as it does for the manager.
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
