/**
 * What is used of `node:worker_threads`, which Deno and Bun have as well.
 *
 * @module
 */

import type { Port } from "./port.ts";

/** A worker, as the thread that made it sees it. */
export interface NodeWorker extends Port {
  on(event: "message", listener: (message: unknown) => void): void;
  on(event: "error", listener: (error: unknown) => void): void;
  on(event: "exit", listener: (code: number) => void): void;
  terminate(): Promise<unknown>;
}

/** The module `node:worker_threads`. */
export interface WorkerThreads {
  readonly parentPort: Port | null;
  readonly Worker: new (
    url: URL,
    options: { readonly name: string; readonly execArgv?: readonly string[] },
  ) => NodeWorker;
  readonly MessageChannel: new () => {
    readonly port1: Port;
    readonly port2: Port;
  };
}

/** The object `process`. */
export interface WorkerProcess {
  readonly execArgv?: readonly string[];
  on(
    event: "uncaughtException" | "unhandledRejection",
    listener: (thrown: unknown) => void,
  ): void;
  exit(code: number): never;
}

interface Host {
  readonly process: WorkerProcess & {
    getBuiltinModule(name: "node:worker_threads"): WorkerThreads;
  };
}

const host = globalThis as unknown as Host;

/** The process, or what a worker sees of it. */
export function workerProcess(): WorkerProcess {
  return host.process;
}

/** Not imported: the module can then be loaded where there are no threads. */
export function workerThreads(): WorkerThreads {
  return host.process.getBuiltinModule("node:worker_threads");
}

/** Flags that say what the process runs: a worker that inherited them would run that, or nothing. They may have their value in the same argument. */
const OF_THE_PROCESS =
  /^(?:--(?:input-type|eval|print|check|interactive|test|watch|run)|-(?:e|p|pe|c|i))(?:=|$)/;

/** Those of them whose value may be the next argument. */
const WITH_VALUE = /^(?:--(?:input-type|eval|print|run)|-(?:e|p|pe))$/;

/** The option that keeps such flags from a worker, which inherits all others; none if there are no such flags. */
export function inheritedFlags(
  flags: readonly string[] = host.process.execArgv ?? [],
): { readonly execArgv?: readonly string[] } {
  const execArgv = flags.filter((flag, i) =>
    !OF_THE_PROCESS.test(flag) && !WITH_VALUE.test(flags[i - 1] ?? "")
  );
  return execArgv.length === flags.length ? {} : { execArgv };
}
