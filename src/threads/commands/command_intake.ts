import {
  type CommandCompletion,
  type CommandId,
  INVALID_COMMAND_ID,
} from "../../api/command.ts";
import type { CommandQueue } from "../../core/command_queue.ts";
import type { Engine } from "../../core/engine.ts";
import {
  CloseCommand,
  type ConnectCommand,
  userCmdAction,
  UserCmdCommand,
} from "../../core/commands.ts";
import type { GivenOptions } from "../../core/given.ts";
import { CommandCancelledError } from "../../api/errors.ts";
import type { ReactorID } from "../../api/reactor_id.ts";
import type { Factories } from "./factories.ts";
import type { Link, LinkExecutor } from "../link/link.ts";
import type { OpenRecord } from "../link/records.ts";
import {
  type SharedListenOptions,
  sharedParts,
} from "../listen/shared_listen.ts";

/** Takes the commands of other threads on in this one, and answers. */
export class CommandIntake implements LinkExecutor {
  readonly #engine: Engine<unknown>;
  readonly #commands: CommandQueue<unknown>;
  readonly #factories: Factories;
  /** The connects that may be cancelled, by their ids in the threads that sent them. */
  readonly #connects = new Map<
    Link,
    Map<CommandId, ConnectCommand<unknown>>
  >();

  constructor(engine: Engine<unknown>, factories: Factories) {
    this.#engine = engine;
    this.#commands = engine.commands;
    this.#factories = factories;
  }

  onUser(
    link: Link,
    id: CommandId,
    reactorId: ReactorID,
    cmd: unknown,
  ): void {
    if (this.#engine.canWorkNow) return this.#give(link, id, reactorId, cmd);
    const completion = id === INVALID_COMMAND_ID ? undefined : answer(link, id);
    this.#commands.enqueue(new UserCmdCommand(reactorId, cmd, completion));
  }

  /** The fast way: nothing waits before it, so it need not be queued. */
  #give(link: Link, id: CommandId, reactorId: ReactorID, cmd: unknown): void {
    this.#commands.count();
    const error = this.#engine.giveCommand(reactorId, cmd);
    if (error !== undefined) {
      if (id !== INVALID_COMMAND_ID) link.answerFailed(id, error);
      else this.#commands.tellUnheard(userCmdAction(reactorId), error);
    } else if (id !== INVALID_COMMAND_ID) {
      link.answerDone(id, reactorId);
    }
  }

  onConnect(
    link: Link,
    { id, address, factory, param, options }: OpenRecord,
  ): void {
    let connects = this.#connects.get(link);
    if (connects === undefined) {
      this.#connects.set(link, connects = new Map());
    }
    const tell = answer(link, id);
    const completion: CommandCompletion = (result) => {
      connects.delete(id);
      if (connects.size === 0) this.#connects.delete(link);
      tell(result);
    };
    const command = this.#factories.connect(
      address,
      factory,
      param,
      sent(completion, options),
    );
    connects.set(id, command);
    this.#commands.enqueue(command);
  }

  onListen(
    link: Link,
    { id, address, factory, param, options }: OpenRecord,
  ): void {
    const { wrap, bind, ...rest } = sharedParts(
      options as SharedListenOptions,
      this.#engine.loop.looks,
    );
    const command = this.#factories.listen(
      address,
      factory,
      param,
      sent(answer(link, id), rest),
      wrap,
      bind,
    );
    this.#commands.enqueue(command);
  }

  onClose(
    link: Link,
    id: CommandId,
    reactorId: ReactorID,
    abort: boolean,
  ): void {
    const completion = id === INVALID_COMMAND_ID ? undefined : answer(link, id);
    this.#commands.enqueue(
      new CloseCommand(reactorId, sent(completion, { abort })),
    );
  }

  onCancel(link: Link, id: CommandId): void {
    const command = this.#connects.get(link)?.get(id);
    if (command === undefined) return;
    this.#commands.withdraw(
      command,
      new CommandCancelledError(
        `Did not ${command.action}: the command was cancelled`,
      ),
    );
  }
}

/** The options of a command from another thread, which has read them. */
function sent(
  completion: CommandCompletion | undefined,
  rest: object,
): GivenOptions {
  return {
    completion,
    deferred: undefined,
    rest: rest as GivenOptions["rest"],
    failure: undefined,
  };
}

function answer(link: Link, id: CommandId): CommandCompletion {
  return (result) => {
    if (result.ok) {
      link.answerDone(id, result.reactorId, result.localAddress);
    } else {
      link.answerFailed(id, result.error);
    }
  };
}
