/**
 * The options of threads.
 *
 * @module
 */

import type { Adapter } from "../contract/adapter.ts";
import { isObject, textOf } from "../util/text.ts";
import { InvalidOptionError, type WorkerExitedError } from "../api/errors.ts";
import {
  aFunction,
  anObject,
  check,
  custom,
  type Filled,
  flag,
  integer,
  OptionTable,
  readOption,
} from "../api/options/rules.ts";
import { connectionSettings } from "../api/options/connection.ts";
import {
  RUNTIME_OPTIONS,
  type RuntimeLimits,
  type RuntimeOptions,
} from "../api/options/runtime.ts";
import { MAX_INT32 } from "../util/limits.ts";
import { checkedOrder, type StopOrder } from "./manager/stop_order.ts";
import type { ServiceFactory } from "./reactor_module.ts";
import type { ReactorThreads } from "./reactor_thread.ts";

/**
 * A worker that ended by itself.
 *
 * @category Threads
 */
export interface WorkerExit {
  /** The number of its runtime. */
  readonly runtimeId: number;
  /** Why it ended; `cause` is what it threw, with its stack. */
  readonly error: WorkerExitedError;
  /** True if another worker takes its place. */
  readonly willRestart: boolean;
}

/**
 * Options of {@linkcode ThreadedReactorMgr.start}.
 *
 * @category Threads
 */
export interface ThreadedReactorOptions {
  /** How many threads. 1 to 256. */
  readonly threads: number;
  /** The URL of the module whose default export is made by `defineReactors`; each thread loads it. Needed, unless there is a `worker`. `pathToFileURL` of `node:url` makes one of a path. */
  readonly module?: string | URL | undefined;
  /** Instead of `module`, the URL of the program that each thread runs, which calls `runReactors`: for programs that a bundler makes. */
  readonly worker?: string | URL | undefined;
  /**
   * Makes the adapter of the main thread, which does not load the module, but
   * accepts connections for `listenAll` where ports cannot be shared. Called once.
   * If the module has an `adapter`, pass the same one: `adapter: reactors.adapter`.
   *
   * @returns The adapter.
   */
  readonly adapter?: (() => Adapter) | undefined;
  /**
   * The services of the main thread, which does not load the module: any thread
   * can ask them as those of `"main"`. They may be those of the module, or others.
   */
  readonly services?:
    | Readonly<Record<string, ServiceFactory<ReactorThreads>>>
    | undefined;
  /** The options of each thread's runtime. `record` is not among them: the module gives a recorder to its own connections. */
  readonly runtime?: Omit<RuntimeOptions, "adapter" | "record"> | undefined;
  /** How many milliseconds a worker may take to be ready. 1 to 2^31 - 1, default 30000. */
  readonly startTimeoutMs?: number | undefined;
  /** Whether a new worker replaces one that ended by itself. Default false. */
  readonly restart?: boolean | undefined;
  /** How often a runtime is restarted within `restartWindowMs`; after that it stays away. 1 to 1000, default 5. */
  readonly maxRestarts?: number | undefined;
  /** Milliseconds within which `maxRestarts` applies. 1 to 2^31 - 1, default 60000. */
  readonly restartWindowMs?: number | undefined;
  /**
   * The order in which runtimes stop: groups of their ids, one after the other.
   * Runtimes that are in no group stop first, together. Put runtimes that serve
   * others last: with `[[0]]`, runtime 0 goes on until all others have stopped.
   * The times of a stop are for all groups together. Default `[]`.
   */
  readonly stopOrder?: readonly (readonly number[])[] | undefined;
  /**
   * Called when a worker has ended by itself, after everything that waited for it
   * has failed, and its names are gone from the main thread. If it throws or
   * rejects, that is logged.
   *
   * @param exit Which worker, and why.
   */
  readonly onWorkerExit?: ((exit: WorkerExit) => void) | undefined;
}

/** {@linkcode ThreadedReactorOptions} with nothing left out. */
export interface ThreadedReactorSettings extends
  Filled<
    Omit<
      ThreadedReactorOptions,
      "onWorkerExit" | "module" | "worker" | "adapter" | "services"
    >
  > {
  /** Exactly one of these two is given. */
  readonly module: string | undefined;
  readonly worker: string | undefined;
  readonly adapter: (() => Adapter) | undefined;
  readonly services: ThreadedReactorOptions["services"];
  readonly onWorkerExit: (exit: WorkerExit) => void;
}

type CheckedOptions = Omit<ThreadedReactorOptions, "module" | "worker">;

/** The options of threads, except for what they run. */
export const THREADED_REACTOR_OPTIONS: OptionTable<CheckedOptions> =
  new OptionTable<CheckedOptions>({
    threads: integer(1, 256),
    runtime: anObject<RuntimeLimits>({}),
    startTimeoutMs: integer(1, MAX_INT32, 30_000),
    restart: flag(false),
    maxRestarts: integer(1, 1000, 5),
    restartWindowMs: integer(1, MAX_INT32, 60_000),
    stopOrder: custom<StopOrder>(
      "an array of arrays of runtime ids",
      Array.isArray,
      [],
    ),
    adapter: aFunction<() => Adapter>(),
    services: custom<NonNullable<ThreadedReactorOptions["services"]>>(
      "an object of functions",
      areFunctions,
    ),
    onWorkerExit: aFunction<(exit: WorkerExit) => void>(() => {}),
  });

/** Checks `options` and fills in the defaults. Throws {@linkcode InvalidOptionError}. */
export function threadedReactorSettings(
  options: ThreadedReactorOptions,
): ThreadedReactorSettings {
  const settings = THREADED_REACTOR_OPTIONS.fill(options);
  if (settings.threads === undefined) {
    throw new InvalidOptionError("Cannot start threads: threads is not given");
  }
  const module = readOption(options, "module");
  const worker = readOption(options, "worker");
  if ((module === undefined) === (worker === undefined)) {
    const which = module === undefined ? "neither is" : "both are";
    throw new InvalidOptionError(
      `Cannot start threads: they run a module or a worker, and ${which} given`,
    );
  }
  const { record, ...connection } = connectionSettings(settings.runtime);
  const must =
    "left out: what records cannot be sent to threads, and the module gives it to its connections";
  check("record of runtime", record, record === undefined, must);
  return {
    ...settings,
    stopOrder: checkedOrder(settings.stopOrder, settings.threads),
    runtime: {
      ...connection,
      ...RUNTIME_OPTIONS.fill(settings.runtime),
    },
    module: module === undefined ? undefined : moduleUrl(module),
    worker: worker === undefined ? undefined : moduleUrl(worker),
  };
}

function areFunctions(value: unknown): boolean {
  return isObject(value) &&
    Object.values(value).every((one) => typeof one === "function");
}

/** A Windows drive: `C:\x.ts` parses as a URL, too. */
const DRIVE = /^[a-z]:$/;

function moduleUrl(module: string | URL): string {
  let url: URL;
  try {
    url = new URL(module);
  } catch (cause) {
    throw noUrl(module, { cause });
  }
  if (DRIVE.test(url.protocol)) throw noUrl(module);
  return url.href;
}

function noUrl(module: unknown, options?: ErrorOptions): InvalidOptionError {
  return new InvalidOptionError(
    `Cannot use ${
      textOf(module)
    } as a module: it must be a URL, like new URL("./reactors.ts", import.meta.url), or pathToFileURL(path) of node:url`,
    options,
  );
}
