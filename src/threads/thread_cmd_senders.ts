import type { AddressLike } from "../address.ts";
import {
  type CloseCommandOptions,
  type CommandId,
  type CommandOptions,
  type ConnectCommandOptions,
  INVALID_COMMAND_ID,
  type ListenCommandOptions,
} from "../cmd_sender.ts";
import type { CommandQueue } from "../core/command_queue.ts";
import { commandTerms } from "../core/command_terms.ts";
import { logFailure } from "../core/commands.ts";
import { withAction } from "../core/failures.ts";
import type { ReactorID } from "../reactor_id.ts";
import type { Factories } from "./factories.ts";
import type { ThreadCmdSender } from "./reactor_thread.ts";
import {
  type Peer,
  SentClose,
  SentConnect,
  SentListen,
  SentUserCmd,
  userCmdAction,
} from "./remote_commands.ts";

const NO_OPTIONS = {};

/** The sender to another thread. */
export class RemoteCmdSender implements ThreadCmdSender {
  readonly #peer: Peer;
  readonly #commands: CommandQueue<unknown>;

  /** `commands` are those of this thread: they hold what is deferred, and know what can be cancelled. */
  constructor(peer: Peer, commands: CommandQueue<unknown>) {
    this.#peer = peer;
    this.#commands = commands;
  }

  get runtimeId(): number {
    return this.#peer.runtimeId;
  }

  sendConnect(
    address: AddressLike,
    reactor: string,
    param?: unknown,
    options: ConnectCommandOptions = NO_OPTIONS,
  ): CommandId {
    let rest: object = NO_OPTIONS;
    const terms = commandTerms(options, (it) => rest = restOf(it));
    const { completion } = terms;
    return this.#commands.send(
      new SentConnect(this.#peer, address, reactor, param, rest, completion),
      terms,
    );
  }

  sendListen(
    address: AddressLike,
    listener: string,
    param?: unknown,
    options: ListenCommandOptions = NO_OPTIONS,
    transfer?: readonly unknown[],
  ): CommandId {
    let rest: object = NO_OPTIONS;
    const terms = commandTerms(options, (it) => rest = restOf(it));
    const { completion } = terms;
    return this.#commands.send(
      new SentListen(
        this.#peer,
        address,
        listener,
        param,
        rest,
        completion,
        transfer,
      ),
      terms,
    );
  }

  sendClose(
    reactorId: ReactorID,
    options: CloseCommandOptions = NO_OPTIONS,
  ): CommandId {
    let abort = false;
    const terms = commandTerms(options, (it) => abort = it.abort ?? false);
    return this.#commands.send(
      new SentClose(this.#peer, reactorId, abort, terms.completion),
      terms,
    );
  }

  sendUserCmd(
    reactorId: ReactorID,
    cmd: unknown,
    options: CommandOptions = NO_OPTIONS,
  ): CommandId {
    const terms = commandTerms(options);
    const { completion, deferred, failure } = terms;
    if (
      deferred === undefined && completion === undefined &&
      failure === undefined && typeof reactorId === "number"
    ) {
      this.#sendAndForget(reactorId, cmd);
      return INVALID_COMMAND_ID;
    }
    return this.#commands.send(
      new SentUserCmd(this.#peer, reactorId, cmd, completion),
      terms,
    );
  }

  cancel(id: CommandId): boolean {
    return this.#commands.cancel(id);
  }

  /** The fast way: nothing is kept of the command. */
  #sendAndForget(reactorId: ReactorID, cmd: unknown): void {
    const { link, runtimeId } = this.#peer;
    const error = this.#commands.refusal() ??
      link.sendUser(INVALID_COMMAND_ID, reactorId, cmd);
    if (error === undefined) return;
    const action = userCmdAction(runtimeId, reactorId);
    logFailure(action, withAction(error, action));
  }
}

/** The options that go to the other thread, each read once. */
function restOf(options: CommandOptions): object {
  const rest: Record<string, unknown> = {};
  for (const key of Object.keys(options) as (keyof CommandOptions)[]) {
    if (key !== "completion" && key !== "deferred") rest[key] = options[key];
  }
  return rest;
}

/** The sender of a thread to itself. */
export class LocalCmdSender implements ThreadCmdSender {
  readonly runtimeId: number;
  readonly #commands: CommandQueue<unknown>;
  readonly #factories: Factories;

  constructor(
    runtimeId: number,
    commands: CommandQueue<unknown>,
    factories: Factories,
  ) {
    this.runtimeId = runtimeId;
    this.#commands = commands;
    this.#factories = factories;
  }

  sendConnect(
    address: AddressLike,
    reactor: string,
    param?: unknown,
    options: ConnectCommandOptions = NO_OPTIONS,
  ): CommandId {
    const terms = commandTerms(options);
    const { completion } = terms;
    return this.#commands.send(
      this.#factories.connect(address, reactor, param, options, completion),
      terms,
    );
  }

  sendListen(
    address: AddressLike,
    listener: string,
    param?: unknown,
    options: ListenCommandOptions = NO_OPTIONS,
  ): CommandId {
    const terms = commandTerms(options);
    const { completion } = terms;
    return this.#commands.send(
      this.#factories.listen(address, listener, param, options, completion),
      terms,
    );
  }

  sendClose(reactorId: ReactorID, options?: CloseCommandOptions): CommandId {
    return this.#commands.sendClose(reactorId, options);
  }

  sendUserCmd(
    reactorId: ReactorID,
    cmd: unknown,
    options?: CommandOptions,
  ): CommandId {
    return this.#commands.sendUserCmd(reactorId, cmd, options);
  }

  cancel(id: CommandId): boolean {
    return this.#commands.cancel(id);
  }
}
