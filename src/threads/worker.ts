/**
 * The program of a worker, unless the user brings one of their own. Not to be
 * imported.
 *
 * @module
 */

import { becomeThread } from "./worker/become_thread.ts";
import { loadModule } from "./reactor_module.ts";
import { workerThreads } from "./worker_threads.ts";

const { parentPort } = workerThreads();
if (parentPort !== null) {
  // Only here: bundlers warn of it, since they cannot know what it loads.
  const load = (url: string) => import(url);
  becomeThread(parentPort, ({ module }) => loadModule(String(module), load));
}
