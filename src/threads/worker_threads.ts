/**
 * What is used of `node:worker_threads`, which Deno and Bun have as well.
 *
 * @module
 */

import type { ChannelPort, Port } from "./link/port.ts";

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
    readonly port1: ChannelPort;
    readonly port2: ChannelPort;
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

interface HostWithWorkers {
  readonly process: WorkerProcess & {
    getBuiltinModule(name: "node:worker_threads"): WorkerThreads;
  };
}

const host = globalThis as unknown as HostWithWorkers;

/**
 * True if whoever receives a message has it searched for ports, at each element of
 * its arrays and views: on Deno, which takes 80 ns for each byte of a view. A set is
 * not searched.
 */
export const SEARCHES_MESSAGES: boolean = "Deno" in host;

/** The process, or what a worker sees of it. */
export function workerProcess(): WorkerProcess {
  return host.process;
}

/** Not imported: the module can then be loaded where there are no threads. */
export function workerThreads(): WorkerThreads {
  return host.process.getBuiltinModule("node:worker_threads");
}

/** With this flag no file is loaded, so a worker that inherits it ends at once. */
const INPUT_TYPE = /^--input-type(?:=|$)/;

/** Flags that say how modules are loaded, and those of them whose value is the next argument. */
const OF_LOADING =
  /^(?:-r|-C|--(?:require|import|loader|experimental-loader|conditions|enable-source-maps|no-warnings|preserve-symlinks|experimental-(?:strip|transform)-types))(?:=|$)/;
const WITH_VALUE =
  /^(?:-r|-C|--(?:require|import|loader|experimental-loader|conditions))$/;

/**
 * The option by which a worker inherits of the flags of the process only those
 * that say how modules are loaded, if one of them would end it. (Not always: of
 * the others many may be inherited but not given.)
 */
export function inheritedFlags(
  flags: readonly string[] = host.process.execArgv ?? [],
): { readonly execArgv?: readonly string[] } {
  if (!flags.some((flag) => INPUT_TYPE.test(flag))) return {};
  return {
    execArgv: flags.filter((flag, i) =>
      OF_LOADING.test(flag) || (i > 0 && WITH_VALUE.test(flags[i - 1]))
    ),
  };
}
