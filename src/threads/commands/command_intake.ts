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
import type { AnyResult, GivenOptions } from "../../core/command_options.ts";
import { Returned } from "../../core/returned_values.ts";
import { CommandCancelledError } from "../../api/errors.ts";
import type { ReactorID } from "../../api/reactor_id.ts";
import type { Factories } from "./factories.ts";
import type { Answers } from "../link/answers.ts";
import type { OpenRecord } from "../link/batch.ts";
import type { LinkExecutor } from "../link/link_receiver.ts";
import {
  type SharedListenOptions,
  sharedParts,
} from "../listen/shared_listen.ts";

/** Takes on commands from other threads, and answers them. */
export class CommandIntake implements LinkExecutor {
  readonly #engine: Engine<unknown>;
  readonly #commands: CommandQueue<unknown>;
  readonly #factories: Factories;
  /** The connects that may be cancelled, by their ids in the threads that sent them. */
  readonly #connects = new Map<
    Answers,
    Map<CommandId, ConnectCommand<unknown>>
  >();

  constructor(engine: Engine<unknown>, factories: Factories) {
    this.#engine = engine;
    this.#commands = engine.commands;
    this.#factories = factories;
  }

  onUser(
    answers: Answers,
    id: CommandId,
    reactorId: ReactorID,
    cmd: unknown,
  ): void {
    if (this.#engine.canWorkNow) return this.#give(answers, id, reactorId, cmd);
    const completion = completionFor(answers, id);
    this.#commands.enqueue(new UserCmdCommand(reactorId, cmd, completion));
  }

  /** The fast path: nothing waits before it, so it need not be queued. */
  #give(
    answers: Answers,
    id: CommandId,
    reactorId: ReactorID,
    cmd: unknown,
  ): void {
    this.#commands.countExecuted();
    const given = this.#engine.giveCommand(reactorId, cmd);
    if (given !== undefined) this.#answer(answers, id, reactorId, given);
    else if (id !== INVALID_COMMAND_ID) answers.done(id, reactorId);
  }

  #answer(
    answers: Answers,
    id: CommandId,
    reactorId: ReactorID,
    given: Returned | Error,
  ): void {
    const isAwaited = id !== INVALID_COMMAND_ID;
    if (given instanceof Returned) {
      if (!isAwaited) return;
      given.deliver({
        onValue: (value) => answers.returned(id, reactorId, value),
        onFailed: (error) => answers.failed(id, error),
      });
    } else if (isAwaited) answers.failed(id, given);
    else this.#commands.logFailure(userCmdAction(reactorId), given);
  }

  onConnect(
    answers: Answers,
    { id, address, factory, param, options }: OpenRecord,
  ): void {
    let connects = this.#connects.get(answers);
    if (connects === undefined) {
      this.#connects.set(answers, connects = new Map());
    }
    const answer = completionFor(answers, id);
    const completion: CommandCompletion<AnyResult> = (result) => {
      connects.delete(id);
      if (connects.size === 0) this.#connects.delete(answers);
      answer?.(result);
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
    answers: Answers,
    { id, address, factory, param, options }: OpenRecord,
  ): void {
    const { wrap, bind, ...rest } = sharedParts(
      options as SharedListenOptions,
      this.#engine.loop.pollBarrier,
    );
    const command = this.#factories.listen(
      address,
      factory,
      param,
      sent(completionFor(answers, id), rest),
      wrap,
      bind,
    );
    this.#commands.enqueue(command);
  }

  onClose(
    answers: Answers,
    id: CommandId,
    reactorId: ReactorID,
    abort: boolean,
  ): void {
    const options = sent(completionFor(answers, id), { abort });
    this.#commands.enqueue(new CloseCommand(reactorId, options));
  }

  onCancel(answers: Answers, id: CommandId): void {
    const command = this.#connects.get(answers)?.get(id);
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
  completion: GivenOptions["completion"],
  rest: object,
): GivenOptions {
  return {
    completion,
    deferred: undefined,
    rest: rest as GivenOptions["rest"],
    failure: undefined,
  };
}

/** The completion that answers the command `id`; undefined if nobody awaits it. */
function completionFor(
  answers: Answers,
  id: CommandId,
): CommandCompletion<AnyResult> | undefined {
  if (id === INVALID_COMMAND_ID) return undefined;
  return (result) => {
    if (!result.ok) return answers.failed(id, result.error);
    const { reactorId, localAddress, value } = result;
    if (value === undefined) answers.done(id, reactorId, localAddress);
    else answers.returned(id, reactorId, value);
  };
}
