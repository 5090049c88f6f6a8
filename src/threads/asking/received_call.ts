import { RuntimeStoppedError } from "../../api/errors.ts";
import { INVALID_REACTOR_ID } from "../../api/reactor_id.ts";
import { Command } from "../../core/commands.ts";

/** A question or message that waits for its turn among the commands. */
export class ReceivedCall extends Command<unknown> {
  readonly action: string;
  readonly #run: () => void;

  /** `run` executes it; `refuse` is called instead if the queue does not take it. */
  constructor(
    action: string,
    run: () => void,
    refuse: (error: Error) => void,
  ) {
    super((result) => {
      if (result.ok) return;
      // A thread that is stopping answers the others as long as it exists.
      if (result.error instanceof RuntimeStoppedError) run();
      else refuse(result.error);
    });
    this.action = action;
    this.#run = run;
  }

  execute(): void {
    this.#run();
    this.succeed(INVALID_REACTOR_ID);
  }
}
