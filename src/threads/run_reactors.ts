/**
 * The program of a worker.
 *
 * @module
 */

import { WorkerStartError } from "../api/errors.ts";
import { becomeThread } from "./worker/become_thread.ts";
import { defineReactors, type ReactorModule } from "./reactor_module.ts";
import { workerThreads } from "./worker_threads.ts";

/**
 * Makes this worker a thread of the {@linkcode ThreadedReactorMgr} that started
 * it with the option `worker`. Call it once, at the beginning of that program. A
 * bundler then finds everything that a thread runs through imports, from one entry
 * point.
 *
 * @example The program of the threads, a file of its own
 * ```ts ignore
 * import { runReactors } from "@reactio/reactio";
 * import reactors from "./reactors.ts"; // its default export is made by defineReactors
 *
 * runReactors(reactors);
 * ```
 *
 * @param module What {@linkcode defineReactors} returns. If something is wrong with
 * it, the start of the manager fails with the reason.
 * @throws {WorkerStartError} If this is not a worker thread.
 *
 * @category Threads
 */
export function runReactors(module: ReactorModule): void {
  const { parentPort } = workerThreads();
  if (parentPort === null) {
    throw new WorkerStartError(
      "Cannot run reactors in the main thread: a ThreadedReactorMgr starts the program that does, by its option worker",
    );
  }
  becomeThread(parentPort, () => defineReactors(module));
}
