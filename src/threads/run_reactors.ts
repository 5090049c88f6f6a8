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
 * it by its option `worker`: what such a program calls, once, at its beginning.
 * So a bundler finds all that a thread runs by imports, from one entry point.
 *
 * @example The program of the threads, a file of its own
 * ```ts ignore
 * import { runReactors } from "@reactio/reactio";
 * import reactors from "./reactors.ts"; // its default export is made by defineReactors
 *
 * runReactors(reactors);
 * ```
 *
 * @param module What {@linkcode defineReactors} returns. What is wrong with it is
 * told to the manager, whose start then fails.
 * @throws {WorkerStartError} If this is no worker.
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
