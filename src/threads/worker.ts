/**
 * What a worker of a `ThreadedReactorMgr` runs: not to be imported.
 *
 * @module
 */

import {
  crashedEnvelope,
  failedEnvelope,
  type StartEnvelope,
} from "./control.ts";
import { HeldPort } from "./held_port.ts";
import type { Port } from "./port.ts";
import { loadModule } from "./reactor_module.ts";
import { workerProcess, workerThreads } from "./worker_threads.ts";
import { WorkerThread } from "./worker_thread.ts";

const { parentPort } = workerThreads();
if (parentPort !== null) serve(parentPort);

function serve(port: Port): void {
  const process = workerProcess();
  const crash = (thrown: unknown) => {
    port.postMessage(crashedEnvelope(thrown));
    process.exit(1);
  };
  process.on("uncaughtException", crash);
  process.on("unhandledRejection", crash);
  const parent = new HeldPort(port);
  parent.first.then((envelope) => start(envelope as StartEnvelope, parent));
}

/** Becomes the thread that the main thread wants. */
async function start(envelope: StartEnvelope, parent: HeldPort): Promise<void> {
  const { setup } = envelope.message;
  try {
    const module = await loadModule(setup.module);
    new WorkerThread(setup, module, parent);
  } catch (error) {
    parent.postMessage(failedEnvelope(envelope, error));
    return;
  }
  parent.release();
}
