import type { InvalidReactorError } from "../../api/errors.ts";
import type { ReactorID } from "../../api/reactor_id.ts";
import { type CommandExecutor, UserCmdCommand } from "../../core/commands.ts";
import { withAction } from "../../core/failures.ts";
import type { GivenOptions } from "../../core/command_options.ts";
import { isError } from "../../util/text.ts";
import { copyOf, notCloneable } from "../link/copy.ts";
import {
  movedBuffers,
  type Transfer,
  transferOf,
} from "../link/moved_buffers.ts";

/** A command for a reactor of this thread, whose buffers are moved as if it went to another one. */
export class MovedUserCmd extends UserCmdCommand<unknown> {
  readonly #transfer: Transfer;
  #isMoved = false;

  constructor(
    target: ReactorID | InvalidReactorError,
    cmd: unknown,
    given: GivenOptions,
  ) {
    super(target, cmd, given.completion);
    const transfer = transferOf(given);
    this.failure ??= given.failure;
    if (isError(transfer)) this.failure ??= transfer;
    this.#transfer = isError(transfer) ? [] : transfer;
  }

  /** Moves the buffers now, rather than when it is executed. */
  move(): void {
    if (this.failure !== undefined) return;
    this.#isMoved = true;
    const error = this.#moveAll();
    if (error !== undefined) this.failure = withAction(error, this.action);
  }

  override execute(executor: CommandExecutor<unknown>): void {
    if (!this.#isMoved) this.move();
    if (this.failure === undefined) super.execute(executor);
    else this.fail(this.failure);
  }

  #moveAll(): Error | undefined {
    const moved = movedBuffers(this.#transfer);
    if (isError(moved)) return moved;
    try {
      this.cmd = copyOf(this.cmd, moved);
      return undefined;
    } catch (thrown) {
      return notCloneable(this.cmd, thrown);
    }
  }
}
