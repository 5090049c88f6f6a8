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
    options: { readonly name: string },
  ) => NodeWorker;
  readonly MessageChannel: new () => {
    readonly port1: Port;
    readonly port2: Port;
  };
}

/** The object `process`. */
export interface WorkerProcess {
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
