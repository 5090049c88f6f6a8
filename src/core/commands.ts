import type { Adapter, Address } from "../adapters/adapter.ts";
import { type AddressLike, showAddress } from "../address.ts";
import type {
  CloseCommandOptions,
  CommandCompletion,
  CommandId,
  CommandResult,
  ConnectCommandOptions,
  ListenCommandOptions,
} from "../cmd_sender.ts";
import type { Reactor, TcpListenerHandler } from "../reactor.ts";
import type { ReactorID } from "../reactor_id.ts";
import { logError } from "../util/log.ts";
import { watchPromise } from "../util/promises.ts";

/** Carries commands out; each is then to be completed by {@linkcode Command.succeed} or {@linkcode Command.fail}. */
export interface CommandExecutor<UserCommand> {
  executeConnect(command: ConnectCommand<UserCommand>): void;
  executeListen(command: ListenCommand<UserCommand>): void;
  executeClose(command: CloseCommand<UserCommand>): void;
  /** Gives `cmd` to the reactor `target`; returns why that failed, or what its handler threw. */
  giveCommand(target: ReactorID, cmd: UserCommand): Error | undefined;
}

/** A command on its way from `CmdSender` to its completion. */
export abstract class Command<UserCommand> {
  id: CommandId | undefined = undefined;
  /** It came from another thread. */
  isForeign = false;
  /** It has been handed to the executor. */
  isRunning = false;
  /** It was taken back and waits for its turn to be told, or dropped if there is no failure. */
  isWithdrawn = false;
  /** It is not carried out but fails with this. */
  failure: Error | undefined = undefined;
  /** Gives up what `execute` began; false if it is too late. */
  abandon: (() => boolean) | undefined = undefined;
  /** Called when it is completed, before the user's completion. */
  onSettled: ((command: Command<UserCommand>) => void) | undefined = undefined;

  readonly #completion: CommandCompletion | undefined;

  constructor(completion: CommandCompletion | undefined) {
    this.#completion = completion;
  }

  /** True if somebody is to be told what became of it. */
  get isAwaited(): boolean {
    return this.#completion !== undefined;
  }

  /** What it does, for messages. */
  abstract get action(): string;

  /** Has `executor` carry it out. */
  abstract execute(executor: CommandExecutor<UserCommand>): void;

  /** Completes it: done, by or on `reactorId`, which is bound to `localAddress` if it is new. */
  succeed(reactorId: ReactorID, localAddress?: Address): void {
    this.#settle();
    if (this.#completion === undefined) return;
    this.#tell(
      this.#completion,
      localAddress === undefined
        ? { ok: true, reactorId }
        : { ok: true, reactorId, localAddress },
    );
  }

  /** Completes it: not done, because of `error`. */
  fail(error: Error): void {
    this.#settle();
    if (this.#completion === undefined) {
      logFailure(this.action, error);
    } else {
      this.#tell(this.#completion, { ok: false, error });
    }
  }

  #settle(): void {
    this.abandon = undefined;
    this.onSettled?.(this);
  }

  #tell(completion: CommandCompletion, result: CommandResult): void {
    try {
      watchPromise(
        completion(result),
        (thrown) => this.#completionThrew(thrown),
      );
    } catch (thrown) {
      this.#completionThrew(thrown);
    }
  }

  #completionThrew(thrown: unknown): void {
    logError(`The completion of "${this.action}" threw:`, thrown);
  }
}

/** A command that is sent to another thread to be carried out there. */
export abstract class RemoteCommand<UserCommand> extends Command<UserCommand> {
  abstract override execute(): void;
}

export class ConnectCommand<UserCommand> extends Command<UserCommand> {
  /** `makeReactor` is called when it is carried out; what it throws fails the command. */
  constructor(
    readonly address: AddressLike,
    readonly makeReactor: () => Reactor<UserCommand>,
    readonly options: ConnectCommandOptions,
  ) {
    super(options.completion);
  }

  get action(): string {
    return `connect to ${showAddress(this.address)}`;
  }

  execute(executor: CommandExecutor<UserCommand>): void {
    executor.executeConnect(this);
  }
}

export class ListenCommand<UserCommand> extends Command<UserCommand> {
  /** `makeHandler` is called when it is carried out; what it throws fails the command. `bind` listens instead of the adapter. */
  constructor(
    readonly address: AddressLike,
    readonly makeHandler: () => TcpListenerHandler<UserCommand>,
    readonly options: ListenCommandOptions,
    readonly bind?: Adapter["listen"],
  ) {
    super(options.completion);
  }

  get action(): string {
    return `listen on ${showAddress(this.address)}`;
  }

  execute(executor: CommandExecutor<UserCommand>): void {
    executor.executeListen(this);
  }
}

export class CloseCommand<UserCommand> extends Command<UserCommand> {
  readonly abort: boolean;

  constructor(readonly target: ReactorID, options: CloseCommandOptions) {
    super(options.completion);
    this.abort = options.abort ?? false;
  }

  get action(): string {
    return `close reactor ${this.target}`;
  }

  execute(executor: CommandExecutor<UserCommand>): void {
    executor.executeClose(this);
  }
}

export class UserCmdCommand<UserCommand> extends Command<UserCommand> {
  constructor(
    readonly target: ReactorID,
    readonly cmd: UserCommand,
    completion: CommandCompletion | undefined,
  ) {
    super(completion);
  }

  get action(): string {
    return userCmdAction(this.target);
  }

  execute(executor: CommandExecutor<UserCommand>): void {
    const error = executor.giveCommand(this.target, this.cmd);
    if (error === undefined) this.succeed(this.target);
    else this.fail(error);
  }
}

/** What a user command does, for messages. */
export function userCmdAction(target: ReactorID): string {
  return `give a command to reactor ${String(target)}`;
}

/** Tells of a failure that nobody awaits. */
export function logFailure(action: string, error: Error): void {
  logError(`Did not ${action}:`, error);
}
