import type { AddressLike } from "../../api/address.ts";
import {
  type CloseCommandOptions,
  type CommandId,
  type ConnectCommandOptions,
  INVALID_COMMAND_ID,
  type ListenCommandOptions,
} from "../../api/command.ts";
import type { CmdSender } from "../../api/reactor.ts";
import type { CommandQueue } from "../../core/command_queue.ts";
import type { Engine } from "../../core/engine.ts";
import { type Command, userCmdAction } from "../../core/commands.ts";
import { withAction } from "../../core/failures.ts";
import {
  CLOSE_OPTION_NAMES,
  type GivenOptions,
  givenOptions,
  idOf,
} from "../../core/command_options.ts";
import { CONNECT_OPTION_NAMES } from "../../api/options/connect.ts";
import type { ReactorID, ReactorRef } from "../../api/reactor_id.ts";
import type { Factories } from "./factories.ts";
import { USER_CMD_OPTION_NAMES } from "../link/moved_buffers.ts";
import type { ThreadCmdSender, UserCmdOptions } from "../reactor_thread.ts";
import { MovedUserCmd } from "./moved_user_cmd.ts";
import { SHARED_LISTEN_OPTION_NAMES } from "../listen/shared_listen.ts";
import {
  type PeerThread,
  SentClose,
  SentConnect,
  SentListen,
  SentUserCmd,
} from "./sent_commands.ts";

/** A sender whose connects and listens name factories. */
abstract class FactoryCmdSender implements ThreadCmdSender {
  abstract readonly runtimeId: number;
  /** The commands of this thread: they hold deferred ones, and know which can be cancelled. */
  protected readonly commands: CommandQueue<unknown>;

  constructor(commands: CommandQueue<unknown>) {
    this.commands = commands;
  }

  abstract sendClose(
    target: ReactorRef,
    options?: CloseCommandOptions,
  ): CommandId;

  abstract sendUserCmd(
    target: ReactorRef,
    cmd: unknown,
    options?: UserCmdOptions,
  ): CommandId;

  sendConnect(
    address: AddressLike,
    reactor: string,
    param?: unknown,
    options?: ConnectCommandOptions,
  ): CommandId {
    const given = givenOptions(options, CONNECT_OPTION_NAMES);
    return this.commands.send(
      this.connectCommand(address, reactor, param, given),
      given.deferred,
    );
  }

  /** Buffers in `transfer` are moved to the other thread with the options. */
  sendListen(
    address: AddressLike,
    listener: string,
    param?: unknown,
    options?: ListenCommandOptions,
    transfer?: readonly unknown[],
  ): CommandId {
    const given = givenOptions(options, SHARED_LISTEN_OPTION_NAMES);
    return this.commands.send(
      this.listenCommand(address, listener, param, given, transfer),
      given.deferred,
    );
  }

  cancel(id: CommandId): boolean {
    return this.commands.cancel(id);
  }

  protected abstract connectCommand(
    address: AddressLike,
    reactor: string,
    param: unknown,
    given: GivenOptions,
  ): Command<unknown>;

  protected abstract listenCommand(
    address: AddressLike,
    listener: string,
    param: unknown,
    given: GivenOptions,
    transfer: readonly unknown[] | undefined,
  ): Command<unknown>;
}

/** The sender to another thread. */
export class RemoteCmdSender extends FactoryCmdSender {
  readonly #peer: PeerThread;

  constructor(peer: PeerThread, commands: CommandQueue<unknown>) {
    super(commands);
    this.#peer = peer;
  }

  get runtimeId(): number {
    return this.#peer.runtimeId;
  }

  sendClose(target: ReactorRef, options?: CloseCommandOptions): CommandId {
    const id = idOf(target);
    const given = givenOptions(options, CLOSE_OPTION_NAMES);
    return this.commands.send(
      new SentClose(this.#peer, id, given),
      given.deferred,
    );
  }

  sendUserCmd(
    target: ReactorRef,
    cmd: unknown,
    options?: UserCmdOptions,
  ): CommandId {
    const id = idOf(target);
    const given = givenOptions(options, USER_CMD_OPTION_NAMES);
    const { completion, deferred, failure, rest } = given;
    if (
      deferred === undefined && completion === undefined &&
      failure === undefined && rest.transfer === undefined &&
      typeof id === "number"
    ) {
      this.#sendAndForget(id, cmd);
      return INVALID_COMMAND_ID;
    }
    return this.commands.send(
      new SentUserCmd(this.#peer, id, cmd, given),
      deferred,
    );
  }

  protected connectCommand(
    address: AddressLike,
    reactor: string,
    param: unknown,
    given: GivenOptions,
  ): Command<unknown> {
    return new SentConnect(this.#peer, address, reactor, param, given);
  }

  protected listenCommand(
    address: AddressLike,
    listener: string,
    param: unknown,
    given: GivenOptions,
    transfer: readonly unknown[] | undefined,
  ): Command<unknown> {
    return new SentListen(
      this.#peer,
      address,
      listener,
      param,
      given,
      transfer,
    );
  }

  /** The fast path: nothing is kept of the command. */
  #sendAndForget(reactorId: ReactorID, cmd: unknown): void {
    const { link, runtimeId } = this.#peer;
    const error = this.commands.refusal() ??
      link.sendUser(INVALID_COMMAND_ID, reactorId, cmd);
    if (error === undefined) return;
    const action = userCmdAction(reactorId, runtimeId);
    this.commands.logFailure(action, withAction(error, action));
  }
}

/** The sender of a thread to itself. */
export class LocalCmdSender extends FactoryCmdSender {
  readonly runtimeId: number;
  readonly #cmdSender: CmdSender<unknown>;
  readonly #factories: Factories;

  constructor(
    runtimeId: number,
    { commands, cmdSender }: Pick<Engine<unknown>, "commands" | "cmdSender">,
    factories: Factories,
  ) {
    super(commands);
    this.runtimeId = runtimeId;
    this.#cmdSender = cmdSender;
    this.#factories = factories;
  }

  sendClose(target: ReactorRef, options?: CloseCommandOptions): CommandId {
    return this.#cmdSender.sendClose(target, options);
  }

  sendUserCmd(
    target: ReactorRef,
    cmd: unknown,
    options?: UserCmdOptions,
  ): CommandId {
    if (options === undefined) return this.#cmdSender.sendUserCmd(target, cmd);
    const given = givenOptions(options, USER_CMD_OPTION_NAMES);
    const { completion, deferred, failure, rest } = given;
    if (rest.transfer === undefined && failure === undefined) {
      return this.#cmdSender.sendUserCmd(target, cmd, { completion, deferred });
    }
    const command = new MovedUserCmd(idOf(target), cmd, given);
    const isDue = deferred === undefined;
    if (isDue && this.commands.refusal() === undefined) command.move();
    return this.commands.send(command, deferred);
  }

  protected connectCommand(
    address: AddressLike,
    reactor: string,
    param: unknown,
    given: GivenOptions,
  ): Command<unknown> {
    return this.#factories.connect(address, reactor, param, given);
  }

  protected listenCommand(
    address: AddressLike,
    listener: string,
    param: unknown,
    given: GivenOptions,
  ): Command<unknown> {
    return this.#factories.listen(address, listener, param, given);
  }
}
