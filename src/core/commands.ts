import type { Adapter } from "../contract/adapter.ts";
import type { SocketAddress } from "../contract/address.ts";
import type { AddressLike } from "../api/address.ts";
import type { CommandCompletion, CommandId } from "../api/command.ts";
import {
  CommandNotSupportedError,
  type InvalidReactorError,
  ReactorNotFoundError,
  RuntimeStoppedError,
} from "../api/errors.ts";
import type { Reactor, TcpListenerHandler } from "../api/reactor.ts";
import { INVALID_REACTOR_ID, type ReactorID } from "../api/reactor_id.ts";
import { watchPromise } from "../util/promises.ts";
import { isError, textOf } from "../util/text.ts";
import {
  type AnyResult,
  type Endpoint,
  endpointOf,
  type GivenOptions,
} from "./command_options.ts";
import { Returned } from "./returned_values.ts";

/**
 * The outcome of a command given to a reactor: what `onCommand` returned, if
 * anything, or why it failed.
 */
export type GivenCommand = undefined | Returned | Error;

/**
 * Executes commands. Each must then be completed by {@linkcode Command.succeed}
 * or {@linkcode Command.fail}.
 */
export interface CommandExecutor<UserCommand> {
  executeConnect(command: ConnectCommand<UserCommand>): void;
  executeListen(command: ListenCommand<UserCommand>): void;
  executeClose(command: CloseCommand<UserCommand>): void;
  /** Gives `cmd` to the reactor `target`. Returns the outcome. */
  giveCommand(target: ReactorID, cmd: UserCommand): GivenCommand;
}

/** The queue that accepted a command. */
export interface CommandOwner<UserCommand> {
  /**
   * `command` is complete. Called before the user's completion. If there is
   * none and the command failed, `unreported` is the error that nobody gets.
   */
  onSettled(command: Command<UserCommand>, unreported?: Error): void;
  /** The user's completion threw, or returned a promise that rejected. */
  onCompletionThrew(command: Command<UserCommand>, thrown: unknown): void;
}

/** A command on its way from `CmdSender` to its completion. */
export abstract class Command<UserCommand> {
  id: CommandId | undefined = undefined;
  /** True if it came from another thread. */
  isReceived = false;
  /** True once it was handed to the executor. */
  isExecuting = false;
  /**
   * True if it was withdrawn: in its turn it fails with `failure`, or is
   * dropped without one.
   */
  isWithdrawn = false;
  /** If set, the command is not executed, but fails with this. */
  failure: Error | undefined = undefined;
  /** Cancels what `execute` began. Returns false if it is too late. */
  abandon: (() => boolean) | undefined = undefined;
  owner: CommandOwner<UserCommand> | undefined = undefined;

  readonly #completion: CommandCompletion<AnyResult> | undefined;

  constructor(completion: CommandCompletion<AnyResult> | undefined) {
    this.#completion = completion;
  }

  /** True if somebody awaits the result. */
  get isAwaited(): boolean {
    return this.#completion !== undefined;
  }

  /** Describes its action, for messages. */
  abstract get action(): string;

  /** Executes it by `executor`. */
  abstract execute(executor: CommandExecutor<UserCommand>): void;

  /**
   * Completes it with success. `reactorId` is its target, or the reactor that
   * it created, then with its `localAddress`.
   */
  succeed(reactorId: ReactorID, localAddress?: SocketAddress): void {
    this.#settle();
    if (this.#completion === undefined) return;
    this.#complete(
      this.#completion,
      localAddress === undefined
        ? { ok: true, reactorId }
        : { ok: true, reactorId, localAddress },
    );
  }

  /**
   * Completes it with success, and the `value` that the handler of `reactorId`
   * returned.
   */
  succeedWith(reactorId: ReactorID, value: unknown): void {
    this.#settle();
    if (this.#completion === undefined) return;
    this.#complete(this.#completion, { ok: true, reactorId, value });
  }

  /** Completes it with `error`. */
  fail(error: Error): void {
    if (this.#completion === undefined) return this.#settle(error);
    this.#settle();
    this.#complete(this.#completion, { ok: false, error });
  }

  /** True if its purpose is achieved even though it fails with `error`. */
  isNeedless(_error: Error): boolean {
    return false;
  }

  #settle(unreported?: Error): void {
    this.abandon = undefined;
    this.owner?.onSettled(this, unreported);
  }

  #complete(completion: CommandCompletion<AnyResult>, result: AnyResult): void {
    try {
      watchPromise(
        completion(result),
        (thrown) => this.owner?.onCompletionThrew(this, thrown),
      );
    } catch (thrown) {
      this.owner?.onCompletionThrew(this, thrown);
    }
  }
}

