import type { AddressLike } from "../api/address.ts";
import type {
  CloseCommandOptions,
  CommandCompletion,
  CommandId,
  CommandOptions,
  ConnectCommandOptions,
  ListenCommandOptions,
  UserCommandResult,
} from "../api/command.ts";
import { CONNECT_OPTION_NAMES } from "../api/options/connect.ts";
import { LISTEN_OPTIONS } from "../api/options/listen.ts";
import type { CmdSender, Reactor, TcpListenerHandler } from "../api/reactor.ts";
import type { ReactorRef } from "../api/reactor_id.ts";
import { forget } from "../util/forget.ts";
import type { CommandQueue } from "./command_queue.ts";
import {
  CloseCommand,
  ConnectCommand,
  ListenCommand,
  UserCmdCommand,
} from "./commands.ts";
import {
  type AnyResult,
  CLOSE_OPTION_NAMES,
  givenOptions,
  idOf,
  unreadable,
} from "./command_options.ts";

const NO_OPTIONS = {};

/**
 * Sends commands to its runtime: validates the arguments, and queues the
 * command.
 */
export class RuntimeCmdSender<UserCommand> implements CmdSender<UserCommand> {
  readonly #queue: CommandQueue<UserCommand>;

  constructor(queue: CommandQueue<UserCommand>) {
    this.#queue = queue;
  }

  sendConnect(
    address: AddressLike,
    reactor: Reactor<UserCommand>,
    options?: ConnectCommandOptions,
  ): CommandId {
    forget(reactor);
    const given = givenOptions(options, CONNECT_OPTION_NAMES);
    return this.#queue.send(
      new ConnectCommand(address, () => reactor, given),
      given.deferred,
    );
  }

  sendListen(
    address: AddressLike,
    handler: TcpListenerHandler<UserCommand>,
    options?: ListenCommandOptions,
  ): CommandId {
    forget(handler);
    const given = givenOptions(options, LISTEN_OPTIONS.names);
    return this.#queue.send(
      new ListenCommand(address, () => handler, given),
      given.deferred,
    );
  }

  sendClose(
    target: ReactorRef,
    options?: CloseCommandOptions,
  ): CommandId {
    const id = idOf(target);
    const given = givenOptions(options, CLOSE_OPTION_NAMES);
    return this.#queue.send(new CloseCommand(id, given), given.deferred);
  }

  sendUserCmd(
    target: ReactorRef,
    cmd: unknown, // typed by the target, or else by this sender
    options: CommandOptions<UserCommandResult> = NO_OPTIONS,
  ): CommandId {
    const id = idOf(target);
    let completion: CommandCompletion<AnyResult> | undefined;
    let delay: number | Error;
    try {
      completion = options.completion as typeof completion;
      delay = this.#queue.delayOf(options.deferred);
    } catch (thrown) {
      delay = unreadable(thrown);
    }
    const canBeDetached = completion === undefined &&
      typeof id === "number" && id > 0 &&
      typeof delay === "number" && delay > 0 &&
      this.#queue.refusal() === undefined;
    return canBeDetached
      ? this.#queue.deferDetached(id, cmd as UserCommand, delay as number)
      : this.#queue.takeOn(
        new UserCmdCommand(id, cmd as UserCommand, completion),
        delay,
      );
  }

  cancel(id: CommandId): boolean {
    return this.#queue.cancel(id);
  }
}
