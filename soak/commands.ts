import {
  CommandCancelledError,
  type CommandId,
  type CommandOptions,
  type CommandResult,
  Deferred,
  INVALID_COMMAND_ID,
  type ReactorID,
  type ReactRuntime,
} from "../mod.ts";
import type { SoakTally } from "./soak_tally.ts";

/** A command that the soak sends to a reactor. */
export interface UserCommand {
  readonly kind: "nothing" | "pause" | "more";
  /** How long to pause. */
  readonly ms: number;
  /** Incremented when it is executed. */
  executedCount: number;
}

/** The clock is read before and after, so this covers only rounding. */
const ROUNDING_MS = 0.01;

/**
 * Sends commands to one runtime, and checks that each is completed once, not
 * too early, and with the right result.
 */
export class WatchedCommands {
  /** Number of commands that are not completed yet. */
  openCount = 0;
  /**
   * True while the runtime is being stopped, which executes deferred closes
   * early.
   */
  isStopping = false;
  readonly #runtime: ReactRuntime<UserCommand>;
  readonly #tally: SoakTally;

  constructor(runtime: ReactRuntime<UserCommand>, tally: SoakTally) {
    this.#runtime = runtime;
    this.#tally = tally;
  }

  /** Sends a command that is due after `delayMs`, and cancels it after `cancelAfterMs`. */
  sendUser(
    id: ReactorID,
    kind: UserCommand["kind"],
    ms: number,
    delayMs: number,
    cancelAfterMs?: number,
  ): void {
    const command: UserCommand = { kind, ms, executedCount: 0 };
    let isCancelled = false;
    const completed = this.watch(
      delayMs,
      (options) => this.#runtime.cmdSender.sendUserCmd(id, command, options),
      cancelAfterMs,
    );
    completed.then((result) => {
      isCancelled = !result.ok &&
        result.error instanceof CommandCancelledError;
      if (
        command.executedCount > 1 || (result.ok && command.executedCount === 0)
      ) {
        this.#tally.breaks(
          `a command was completed and ran ${command.executedCount} times`,
        );
      }
      if (isCancelled && command.executedCount > 0) {
        this.#tally.breaks("a command that was cancelled was executed");
      }
    });
  }

  /** Closes a reactor after `delayMs`. */
  sendClose(
    id: ReactorID,
    abort: boolean,
    delayMs: number,
  ): Promise<CommandResult> {
    return this.watch(
      delayMs,
      (options) => this.#runtime.cmdSender.sendClose(id, { ...options, abort }),
      undefined,
      () => this.isStopping,
    );
  }

  /** Sends a command by `send`; resolves to its result. */
  watch(
    delayMs: number,
    send: (options: CommandOptions) => CommandId,
    cancelAfterMs?: number,
    mayBeEarly = () => false,
  ): Promise<CommandResult> {
    const start = performance.now();
    this.openCount++;
    return new Promise((resolve) => {
      let wasCancelled = false;
      let completedCount = 0;
      let isSending = true;
      const completion = (result: CommandResult): void => {
        this.#tally.commands++;
        this.openCount--;
        if (++completedCount > 1) this.#breaks("was completed twice");
        if (isSending) this.#breaks("was completed by the call that sends it");
        const early = start + delayMs - performance.now();
        if (result.ok && early > ROUNDING_MS && !mayBeEarly()) {
          this.#breaks(`was executed ${early} ms early`);
        }
        const isCancelled = !result.ok &&
          result.error instanceof CommandCancelledError;
        if (isCancelled !== wasCancelled) {
          this.#breaks(
            "was cancelled, or not, and its completion says otherwise",
          );
        }
        resolve(result);
      };
      const deferred = delayMs === 0
        ? Deferred.immediate
        : Deferred.after(delayMs);
      const id = send({ deferred, completion });
      isSending = false;
      if (cancelAfterMs === undefined || id === INVALID_COMMAND_ID) return;
      setTimeout(() => {
        wasCancelled = this.#runtime.cmdSender.cancel(id);
        if (wasCancelled) this.#tally.fault("command cancelled");
        if (wasCancelled && completedCount > 0) {
          this.#breaks("was cancelled after its completion");
        }
      }, cancelAfterMs);
    });
  }

  #breaks(what: string): void {
    this.#tally.breaks(`a command ${what}`);
  }
}