/** A command for another thread. */
export abstract class RemoteCommand<UserCommand> extends Command<UserCommand> {
  abstract override execute(): void;
}

/** A connect or listen command. It fails at once if its address is invalid. */
abstract class OpenCommand<UserCommand> extends Command<UserCommand> {
  readonly endpoint: Endpoint;
  /** The options of the connect or listen, not validated yet. */
  readonly options: object;

  constructor(
    address: AddressLike,
    { completion, rest, failure }: GivenOptions,
  ) {
    super(completion);
    this.endpoint = endpointOf(address);
    this.options = rest;
    this.failure = failure ?? this.endpoint.failure;
  }
}

export class ConnectCommand<UserCommand> extends OpenCommand<UserCommand> {
  readonly makeReactor: () => Reactor<UserCommand>;

  /**
   * `makeReactor` is called when the command is executed. If it throws, the
   * command fails.
   */
  constructor(
    address: AddressLike,
    makeReactor: () => Reactor<UserCommand>,
    options: GivenOptions,
  ) {
    super(address, options);
    this.makeReactor = makeReactor;
  }

  get action(): string {
    return `connect to ${this.endpoint.text}`;
  }

  execute(executor: CommandExecutor<UserCommand>): void {
    executor.executeConnect(this);
  }
}

export class ListenCommand<UserCommand> extends OpenCommand<UserCommand> {
  readonly makeHandler: () => TcpListenerHandler<UserCommand>;
  readonly bind: Adapter["listen"] | undefined;

  /**
   * `makeHandler` is called when the command is executed. If it throws, the
   * command fails. `bind` listens instead of the adapter.
   */
  constructor(
    address: AddressLike,
    makeHandler: () => TcpListenerHandler<UserCommand>,
    options: GivenOptions,
    bind?: Adapter["listen"],
  ) {
    super(address, options);
    this.makeHandler = makeHandler;
    this.bind = bind;
  }

  get action(): string {
    return `listen on ${this.endpoint.text}`;
  }

  execute(executor: CommandExecutor<UserCommand>): void {
    executor.executeListen(this);
  }
}

export class CloseCommand<UserCommand> extends Command<UserCommand> {
  readonly target: ReactorID;
  readonly abort: boolean;

  constructor(
    target: ReactorID | InvalidReactorError,
    { completion, rest, failure }: GivenOptions,
  ) {
    super(completion);
    this.abort = Boolean(rest.abort);
    const isId = !isError(target);
    this.target = isId ? target : INVALID_REACTOR_ID;
    this.failure = isId ? failure : target;
  }

  get action(): string {
    return `close reactor ${textOf(this.target)}`;
  }

  override isNeedless(error: Error): boolean {
    return meansGone(error);
  }

  execute(executor: CommandExecutor<UserCommand>): void {
    executor.executeClose(this);
  }
}

export class UserCmdCommand<UserCommand> extends Command<UserCommand> {
  readonly target: ReactorID;
  cmd: UserCommand;

  constructor(
    target: ReactorID | InvalidReactorError,
    cmd: UserCommand,
    completion: CommandCompletion<AnyResult> | undefined,
  ) {
    super(completion);
    const isId = !isError(target);
    this.target = isId ? target : INVALID_REACTOR_ID;
    if (!isId) this.failure = target;
    this.cmd = cmd;
  }

  get action(): string {
    return userCmdAction(this.target);
  }

  execute(executor: CommandExecutor<UserCommand>): void {
    const given = executor.giveCommand(this.target, this.cmd);
    if (given === undefined) this.succeed(this.target);
    else if (given instanceof Returned) this.#await(given);
    else this.fail(given);
  }

  #await(returned: Returned): void {
    if (!this.isAwaited) return this.succeed(this.target);
    returned.deliver({
      onValue: (value) => this.succeedWith(this.target, value),
      onFailed: (error) => this.fail(error),
    });
  }
}

/**
 * Describes a command to `target`, for messages. `runtimeId` is given if that
 * is in another thread.
 */
export function userCmdAction(target: ReactorID, runtimeId?: number): string {
  const where = runtimeId === undefined ? "" : ` of runtime ${runtimeId}`;
  return `give a command to reactor ${textOf(target)}${where}`;
}

/**
 * Creates the error for a reactor `target` that cannot receive a command for
 * `reason`.
 */
export function notSupported(
  target: ReactorID,
  reason: string,
): CommandNotSupportedError {
  return new CommandNotSupportedError(
    `Cannot ${userCmdAction(target)}: ${reason}`,
  );
}

/**
 * True if `error` means that the target of a close is closed, or about to be.
 */
export function meansGone(error: Error): boolean {
  return error instanceof ReactorNotFoundError ||
    error instanceof RuntimeStoppedError;
}
