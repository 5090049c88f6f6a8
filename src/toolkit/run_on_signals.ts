/**
 * Servers that stop when their process gets a signal.
 *
 * @module
 */

import { checkArgument } from "../api/check_argument.ts";
import type { Adapter } from "../contract/adapter.ts";
import type { Clock } from "../contract/clock.ts";
import type { ProcessSignals } from "../contract/signals.ts";
import { InvalidOptionError, SignalsNotSupportedError } from "../api/errors.ts";
import { custom, OptionTable } from "../api/options/rules.ts";
import { type StopOptions, stopSettings } from "../api/options/stop.ts";
import { forget } from "../util/forget.ts";
import { logInfo, logWarn } from "../util/log.ts";
import { messageOf, textOf } from "../util/text.ts";
import { SAME_SIGNAL_MS } from "../tuning.ts";

/**
 * Options of {@linkcode runOnSignals}.
 *
 * @category Reactors
 */
export interface RunOnSignalsOptions extends StopOptions {
  /** The signals that end it, each once. Default `SIGTERM` and `SIGINT`; on Windows `SIGINT` (Ctrl+C) and `SIGBREAK`. */
  readonly signals?: readonly string[] | undefined;
}

/**
 * What {@linkcode runOnSignals} runs: a {@linkcode ReactRuntime}, or a
 * {@linkcode ThreadedReactorMgr}.
 *
 * @category Reactors
 */
export type RunsOnSignals =
  & {
    /** Provides the signals and the clock. */
    readonly adapter: Pick<Adapter, "name" | "signals" | "clock">;
    /** Stops it; may be called again, with other times. */
    stop(options: StopOptions): Promise<void>;
  }
  & (
    | {
      /** Resolves when nothing is left to do. */
      run(): Promise<void>;
    }
    | {
      /** Resolves when it has ended. */
      wait(): Promise<void>;
    }
  );

/** The options of {@linkcode runOnSignals}, but for those of the stop. */
export const RUN_ON_SIGNALS_OPTIONS: OptionTable<
  Pick<RunOnSignalsOptions, "signals">
> = new OptionTable<Pick<RunOnSignalsOptions, "signals">>({
  signals: custom<readonly string[]>(
    "an array of names of signals",
    (value) =>
      Array.isArray(value) &&
      value.every((name) => typeof name === "string"),
  ),
});

/** Added to the number of a signal: the exit code of a process that it has ended. */
const SIGNAL_EXIT = 128;

/**
 * Runs a runtime, or threads, until nothing is left to do or a signal comes.
 *
 * The first signal stops gracefully: listeners close, reactors finish what is in
 * progress within `drainMs`, and connections close within `graceMs`; see
 * {@linkcode ReactRuntime.stop}. Then this resolves, and listens for no more
 * signals. The process ends when nothing else keeps it alive, with the exit code
 * that you have set, else 0.
 *
 * A second signal aborts everything, and ends the process with the exit code
 * 128 plus the number of the signal, as in a shell: 143 for `SIGTERM`, 130 for
 * `SIGINT`. A third one does not even wait for that. The same signal within
 * half a second counts once, since some tools send it to the process and to its
 * group.
 *
 * This works for process 1 of a container, too, which signals do not end by
 * themselves. Call it in the main thread: others get no signals. In a simulation,
 * `SimHost.signal` sends them.
 *
 * @param target What to run. It must be doing something already, such as
 * listening or connecting.
 * @param options How long to wait, and for which signals.
 * @returns Resolves to the signal that ended it; `undefined` if none did. It does
 * not resolve if there was a second one.
 * @throws {InvalidArgumentError} If `target` is neither a runtime nor threads.
 * @throws {SignalsNotSupportedError} If the adapter has no signals.
 * @throws {InvalidOptionError} If an option is out of range, or the system has no
 * such signal, or does not let a process listen for it, such as `SIGKILL`.
 * @throws {RuntimeBusyError} If the runtime is running already.
 *
 * @example A server that ends cleanly
 * ```ts ignore
 * import { DefaultTcpListenerHandler, MessageResult, ReactRuntime, runOnSignals } from "@reactio/reactio";
 *
 * const runtime = new ReactRuntime();
 * const listener = await runtime.listen(
 *   "127.0.0.1:4000",
 *   new DefaultTcpListenerHandler(() => ({
 *     onInboundMessage(buf, ctx) {
 *       ctx.sendOrQueue(buf);
 *       return MessageResult.dropMsgSize(buf.length);
 *     },
 *   })),
 * );
 * console.log("listening on", listener.address);
 * await runOnSignals(runtime, { drainMs: 5000 });
 * ```
 *
 * @category Reactors
 */
