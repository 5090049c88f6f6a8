/**
 * What a worker of a `ThreadedReactorMgr` runs that is not a program of the
 * user's own: not to be imported.
 *
 * @module
 */

import { becomeThread } from "./worker/become_thread.ts";
import { loadModule } from "./reactor_module.ts";
import { workerThreads } from "./worker_threads.ts";

const { parentPort } = workerThreads();
if (parentPort !== null) {
  // Here alone: bundlers, which cannot know what it loads, warn of it.
  const load = (url: string) => import(url);
  becomeThread(parentPort, ({ module }) => loadModule(String(module), load));
}
