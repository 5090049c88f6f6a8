/**
 * The part of `node:worker_threads` that is used; Deno and Bun have it, too.
 *
 * @module
 */

import type { ChannelPort, Port } from "./link/port.ts";

/** A worker, as seen by the thread that started it. */
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
  emit(event: "exit", code: number): void;
  exit(code: number): never;
}

interface HostWithWorkers {
  readonly close?: () => void;
  readonly process: WorkerProcess & {
    getBuiltinModule(name: "node:worker_threads"): WorkerThreads;
  };
}

const host = globalThis as unknown as HostWithWorkers;

const isDeno = "Deno" in host;

/**
 * True on Deno, which searches each received message for ports, including every
 * element of arrays and views: 80 ns for each byte of a view. It does not search
 * sets.
 */
export const SEARCHES_MESSAGES: boolean = isDeno;

/** The object `process` of this thread. */
export function workerProcess(): WorkerProcess {
  return host.process;
}

/**
 * Ends this worker as failed. On Deno, `process.exit` waits in an endless loop to
 * be ended, and is not ended if the worker is terminated at the same moment: the
 * thread would use up a processor until the process ends.
 */
export function exitWorker(): void {
  if (!isDeno) host.process.exit(1);
  try {
    host.process.emit("exit", 1);
  } finally {
    host.close?.();
  }
}

/** Loaded on demand, so that the library also works where there are no threads. */
export function workerThreads(): WorkerThreads {
  return host.process.getBuiltinModule("node:worker_threads");
}

/** With this flag, no file is loaded: a worker that inherits it ends at once. */
const INPUT_TYPE = /^--input-type(?:=|$)/;

/** Flags for how modules are loaded; below, those whose value is the next argument. */
const OF_LOADING =
  /^(?:-r|-C|--(?:require|import|loader|experimental-loader|conditions|enable-source-maps|no-warnings|preserve-symlinks|experimental-(?:strip|transform)-types))(?:=|$)/;
const WITH_VALUE =
  /^(?:-r|-C|--(?:require|import|loader|experimental-loader|conditions))$/;

/**
 * Worker options that pass on only the flags for loading modules, if another flag
 * of the process would end the worker. Otherwise none, so that it inherits all of
 * them: many flags can be inherited but not passed.
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
