import type { SocketAddress } from "../../contract/address.ts";
import type { CommandId } from "../../api/command.ts";
import type { ReactorID } from "../../api/reactor_id.ts";
import type { RemoteCommand } from "../../core/commands.ts";
import { withAction } from "../../core/failures.ts";
import type { TurnLoop } from "../../core/turn_loop.ts";

/** The commands to another thread whose completions wait for an answer. */
export class UnansweredCommands {
  readonly #loop: TurnLoop<unknown>;
  readonly #commands = new Map<CommandId, RemoteCommand<unknown>>();
  #loss: Error | undefined = undefined;

  constructor(loop: TurnLoop<unknown>) {
    this.#loop = loop;
  }

  /** `command` was sent: it is completed when the answer comes, or when the thread is lost. */
  add(command: RemoteCommand<unknown>): void {
    if (this.#loss !== undefined) return this.#failLater(command, this.#loss);
    this.#commands.set(command.id as CommandId, command);
  }

  /** Forgets a command: nobody waits for it any more. */
  remove(id: CommandId): void {
    this.#commands.delete(id);
  }

  /** It was executed; false if nobody waits for it. */
  succeed(
    id: CommandId,
    reactorId: ReactorID,
    localAddress?: SocketAddress,
  ): boolean {
    const command = this.#take(id);
    command?.succeed(reactorId, localAddress);
    return command !== undefined;
  }

  /** It was executed, and its handler has returned `value`. */
  succeedWith(id: CommandId, reactorId: ReactorID, value: unknown): void {
    this.#take(id)?.succeedWith(reactorId, value);
  }

  fail(id: CommandId, error: Error): void {
    this.#take(id)?.fail(error);
  }

  /** The thread was lost because of `error`: all fail with it, in the next turn. */
  lose(error: Error): void {
    this.#loss = error;
    for (const command of this.#commands.values()) {
      this.#failLater(command, error);
    }
    this.#commands.clear();
  }

  #take(id: CommandId): RemoteCommand<unknown> | undefined {
    const command = this.#commands.get(id);
    this.#commands.delete(id);
    return command;
  }

  #failLater(command: RemoteCommand<unknown>, error: Error): void {
    this.#loop.defer(() => command.fail(withAction(error, command.action)));
  }
}
