/**
 * Servers that end when their process is asked to.
 *
 * @module
 */

import type { Adapter } from "../contract/adapter.ts";
import type { Clock } from "../contract/clock.ts";
import type { ProcessSignals } from "../contract/signals.ts";
import { InvalidOptionError, SignalsNotSupportedError } from "../api/errors.ts";
import { custom, OptionTable } from "../api/options/rules.ts";
import { type StopOptions, stopSettings } from "../api/options/stop.ts";
import { forget } from "../util/forget.ts";
import { logInfo, logWarn } from "../util/log.ts";
import { messageOf, textOf } from "../util/text.ts";

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
 * What {@linkcode runOnSignals} runs: a {@linkcode ReactRuntime}, or a {@linkcode ThreadedReactorMgr}.
 *
 * @category Reactors
 */
export type RunsOnSignals =
  & {
    /** Where the signals come from, and the time. */
    readonly adapter: Pick<Adapter, "name" | "signals" | "clock">;
    /** Ends it; may be called again, with other times. */
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

/** The exit code of a process that a signal has ended is this and its number. */
const SIGNAL_EXIT = 128;

/** Who sends a signal again within this time means the same. */
const REPEAT_MS = 500;

/**
 * Runs a runtime, or threads, until nothing is left to do or the process is asked
 * to end.
 *
 * The first signal stops it: listeners close, reactors finish what is under way
 * within `drainMs`, and connections close within `graceMs`, as
 * {@linkcode ReactRuntime.stop} says. Then this resolves, its listeners of signals
 * are removed, and the process ends with the exit code that it has, 0 if nobody has
 * set another one, as soon as nothing else keeps it. A second signal, whichever,
 * stops with no time for anything, and ends the process with 128 and the number of the
 * signal, as a shell tells of a process that a signal has ended: 143 for
 * `SIGTERM`, 130 for `SIGINT`. A third one does not even wait for that. A signal
 * that comes once more within half a second is the same one: some tools send it
 * both to the process and to its group.
 *
 * It works in a container as process 1, which signals do not end by themselves.
 * It is for the main thread: others get no signals. In a simulation it is
 * `SimHost.signal` that sends them.
 *
 * @param target What to run. It has to do something already: listen, or connect.
 * @param options How long is waited, and for which signals.
 * @returns Resolves to the signal that ended it; `undefined` if none did. It does
 * not resolve if there was a second one.
 * @throws {SignalsNotSupportedError} If the adapter has no signals.
 * @throws {InvalidOptionError} If an option is out of range, or the system has
 * no such signal, or none that a process can listen for, as `SIGKILL`.
 * @throws {RuntimeBusyError} If the runtime is run already.
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
  /** Those that have come, but for repetitions. */
  readonly #heard: string[] = [];
  /** When the last of them came. */
  #heardAt = 0;
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
      return this.#heard.length > 1 ? await forEver() : this.#heard[0];
    } finally {
      for (const end of endings) end();
    }
  }

  /** Begins to listen; returns what ends that. */
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
    const isSame = name === this.#heard.at(-1) &&
      now - this.#heardAt < REPEAT_MS;
    if (isSame) return;
    this.#heardAt = now;
    const exit = () => this.#signals.exit(SIGNAL_EXIT + number);
    switch (this.#heard.push(name)) {
      case 1:
        logInfo(`${name}: stopping gracefully`);
        this.#stopped = this.#target.stop(this.#times);
        return;
      case 2:
        logWarn(`${name} after ${this.#heard[0]}: ending at once`);
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

/** Until the process ends. */
function forEver(): Promise<never> {
  return new Promise(() => {});
}
