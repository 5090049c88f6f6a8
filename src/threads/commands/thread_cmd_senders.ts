import type { AddressLike } from "../../api/address.ts";
import {
  type CloseCommandOptions,
  type CommandId,
  type CommandOptions,
  type ConnectCommandOptions,
  INVALID_COMMAND_ID,
  type ListenCommandOptions,
} from "../../api/command.ts";
import type { CmdSender } from "../../api/reactor.ts";
import type { CommandQueue } from "../../core/command_queue.ts";
import type { Engine } from "../../core/engine.ts";
import { withAction } from "../../core/failures.ts";
import { CLOSE_OPTION_NAMES, givenOptions, idOf } from "../../core/given.ts";
import { CONNECT_OPTION_NAMES, LISTEN_OPTIONS } from "../../api/options.ts";
import type { ReactorID, ReactorRef } from "../../api/reactor_id.ts";
import type { Factories } from "./factories.ts";
import type { ThreadCmdSender } from "../reactor_thread.ts";
import { SHARED_LISTEN_OPTION_NAMES } from "../listen/shared_listen.ts";
import {
  type Peer,
  remoteUserCmdAction,
  SentClose,
  SentConnect,
  SentListen,
  SentUserCmd,
} from "./remote_commands.ts";

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
    options?: ConnectCommandOptions,
  ): CommandId {
    const given = givenOptions(options, CONNECT_OPTION_NAMES);
    return this.#commands.send(
      new SentConnect(this.#peer, address, reactor, param, given),
      given.deferred,
    );
  }

  sendListen(
    address: AddressLike,
    listener: string,
    param?: unknown,
    options?: ListenCommandOptions,
    transfer?: readonly unknown[],
  ): CommandId {
    const given = givenOptions(options, SHARED_LISTEN_OPTION_NAMES);
    return this.#commands.send(
      new SentListen(this.#peer, address, listener, param, given, transfer),
      given.deferred,
    );
  }

  sendClose(target: ReactorRef, options?: CloseCommandOptions): CommandId {
    const id = idOf(target);
    const given = givenOptions(options, CLOSE_OPTION_NAMES);
    return this.#commands.send(
      new SentClose(this.#peer, id, given),
      given.deferred,
    );
  }

  sendUserCmd(
    target: ReactorRef,
    cmd: unknown,
    options?: CommandOptions,
  ): CommandId {
    const id = idOf(target);
    const given = givenOptions(options);
    const { completion, deferred, failure } = given;
    if (
      deferred === undefined && completion === undefined &&
      failure === undefined && typeof id === "number"
    ) {
      this.#sendAndForget(id, cmd);
      return INVALID_COMMAND_ID;
    }
    return this.#commands.send(
      new SentUserCmd(this.#peer, id, cmd, given),
      deferred,
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
    const action = remoteUserCmdAction(runtimeId, reactorId);
    this.#commands.tellUnheard(action, withAction(error, action));
  }
}

/** The sender of a thread to itself. */
export class LocalCmdSender implements ThreadCmdSender {
  readonly runtimeId: number;
  readonly #commands: CommandQueue<unknown>;
  readonly #cmdSender: CmdSender<unknown>;
  readonly #factories: Factories;

  constructor(
    runtimeId: number,
    { commands, cmdSender }: Pick<Engine<unknown>, "commands" | "cmdSender">,
    factories: Factories,
  ) {
    this.runtimeId = runtimeId;
    this.#commands = commands;
    this.#cmdSender = cmdSender;
    this.#factories = factories;
  }

  sendConnect(
    address: AddressLike,
    reactor: string,
    param?: unknown,
    options?: ConnectCommandOptions,
  ): CommandId {
    const given = givenOptions(options, CONNECT_OPTION_NAMES);
    return this.#commands.send(
      this.#factories.connect(address, reactor, param, given),
      given.deferred,
    );
  }

  sendListen(
    address: AddressLike,
    listener: string,
    param?: unknown,
    options?: ListenCommandOptions,
  ): CommandId {
    const given = givenOptions(options, LISTEN_OPTIONS.names);
    return this.#commands.send(
      this.#factories.listen(address, listener, param, given),
      given.deferred,
    );
  }

  sendClose(target: ReactorRef, options?: CloseCommandOptions): CommandId {
    return this.#cmdSender.sendClose(target, options);
  }

  sendUserCmd(
    target: ReactorRef,
    cmd: unknown,
    options?: CommandOptions,
  ): CommandId {
    return this.#cmdSender.sendUserCmd(target, cmd, options);
  }

  cancel(id: CommandId): boolean {
    return this.#commands.cancel(id);
  }
}