export async function runOnSignals(
  target: RunsOnSignals,
  options: RunOnSignalsOptions = {},
): Promise<string | undefined> {
  forget(options);
  checkArgument(target, "a runtime", "stop");
  const { adapter } = target;
  if (adapter.signals === undefined) {
    throw new SignalsNotSupportedError(
      `Cannot run on signals: the adapter ${adapter.name} has none`,
    );
  }
  const times = stopSettings(options);
  const { signals = adapter.signals.ending } = RUN_ON_SIGNALS_OPTIONS.fill(
    options,
  );
  const watch = new SignalWatch(target, adapter.signals, adapter.clock, times);
  return await watch.run(signals);
}

/** Watches for signals while `target` runs. */
class SignalWatch {
  readonly #target: RunsOnSignals;
  readonly #signals: ProcessSignals;
  readonly #clock: Clock;
  readonly #times: StopOptions;
  /** The signals that came, without repetitions. */
  readonly #received: string[] = [];
  /** When the last signal came. */
  #receivedAt = 0;
  #stopped: Promise<void> | undefined = undefined;

  constructor(
    target: RunsOnSignals,
    signals: ProcessSignals,
    clock: Clock,
    times: StopOptions,
  ) {
    this.#target = target;
    this.#signals = signals;
    this.#clock = clock;
    this.#times = times;
  }

  /** Resolves to the signal that ended it. Throws {@linkcode InvalidOptionError} if one of these names cannot be listened for. */
  async run(names: readonly string[]): Promise<string | undefined> {
    const endings: (() => void)[] = [];
    try {
      for (const name of new Set(names)) endings.push(this.#listen(name));
      const target = this.#target;
      await ("run" in target ? target.run() : target.wait());
      await this.#stopped;
      return this.#received.length > 1 ? await forEver() : this.#received[0];
    } finally {
      for (const end of endings) end();
    }
  }

  /** Begins to listen; returns a function that stops it. */
  #listen(name: string): () => void {
    const number = numberOf(this.#signals, name);
    try {
      return this.#signals.listen(name, () => this.#onSignal(name, number));
    } catch (cause) {
      throw new InvalidOptionError(
        `Cannot listen for ${name}, one of signals: ${messageOf(cause)}`,
        { cause },
      );
    }
  }

  #onSignal(name: string, number: number): void {
    const now = this.#clock.now();
    const isSame = name === this.#received.at(-1) &&
      now - this.#receivedAt < SAME_SIGNAL_MS;
    if (isSame) return;
    this.#receivedAt = now;
    const exit = () => this.#signals.exit(SIGNAL_EXIT + number);
    switch (this.#received.push(name)) {
      case 1:
        logInfo(`${name}: stopping gracefully`);
        this.#stopped = this.#target.stop(this.#times);
        return;
      case 2:
        logWarn(`${name} after ${this.#received[0]}: ending at once`);
        this.#target.stop({ drainMs: 0, graceMs: 0 }).then(exit, exit);
        return;
      default:
        return exit();
    }
  }
}

function numberOf(signals: ProcessSignals, name: string): number {
  const number = signals.numberOf(name);
  if (number !== undefined) return number;
  throw new InvalidOptionError(
    `Cannot use ${
      textOf(name)
    } as one of signals: there is none of that name to listen for`,
  );
}

/** Never resolves: the process is about to end. */
function forEver(): Promise<never> {
  return new Promise(() => {});
}
