import type { AddressLike } from "../api/address.ts";
import type {
  CloseCommandOptions,
  CommandId,
  CommandOptions,
  ConnectCommandOptions,
  ListenCommandOptions,
} from "../api/command.ts";
import { CONNECT_OPTIONS, LISTEN_OPTIONS } from "../api/options.ts";
import type { CmdSender, Reactor, TcpListenerHandler } from "../api/reactor.ts";
import type { ReactorID } from "../api/reactor_id.ts";
import { forget } from "../util/forget.ts";
import type { CommandQueue } from "./command_queue.ts";
import {
  CloseCommand,
  ConnectCommand,
  ListenCommand,
  UserCmdCommand,
} from "./commands.ts";
import { CLOSE_OPTIONS, givenOptions, unreadable } from "./given.ts";

const NO_OPTIONS = {};

/** Sends commands to the runtime that it belongs to: makes of what a user gives what the queue takes on. */
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
    const given = givenOptions(options, CONNECT_OPTIONS);
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
    const given = givenOptions(options, LISTEN_OPTIONS);
    return this.#queue.send(
      new ListenCommand(address, () => handler, given),
      given.deferred,
    );
  }

  sendClose(
    reactorId: ReactorID,
    options?: CloseCommandOptions,
  ): CommandId {
    const given = givenOptions(options, CLOSE_OPTIONS);
    return this.#queue.send(new CloseCommand(reactorId, given), given.deferred);
  }

  sendUserCmd(
    reactorId: ReactorID,
    cmd: UserCommand,
    options: CommandOptions = NO_OPTIONS,
  ): CommandId {
    let completion: CommandOptions["completion"];
    let delay: number | Error;
    try {
      completion = options.completion;
      delay = this.#queue.delayOf(options.deferred);
    } catch (thrown) {
      delay = unreadable(thrown);
    }
    const canBeDetached = completion === undefined &&
      typeof reactorId === "number" && reactorId > 0 &&
      typeof delay === "number" && delay > 0 &&
      this.#queue.refusal() === undefined;
    return canBeDetached
      ? this.#queue.deferDetached(reactorId, cmd, delay as number)
      : this.#queue.takeOn(
        new UserCmdCommand(reactorId, cmd, completion),
        delay,
      );
  }

  cancel(id: CommandId): boolean {
    return this.#queue.cancel(id);
  }
}
