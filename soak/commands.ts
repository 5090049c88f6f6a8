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
import type { Tally } from "./tally.ts";

/** What the soak tells a reactor. */
export interface UserCommand {
  readonly kind: "nothing" | "pause" | "more";
  /** How long to pause. */
  readonly ms: number;
  /** How often it was carried out. */
  runCount: number;
}

/** Clocks are read before and after, so this is about rounding only. */
const ROUNDING_MS = 0.01;

/** Sends commands to one runtime, and sees to it that each is completed once, not early, and as it was carried out. */
export class WatchedCommands {
  /** How many are not completed. */
  openCount = 0;
  /** The runtime is being stopped, which carries closes out that wait for their time. */
  isStopping = false;
  readonly #runtime: ReactRuntime<UserCommand>;
  readonly #tally: Tally;

  constructor(runtime: ReactRuntime<UserCommand>, tally: Tally) {
    this.#runtime = runtime;
    this.#tally = tally;
  }

  /** Gives a command to a reactor after `delayMs`, and takes it back after `cancelAfterMs`. */
  sendUser(
    id: ReactorID,
    kind: UserCommand["kind"],
    ms: number,
    delayMs: number,
    cancelAfterMs?: number,
  ): void {
    const command: UserCommand = { kind, ms, runCount: 0 };
    let isCancelled = false;
    const told = this.watch(
      delayMs,
      (options) => this.#runtime.cmdSender.sendUserCmd(id, command, options),
      cancelAfterMs,
    );
    told.then((result) => {
      isCancelled = !result.ok &&
        result.error instanceof CommandCancelledError;
      if (command.runCount > 1 || (result.ok && command.runCount === 0)) {
        this.#tally.breaks(
          `a command was completed and ran ${command.runCount} times`,
        );
      }
      if (isCancelled && command.runCount > 0) {
        this.#tally.breaks("a command that was cancelled was carried out");
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

  /** Has `send` send a command; resolves to what became of it. */
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
      let toldCount = 0;
      let isSending = true;
      const completion = (result: CommandResult): void => {
        this.#tally.commands++;
        this.openCount--;
        if (++toldCount > 1) this.#breaks("was completed twice");
        if (isSending) this.#breaks("was completed by the call that sends it");
        const early = start + delayMs - performance.now();
        if (result.ok && early > ROUNDING_MS && !mayBeEarly()) {
          this.#breaks(`was carried out ${early} ms early`);
        }
        const isCancelled = !result.ok &&
          result.error instanceof CommandCancelledError;
        if (isCancelled !== wasCancelled) {
          this.#breaks("was cancelled, or not, and told otherwise");
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
        if (wasCancelled && toldCount > 0) {
          this.#breaks("was cancelled after its completion");
        }
      }, cancelAfterMs);
    });
  }

  #breaks(what: string): void {
    this.#tally.breaks(`a command ${what}`);
  }
}
