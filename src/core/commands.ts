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

/** The result of a command that was given to a reactor: what `onCommand` returned, if anything, or why it failed. */
export type GivenCommand = undefined | Returned | Error;

/** Executes commands; each is then to be completed by {@linkcode Command.succeed} or {@linkcode Command.fail}. */
export interface CommandExecutor<UserCommand> {
  executeConnect(command: ConnectCommand<UserCommand>): void;
  executeListen(command: ListenCommand<UserCommand>): void;
  executeClose(command: CloseCommand<UserCommand>): void;
  /** Gives `cmd` to the reactor `target`; returns what became of it. */
  giveCommand(target: ReactorID, cmd: UserCommand): GivenCommand;
}

/** Who took a command on. */
export interface CommandOwner<UserCommand> {
  /** `command` is complete. Called before the user's completion; if there is none and the command failed, `unheard` says why. */
  onSettled(command: Command<UserCommand>, unheard?: Error): void;
  /** The user's completion threw, or returned a promise that rejected. */
  onCompletionThrew(command: Command<UserCommand>, thrown: unknown): void;
}

/** A command on its way from `CmdSender` to its completion. */
export abstract class Command<UserCommand> {
  id: CommandId | undefined = undefined;
  /** It came from another thread. */
  isReceived = false;
  /** It has been handed to the executor. */
  isExecuting = false;
  /** It was taken back. In its turn its failure is told; without one it is dropped. */
  isWithdrawn = false;
  /** If set, it is not executed but fails with this. */
  failure: Error | undefined = undefined;
  /** Gives up what `execute` began; false if it is too late. */
  abandon: (() => boolean) | undefined = undefined;
  owner: CommandOwner<UserCommand> | undefined = undefined;

  readonly #completion: CommandCompletion<AnyResult> | undefined;

  constructor(completion: CommandCompletion<AnyResult> | undefined) {
    this.#completion = completion;
  }

  /** True if somebody is to be told what became of it. */
  get isAwaited(): boolean {
    return this.#completion !== undefined;
  }

  /** What it does, for messages. */
  abstract get action(): string;

  /** Has `executor` execute it. */
  abstract execute(executor: CommandExecutor<UserCommand>): void;

  /** Completes it with success: `reactorId` is what it was for, or what it has made, then with its `localAddress`. */
  succeed(reactorId: ReactorID, localAddress?: SocketAddress): void {
    this.#settle();
    if (this.#completion === undefined) return;
    this.#tell(
      this.#completion,
      localAddress === undefined
        ? { ok: true, reactorId }
        : { ok: true, reactorId, localAddress },
    );
  }

  /** Completes it with success: the handler of `reactorId` returned `value`. */
  succeedWith(reactorId: ReactorID, value: unknown): void {
    this.#settle();
    if (this.#completion === undefined) return;
    this.#tell(this.#completion, { ok: true, reactorId, value });
  }

  /** Completes it with `error`. */
  fail(error: Error): void {
    if (this.#completion === undefined) return this.#settle(error);
    this.#settle();
    this.#tell(this.#completion, { ok: false, error });
  }

  /** True if its purpose is achieved although it fails with `error`. */
  isNeedless(_error: Error): boolean {
    return false;
  }

  #settle(unheard?: Error): void {
    this.abandon = undefined;
    this.owner?.onSettled(this, unheard);
  }

  #tell(completion: CommandCompletion<AnyResult>, result: AnyResult): void {
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

/** A command that is sent to another thread to be executed there. */
export abstract class RemoteCommand<UserCommand> extends Command<UserCommand> {
  abstract override execute(): void;
}

/** A command to connect or listen. It fails at once if its address is bad. */
abstract class OpenCommand<UserCommand> extends Command<UserCommand> {
  readonly endpoint: Endpoint;
  /** The options of the connect or listen, not checked yet. */
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

  /** `makeReactor` is called when it is executed; what it throws fails the command. */
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

  /** `makeHandler` is called when it is executed; what it throws fails the command. `bind` listens instead of the adapter. */
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
    return saysGone(error);
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
    returned.tell({
      onValue: (value) => this.succeedWith(this.target, value),
      onFailed: (error) => this.fail(error),
    });
  }
}

/** What a command to `target` does, for messages; with `runtimeId` if that is another thread. */
export function userCmdAction(target: ReactorID, runtimeId?: number): string {
  const where = runtimeId === undefined ? "" : ` of runtime ${runtimeId}`;
  return `give a command to reactor ${textOf(target)}${where}`;
}

/** Why the reactor `target` cannot be given a command: `reason`. */
export function notSupported(
  target: ReactorID,
  reason: string,
): CommandNotSupportedError {
  return new CommandNotSupportedError(
    `Cannot ${userCmdAction(target)}: ${reason}`,
  );
}

/** True if `error` says that what was to be closed is closed, or is about to be. */
export function saysGone(error: Error): boolean {
  return error instanceof ReactorNotFoundError ||
    error instanceof RuntimeStoppedError;
}
